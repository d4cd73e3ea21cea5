import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseCsv, type Row } from './csv.ts';

/**
 * Makes the shipped code sets from the files their publishers offer:
 *   node script/makeCodeSets.ts FOLDER [profiles/terminology]
 * FOLDER holds the files named below. What is licensed by others (CPT, CDT, CARC texts, NUBC texts) is left out here.
 */
const [from = '.', to = 'profiles/terminology'] = process.argv.slice(2);

const bytes = (file: string): Buffer => readFileSync(join(from, file));
const rows = (file: string): Row[] =>
  parseCsv((file.endsWith('.gz') ? gunzipSync(bytes(file)) : bytes(file)).toString('utf8'));

interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly property?: readonly { readonly code: string; readonly valueBoolean: boolean }[];
}
interface Head {
  readonly name: string;
  readonly url: string;
  readonly version: string;
  readonly publisher: string;
  readonly copyright: string;
  readonly content: 'complete' | 'fragment';
}

/** Writes a CodeSystem, one concept a line, in the order of the codes. */
function write(file: string, head: Head, concepts: readonly Concept[]): void {
  const sorted = [...concepts].sort((a, b) => (a.code < b.code ? -1 : 1));
  const { name, ...rest } = head;
  const json = JSON.stringify(
    { resourceType: 'CodeSystem', id: file, name, status: 'active', ...rest, count: sorted.length },
    null,
    1,
  );
  const lines = sorted.map((c) => JSON.stringify(c)).join(',\n');
  writeFileSync(join(to, `CodeSystem-${file}.json`), `${json.slice(0, -2)},\n "concept": [\n${lines}\n]}\n`);
}

const cmsPublic = 'Published by the Centers for Medicare & Medicaid Services, public.';
const nubc =
  'Codes as published by CMS in beneficiary-fhir-data (CC0-1.0). The code set and its texts belong to the NUBC (AHA): codes only, no texts.';
const unused = /reserved|no description|obsolete|discontinued|unassigned|not currently used|^unknown/i;

/** The codes of a CMS list that are in use, without their texts. */
const inUse = (file: string): Concept[] =>
  rows(`bfd/${file}.csv`)
    .filter(({ display = '' }) => !unused.test(display))
    .map(({ code = '' }) => ({ code }));

/** How HCPCS names a code that says only "something else"; a drug "not otherwise specified" has a name all the same. */
const unlisted = (code: string, text: string): boolean =>
  !/^[GM]/.test(code) &&
  (/\b(unlisted|unclassified|miscellaneous|not (otherwise|elsewhere) classified|noc)\b/i.test(text) ||
    (/^([ABCEKLTV]..99|J8.9.)$/.test(code) && /\b(not otherwise specified|nos)\b/i.test(text)));

/** What of a description the scrub asks for: something else, or an add-on to another service. */
function propertiesOf(code: string, text: string): Pick<Concept, 'property'> {
  const property = [
    ...(unlisted(code, text) ? ['unlisted'] : []),
    ...(/list separately in addition/i.test(text) ? ['add-on'] : []),
  ].map((name) => ({ code: name, valueBoolean: true }));
  return property.length === 0 ? {} : { property };
}

function hcpcs(): void {
  const all = rows('hcpcs-level2-2025-sidscorp.csv').map(
    ({ HCPCS_CODE = '', SHORT_DESCRIPTION = '', LONG_DESCRIPTION = '' }) => ({
      code: HCPCS_CODE,
      display: SHORT_DESCRIPTION,
      ...propertiesOf(HCPCS_CODE, LONG_DESCRIPTION),
    }),
  );
  const url = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
  const head = {
    url,
    version: '2025',
    publisher: 'CMS',
    copyright: `${cmsPublic} Without the D codes of the ADA.`,
    content: 'complete',
  } as const;
  write(
    'hcpcs-2025',
    { ...head, name: 'HcpcsLevel2' },
    all.filter((c) => /^[A-CE-Z]\d{4}$/.test(c.code)),
  );
  write(
    'hcpcs-modifier-2025',
    { ...head, name: 'HcpcsModifier' },
    all.filter((c) => c.code.length === 2),
  );
}

function placeOfService(): void {
  const xml = bytes('CMS-PlaceofServiceCodes.utg.xml').toString('utf8');
  const concepts = [...xml.matchAll(/<concept>\s*<code value="(\d\d)"\/>\s*<display value="([^"]*)"/g)].map(
    ([, code = '', display = '']) => ({ code, display: display.replaceAll('&amp;', '&') }),
  );
  const url = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';
  write(
    'place-of-service',
    {
      name: 'PlaceOfService',
      url,
      version: '20240502',
      publisher: 'CMS',
      copyright: cmsPublic,
      content: 'complete',
    },
    concepts,
  );
}

