import type { Coverage, Organization, Patient } from '@medplum/fhirtypes';
import { has } from '../../../datatypes/coding.ts';
import { identifierOf } from '../../../datatypes/identifier.ts';
import { system } from '../../../terminology/system.ts';
import type { Loop } from '../../../x12/loop.ts';
import { segment, type Segment } from '../../../x12/segment.ts';
import { filingIndicator, insuranceType, placeOfPayer, relationshipCode } from './coverageCode.ts';
import { addressSegments, personSegment, ssnSegments } from './party.ts';
import { coverageOf, organizationOf, personOf, type Person, type Sending } from './sending.ts';
import { dateText, text } from './value.ts';
import { knownAs } from '../../../datatypes/known.ts';

/** The levels of subscriber and patient: loops 2000B and 2000C of an 837. */

const genders: Readonly<Record<string, string>> = { male: 'M', female: 'F' };

/** DMG; nothing without a date of birth. */
export function demographics({ birthDate, gender }: Person): Segment[] {
  const born = dateText(birthDate);
  return born === '' ? [] : [segment('DMG', ['D8', born, genders[gender ?? ''] ?? 'U'])];
}

/** SBR of the payer a claim goes to, or of another one. */
export function subscriberSegment(coverage: Coverage, sequence: number, relationship: string): Segment {
  const group = coverage.class?.find((c) => c.type.coding?.some(({ code }) => code === 'group') === true);
  return segment('SBR', [
    placeOfPayer(sequence),
    relationship,
    group?.value === group?.name ? '' : text(group?.value, 50), // a group without a number has its name as value
    text(group?.name, 60),
    insuranceType(coverage),
    '',
    '',
    '',
    filingIndicator(coverage),
  ]);
}

/** NM1*PR, N3, N4: who pays. */
export function payerSegments(payer: Organization | undefined): Segment[] {
  const number = identifierOf(payer, system.payerId) ?? '';
  return [
    segment('NM1', ['PR', '2', text(payer?.name, 60), '', '', '', '', number === '' ? '' : 'PI', number]),
    ...addressSegments(payer?.address?.[0]),
  ];
}

export const isSelf = (coverage: Coverage): boolean => relationshipCode(coverage) === '18';

/** Who holds a coverage: the patient himself, or its subscriber. */
export function holderOf({ known, claim }: Sending, coverage: Coverage): Person | undefined {
  if (isSelf(coverage)) return knownAs<Patient>(known, 'Patient', claim.patient);
  return personOf(known, coverage.subscriber);
}

/** NM1*IL with the member id. */
export const memberSegment = (holder: Person | undefined, coverage: Coverage): Segment =>
  personSegment('IL', holder?.name, memberNumber(coverage));

function memberNumber({ subscriberId, identifier }: Coverage): readonly [string, string] {
  const number =
    subscriberId ??
    identifier?.find((i) => i.type?.coding?.some(({ code }) => code === 'MB') === true)?.value ??
    '';
  return number === '' ? ['', ''] : ['MI', number];
}

/** PAT of somebody who died: PAT05 and PAT06. */
function deceased(person: Person | undefined, relationship: string): Segment[] {
  const day = person?.resourceType === 'Patient' ? dateText(person.deceasedDateTime) : '';
  if (day === '' && relationship === '') return [];
  return [segment('PAT', [relationship, '', '', '', day === '' ? '' : 'D8', day])];
}

/** Loop 2000B with the claim in it or, where the patient is somebody else, in 2000C. HL numbers are set by the writer. */
export function subscriberLevel(sending: Sending, claim: Loop, payer: Organization | undefined): Loop {
  const { known, problems } = sending;
  const insurance = sending.claim.insurance.find(({ focal }) => focal);
  const coverage = coverageOf(known, insurance?.coverage);
  if (!coverage) {
    problems.push({
      expression: 'Claim.insurance.coverage',
      text: 'the coverage that the claim goes to is not known',
      refuses: true,
    });
  }
  const held: Coverage = coverage ?? {
    resourceType: 'Coverage',
    status: 'active',
    beneficiary: sending.claim.patient,
    payor: [],
  };
  const patient = knownAs<Patient>(known, 'Patient', sending.claim.patient);
  const self = isSelf(held) || held.relationship === undefined;
  const holder = self ? patient : personOf(known, held.subscriber);
  const member: Loop = {
    id: '2010BA',
    segments: [
      memberSegment(holder, held),
      ...addressSegments(holder?.address?.[0]),
      ...(holder ? demographics(holder) : []),
      ...(holder ? ssnSegments(holder) : []),
      ...(self ? caseNumber(sending) : []),
    ],
    loops: [],
  };
  const paying: Loop = { id: '2010BB', segments: payerSegments(payer), loops: [] };
  return {
    id: '2000B',
    segments: [
      segment('HL', ['0', '0', '22', self ? '0' : '1']),
      subscriberSegment(held, insurance?.sequence ?? 1, self ? '18' : ''),
      ...(self ? deceased(holder, '') : []),
    ],
    loops: self
      ? [member, paying, claim]
      : [member, paying, patientLevel(patient, { sending, coverage: held, claim })],
  };
}

/** REF*Y4: the number of the claim at the insurer of an accident. */
const caseNumber = ({ claim }: Sending): Segment[] =>
  (claim.supportingInfo ?? []).flatMap(({ category, valueString }) =>
    valueString !== undefined && has(category, system.supportingInfo, 'case-number')
      ? [segment('REF', ['Y4', text(valueString, 50)])]
      : [],
  );

function patientLevel(
  patient: Patient | undefined,
  {
    sending,
    coverage,
    claim,
  }: { readonly sending: Sending; readonly coverage: Coverage; readonly claim: Loop },
): Loop {
  const named: Loop = {
    id: '2010CA',
    segments: [
      personSegment('QC', patient?.name),
      ...addressSegments(patient?.address?.[0]),
      ...(patient ? demographics(patient) : []),
      ...caseNumber(sending),
    ],
    loops: [],
  };
  return {
    id: '2000C',
    segments: [segment('HL', ['0', '0', '23', '0']), ...deceased(patient, relationshipCode(coverage))],
    loops: [named, claim],
  };
}

/** Who pays a claim: its insurer, else the payor of the coverage. */
export function payerOf({ claim, known }: Sending): Organization | undefined {
  const insurance = claim.insurance.find(({ focal }) => focal);
  return (
    organizationOf(known, claim.insurer) ??
    organizationOf(known, coverageOf(known, insurance?.coverage)?.payor[0])
  );
}
