import type {
  Claim,
  ClaimItem,
  CodeableConcept,
  Coverage,
  Organization,
  Patient,
  Practitioner,
  RelatedPerson,
  Resource,
} from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { knownAs, type Known } from '../../datatypes/known.ts';
import { namePartsOf } from '../../datatypes/personName.ts';
import { pasExtension } from '../../terminology/pas.ts';
import { nearRelationships } from '../../terminology/relationship.ts';
import { system } from '../../terminology/system.ts';
import type { Loop } from '../../x12/loop.ts';
import { organizationSegment, personSegment } from '../../x12/party.ts';
import { segment, type Segment, type Value } from '../../x12/segment.ts';
import { dateText, digits, dtp } from '../../x12/value.ts';
import { serviceOf278, serviceTrace } from './service278.ts';

/** A prior authorization to be asked for, with all that it refers to. */
export interface ToAuthorize {
  readonly claim: Claim; // use preauthorization
  readonly known: Known;
  readonly trace: string; // BHT03 and TRN02; of a service with its sequence behind it
}

/** What a 278 cannot say, or what cannot be asked for without it. The sentence holds no value of the chart. */
export interface Problem {
  readonly expression: string;
  readonly text: string;
  readonly refuses?: true;
}

export const requestGuide = '005010X217';
/** BHT02: 13 asks for a decision, 28 where a decision stands. */
export type Purpose = '13' | '28';

interface Header {
  readonly on: string; // FHIR date
  readonly time: string; // HHMM
  readonly purpose?: Purpose;
}

type Person = Patient | RelatedPerson;

interface Parties {
  readonly payer: Organization | undefined;
  readonly provider: Organization | Practitioner | undefined;
  readonly patient: Patient | undefined;
  readonly holder: Person | undefined;
  readonly coverage: Coverage | undefined;
  readonly relationship: string; // 18 is the patient himself
}

/** The set of a 278 for one claim: payer, requester, member, event, and a level for each service. 005010X217 */
export function requestSet(
  toAuthorize: ToAuthorize,
  { on, time, purpose = '13' }: Header,
): { readonly set: Loop; readonly problems: readonly Problem[] } {
  const { claim, trace } = toAuthorize;
  const parties = partiesOf(toAuthorize);
  const { payer, provider } = parties;
  const member = memberLevel(toAuthorize, parties);
  const set: Loop = {
    id: 'ST',
    segments: [segment('BHT', ['0007', purpose, trace, dateText(on), time])],
    loops: [
      {
        id: '2000A',
        segments: [segment('HL', ['1', '', '20', '1'])],
        loops: [
          loop(
            '2010A',
            organizationSegment('X3', payer?.name, ['PI', identifierOf(payer, system.payerId) ?? '']),
          ),
          {
            id: '2000B',
            segments: [segment('HL', ['2', '1', '21', '1'])],
            loops: [loop('2010B', ...providerSegments('1P', provider)), member],
          },
        ],
      },
    ],
  };
  return { set, problems: problemsOf(claim, parties) };
}

/** Loop 2000C with the event in it or, where the patient is somebody else, in 2000D. */
function memberLevel(toAuthorize: ToAuthorize, parties: Parties): Loop {
  const { claim } = toAuthorize;
  const { provider, holder, coverage, patient, relationship } = parties;
  let levels = 3;
  const next = (parent: number, code: string, child: string): Segment =>
    segment('HL', [String((levels += 1)), String(parent), code, child]);
  const isSelf = relationship === '18';
  const dependentHl = isSelf ? undefined : next(3, '23', '1');
  const eventParent = levels;
  const eventHl = next(eventParent, 'EV', (claim.item ?? []).length > 0 ? '1' : '0');
  const event: Loop = {
    id: '2000E',
    segments: [eventHl, ...eventSegments(toAuthorize, parties)],
    loops: [
      loop('2010EA', ...providerSegments('SJ', provider)),
      ...(claim.item ?? []).map((item): Loop => ({
        id: '2000F',
        segments: [next(eventParent + 1, 'SS', '0'), ...serviceSegments(toAuthorize, parties, item)],
        loops: [],
      })),
    ],
  };
  return {
    id: '2000C',
    segments: [segment('HL', ['3', '2', '22', '1'])],
    loops: [
      loop(
        '2010C',
        personSegment('IL', namePartsOf(holder?.name), ['MI', coverage?.subscriberId ?? '']),
        ...(isSelf ? born(patient) : []),
      ),
      ...(dependentHl
        ? [
            {
              id: '2000D',
              segments: [dependentHl],
              loops: [
                loop(
                  '2010D',
                  personSegment('QC', namePartsOf(patient?.name)),
                  ...born(patient),
                  segment('INS', ['N', relationship === '' ? 'G8' : relationship]),
                ),
                event,
              ],
            },
          ]
        : [event]),
    ],
  };
}

const loop = (id: string, ...segments: readonly Segment[]): Loop => ({ id, segments, loops: [] });

function partiesOf({ claim, known }: ToAuthorize): Parties {
  const insurance = claim.insurance.find(({ focal }) => focal) ?? claim.insurance[0];
  const coverage = knownAs<Coverage>(known, 'Coverage', insurance?.coverage);
  const patient = knownAs<Patient>(known, 'Patient', claim.patient);
  const relationship = relationshipCode(coverage?.relationship);
  const holder =
    knownAs<Patient>(known, 'Patient', coverage?.subscriber) ??
    knownAs<RelatedPerson>(known, 'RelatedPerson', coverage?.subscriber);
  return {
    payer: knownAs<Organization>(known, 'Organization', claim.insurer),
    provider:
      knownAs<Organization>(known, 'Organization', claim.provider) ??
      knownAs<Practitioner>(known, 'Practitioner', claim.provider),
    ...{ patient, coverage, relationship },
    holder: relationship === '18' ? patient : holder,
  };
}