function billing(): void {
  const base = { version: '2026-08', publisher: 'NUBC', copyright: nubc, content: 'fragment' } as const;
  const sets: [file: string, name: string, code: string, concepts: Concept[]][] = [
    ['revenue-code', 'RevenueCode', 'RevenueCodes', inUse('CLM-REV-CNTR-CD')],
    ['type-of-bill', 'TypeOfBillFacilityAndClass', 'TypeOfBill', inUse('CLM-BILL-CLSFCTN-CD')],
    ['condition-code', 'ConditionCode', 'ConditionCodes', inUse('CLM-RLT-COND-CD')],
    [
      'admission-type',
      'AdmissionType',
      'PriorityTypeOfAdmitOrVisit',
      inUse('CLM-ADMSN-TYPE-CD').concat({ code: '9' }),
    ],
    ['point-of-origin', 'PointOfOrigin', 'PointOfOrigin', pointsOfOrigin()],
    ['discharge-status', 'DischargeStatus', 'PatDischargeStatus', inUse('BENE-PTNT-STUS-CD')],
  ];
  for (const [file, name, code, concepts] of sets)
    write(file, { ...base, name, url: `https://www.nubc.org/CodeSystem/${code}` }, concepts);
  const frequencies = new Set(rows('bfd/CLM-BILL-FREQ-CD.csv').map(({ code = '' }) => code.slice(2, 3)));
  const used = [...frequencies].filter((code) => /^[0-9A-Z]$/.test(code)).map((code) => ({ code }));
  write(
    'type-of-bill-frequency',
    { ...base, name: 'TypeOfBillFrequency', url: 'https://www.nubc.org/CodeSystem/TypeOfBill' },
    used,
  );
}

/** Reserved only for one of grown patients and newborns is still in use. */
const pointsOfOrigin = (): Concept[] =>
  rows('bfd/CLM-ADMSN-SRC-CD.csv')
    .filter(({ display = '' }) => display.split('/').some((part) => !/reserved|no description/i.test(part)))
    .map(({ code = '' }) => ({ code }));

function msDrg(): void {
  const text = bytes('msdrg-v40-appendix_A.txt').toString('utf8');
  const concepts = [...text.matchAll(/^(\d{3}) /gm)].map(([, code = '']) => ({ code }));
  const url =
    'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software';
  write(
    'ms-drg-40',
    { name: 'MsDrg', url, version: '40', publisher: 'CMS', copyright: cmsPublic, content: 'complete' },
    concepts,
  );
}

function taxonomy(): void {
  const copyright =
    'Health Care Provider Taxonomy, version 25.1, of the National Uniform Claim Committee (NUCC), codes only. Free to use; commercial use needs a licence of the NUCC, at no fee: https://www.nucc.org. A site may replace this file.';
  const concepts = rows('nucc_taxonomy_251.csv.gz').map(({ Code = '' }) => ({ code: Code }));
  write(
    'nucc-taxonomy-251',
    {
      name: 'ProviderTaxonomy',
      url: 'http://nucc.org/provider-taxonomy',
      version: '25.1',
      publisher: 'NUCC',
      copyright,
      content: 'complete',
    },
    concepts,
  );
}

/** ICD-10-CM as one string: for each code, sorted, how many characters it shares with the one before, the rest, its kind. */
function icd10cm(): void {
  const all = rows('icd10cm-fy2022.csv.gz').sort((a, b) => ((a['code'] ?? '') < (b['code'] ?? '') ? -1 : 1));
  let before = '';
  const codes = all.map(({ code = '', billable, poa_exempt }) => {
    let shared = 0;
    while (shared < code.length && code[shared] === before[shared]) shared++;
    before = code;
    return `${shared}${code.slice(shared)}${billable !== '1' ? '.' : poa_exempt === 'Y' ? 'y' : 'n'}`;
  });
  const head = {
    name: 'ICD-10-CM, fiscal year 2022',
    url: 'http://hl7.org/fhir/sid/icd-10-cm',
    source:
      'ICD-10-CM of NCHS and CMS, public; compilation icd10us by Victor Castro, github.com/vcastro/icd10us, 2021-11-11',
    licence: 'CC-BY-4.0 (the compilation)',
    changes: 'Texts left out; codes, billable flag and POA exemption kept.',
    form: 'For each code: shared characters, the rest, then . header, n billable, y billable and exempt from POA.',
    count: codes.length,
    codes: codes.join(''),
  };
  writeFileSync(join(to, 'icd10cm-2022.json'), `${JSON.stringify(head, null, 1)}\n`);
}

mkdirSync(to, { recursive: true });
for (const make of [hcpcs, placeOfService, billing, msDrg, taxonomy, icd10cm]) make();
