import type { CodeSystem } from '@medplum/fhirtypes';
import { shippedText } from './codeSystem.ts';
import { dotted, icd10cmCodes, icd10cmEdition } from './icd10cm.ts';
import { system } from './system.ts';

/** The files of each code system that the server brings along; one may be in two parts. */
const files: Readonly<Record<string, readonly string[]>> = {
  [system.admissionType]: ['admission-type'],
  'https://www.nubc.org/CodeSystem/ConditionCodes': ['condition-code'],
  [system.dischargeStatus]: ['discharge-status'],
  [system.hcpcs]: ['hcpcs-2025', 'hcpcs-modifier-2025'],
  [system.msDrg]: ['ms-drg-40'],
  [system.taxonomy]: ['nucc-taxonomy-251'],
  [system.placeOfService]: ['place-of-service'],
  [system.pointOfOrigin]: ['point-of-origin'],
  [system.revenueCode]: ['revenue-code'],
  [system.typeOfBill]: ['type-of-bill', 'type-of-bill-frequency'],
};

/** A code system that the server brings along, whole; undefined for others. */
export function shippedCodeSystem(url: string): CodeSystem | undefined {
  if (url === system.icd10cm) return icd10cm();
  const parts = (files[url] ?? []).map(
    (name) => JSON.parse(shippedText(`CodeSystem-${name}.json`)) as CodeSystem,
  );
  const [first] = parts;
  if (!first) return undefined;
  const partial = parts.find(({ content }) => content !== 'complete');
  return { ...(partial ?? first), concept: parts.flatMap(({ concept = [] }) => concept) };
}

/** The newest edition of ICD-10-CM; a code is below the one that it refines. */
function icd10cm(): CodeSystem {
  const edition = icd10cmEdition('9999-12-31');
  const codes = icd10cmCodes(edition);
  const known = new Set(codes);
  const parentOf = (code: string): string | undefined => {
    for (let length = code.length - 1; length >= 3; length -= 1)
      if (known.has(code.slice(0, length))) return code.slice(0, length);
    return undefined;
  };
  return {
    resourceType: 'CodeSystem',
    status: 'active',
    content: 'complete',
    url: system.icd10cm,
    version: edition.name,
    hierarchyMeaning: 'is-a',
    concept: codes.map((code) => {
      const parent = parentOf(code);
      const property = parent === undefined ? [] : [{ code: 'parent', valueCode: dotted(parent) }];
      return { code: dotted(code), property };
    }),
  };
}