function relationshipCode(relationship: CodeableConcept | undefined): string {
  const code = codeOf(relationship, system.subscriberRelationship) ?? 'self';
  return codeOf(relationship, system.x12Relationship) ?? nearRelationships[code] ?? 'G8';
}

function providerSegments(code: string, provider: Organization | Practitioner | undefined): Segment[] {
  const npi = ['XX', identifierOf(provider, system.npi) ?? ''] as const;
  return [
    provider?.resourceType === 'Practitioner'
      ? personSegment(code, namePartsOf(provider.name), npi)
      : organizationSegment(code, provider?.name, npi),
  ];
}

const genders: Readonly<Record<string, string>> = { male: 'M', female: 'F' };

function born(person: Person | undefined): Segment[] {
  const day = dateText(person?.birthDate);
  return day === '' ? [] : [segment('DMG', ['D8', day, genders[person?.gender ?? ''] ?? 'U'])];
}

/** TRN03: 1 and the tax number of who asks, else 9 and what is known of it. */
function originatorOf(provider: Resource | undefined): string {
  const named = provider as Organization | Practitioner | undefined;
  const tax = digits(identifierOf(named, system.taxId, system.ein));
  if (tax.length === 9) return `1${tax}`;
  return `9${digits(identifierOf(named, system.npi)).slice(-9).padStart(9, '0')}`;
}

const coded = (item: ClaimItem | undefined, url: string, uri: string): string | undefined =>
  codeOf(extensionOf(item, url)?.valueCodeableConcept, uri);

const isStay = (claim: Claim): boolean =>
  codeOf(claim.type, system.claimType) === 'institutional' && claim.billablePeriod?.end !== undefined;

/** TRN, UM, DTP and HI of the event as a whole. */
function eventSegments({ claim, trace }: ToAuthorize, { provider }: Parties): Segment[] {
  const [first] = claim.item ?? [];
  const { start, end } = claim.billablePeriod ?? {};
  const category =
    coded(first, pasExtension.requestType, system.x12RequestCategory) ?? (isStay(claim) ? 'AR' : 'HS');
  return [
    segment('TRN', ['1', trace, originatorOf(provider)]),
    reviewSegment(first, category),
    ...(category === 'AR' ? [...dtp('435', start), ...dtp('096', end)] : dtp('AAH', start, end)),
    ...diagnoses(claim),
  ];
}

/** UM: what is asked for, of which kind, where. */
function reviewSegment(item: ClaimItem | undefined, category: string): Segment {
  const certification = coded(item, pasExtension.certificationType, system.x12CertificationType) ?? 'I';
  const place = codeOf(item?.locationCodeableConcept, system.placeOfService);
  const where: Value = place === undefined ? '' : [place, 'B'];
  const type = codeOf(item?.category, system.x12ServiceType) ?? '';
  return segment('UM', [category, certification, type, where, '', '', '', '', 'Y']);
}

/** HI: the principal diagnosis first. */
function diagnoses({ diagnosis = [] }: Claim): Segment[] {
  const codes = diagnosis
    .toSorted((a, b) => a.sequence - b.sequence)
    .flatMap(({ diagnosisCodeableConcept }) => codeOf(diagnosisCodeableConcept, system.icd10cm) ?? [])
    .slice(0, 12)
    .map((code, n) => [n === 0 ? 'ABK' : 'ABF', code.replace('.', '')]);
  return codes.length === 0 ? [] : [segment('HI', codes)];
}

/** TRN, DTP and SV1 to SV3 of a service. */
function serviceSegments({ claim, trace }: ToAuthorize, { provider }: Parties, item: ClaimItem): Segment[] {
  const { servicedDate, servicedPeriod } = item;
  return [
    segment('TRN', ['1', serviceTrace(trace, item.sequence), originatorOf(provider)]),
    ...dtp('472', servicedDate ?? servicedPeriod?.start, servicedPeriod?.end),
    ...serviceOf278(claim, item),
  ];
}

function problemsOf(claim: Claim, { payer, provider, patient, holder, coverage }: Parties): Problem[] {
  const missing = (is: boolean, expression: string, what: string): Problem[] =>
    is ? [{ expression: `Claim.${expression}`, text: what, refuses: true }] : [];
  const untold = (claim.item ?? []).flatMap((item, i): Problem[] =>
    serviceOf278(claim, item).length > 0
      ? []
      : [
          {
            expression: `Claim.item[${i.toString()}].productOrService`,
            text: 'is of no system that X12 names',
          },
        ],
  );
  return [
    ...missing(identifierOf(payer, system.payerId) === undefined, 'insurer', 'the payer has no payer id'),
    ...missing(identifierOf(provider, system.npi) === undefined, 'provider', 'who asks has no NPI'),
    ...missing(
      coverage?.subscriberId === undefined,
      'insurance.coverage',
      'the coverage has no member number',
    ),
    ...missing(patient === undefined, 'patient', 'the patient is not known'),
    ...missing(holder === undefined, 'insurance.coverage', 'the subscriber of the coverage is not known'),
    ...untold,
  ];
}
