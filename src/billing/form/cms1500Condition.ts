import type { Claim, ClaimSupportingInfo, Identifier } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { attachmentNumber } from '../../terminology/claimNumber.ts';
import { frequencyOf, priorClaimOf } from '../../terminology/claimFrequency.ts';
import { extension, system } from '../../terminology/system.ts';
import { membersOf, providerOf, supportOf, type FormInput, type Payer } from './claimFacts.ts';
import { mark, tell, write, type Sheet } from './sheet.ts';
import { noPoint, personName, plain, shortDate } from './value.ts';

/** Boxes 14 to 23 of a CMS-1500: dates, who referred, diagnoses, what the claim replaces, authorisation. */
export function conditionBoxes(sheet: Sheet, input: FormInput, focal: Payer | undefined): void {
  const { claim } = input;
  dates(sheet, claim);
  source(sheet, input);
  notes(sheet, claim);
  outsideLab(sheet, input);
  diagnoses(sheet, claim);
  const frequency = frequencyOf(claim);
  if (frequency === '7' || frequency === '8') {
    write(sheet, '22', frequency, 'Claim.supportingInfo');
    write(sheet, '22.reference', priorClaimOf(claim)?.number, 'Claim.related');
  }
  authorization(sheet, claim, focal);
}

const dateOf = (claim: Claim, category: string): string =>
  shortDate(supportOf(claim, category)[0]?.timingDate);

/** Other dates of box 15 by their qualifier, in the order in which one is chosen. */
const otherDates: readonly (readonly [string, string])[] = [
  ['initial-treatment-date', '454'],
  ['last-seen-date', '304'],
  ['acute-manifestation-date', '453'],
  ['last-x-ray-date', '455'],
  ['prescription-date', '471'],
  ['assumed-care-date', '090'],
  ['relinquished-care-date', '091'],
  ['first-contact-date', '444'],
];

function dates(sheet: Sheet, claim: Claim): void {
  const at = 'Claim.supportingInfo';
  const onset = dateOf(claim, 'onset-date');
  const period = dateOf(claim, 'last-menstrual-period-date');
  if (onset !== '' || period !== '') {
    write(sheet, '14', onset === '' ? period : onset, at);
    write(sheet, '14.qualifier', onset === '' ? '484' : '431', at);
  }
  const accident = shortDate(claim.accident?.date);
  const others = [
    ...(accident === '' ? [] : [['439', accident] as const]),
    ...otherDates.flatMap(([category, qualifier]) => {
      const date = dateOf(claim, category);
      return date === '' ? [] : [[qualifier, date] as const];
    }),
  ];
  const [first] = others;
  if (first) {
    write(sheet, '15.qualifier', first[0], at);
    write(sheet, '15', first[1], at);
  }
  if (others.length > 1) tell(sheet, at, 'box 15 takes one date: the further ones do not stand on the form');
  const unable = supportOf(claim, 'disability-period')[0]?.timingPeriod;
  write(sheet, '16.from', shortDate(unable?.start) || dateOf(claim, 'last-worked-date'), at);
  write(sheet, '16.to', shortDate(unable?.end) || dateOf(claim, 'return-to-work-date'), at);
  const stay = [...supportOf(claim, 'hospitalization-period'), ...supportOf(claim, 'admissionperiod')][0];
  write(sheet, '18.from', shortDate(stay?.timingPeriod?.start), at);
  write(sheet, '18.to', shortDate(stay?.timingPeriod?.end), at);
}

/** Box 17: who referred, ordered or supervised, the first of these (837P DN, DK, DQ). */
function source(sheet: Sheet, { claim, known }: FormInput): void {
  const found = [
    ...membersOf(claim, 'referring', 'primary-care').map((m) => ['DN', m] as const),
    ...membersOf(claim, 'ordering').map((m) => ['DK', m] as const),
    ...membersOf(claim, 'supervising', 'supervisor').map((m) => ['DQ', m] as const),
  ];
  const [first] = found;
  if (!first) return;
  const [qualifier, member] = first;
  const named = providerOf(known, member.provider)?.provider;
  const at = `Claim.careTeam.where(sequence = ${member.sequence})`;
  const name = named?.resourceType === 'Practitioner' ? personName(named.name) : plain(named?.name ?? '');
  write(sheet, '17.qualifier', qualifier, at);
  write(sheet, '17', name, at);
  write(sheet, '17b', identifierOf(named, system.npi), at);
  if (found.length > 1)
    tell(sheet, 'Claim.careTeam', 'box 17 takes one provider: the further ones do not stand on the form');
}

/** PWK as box 19 and the UB-04 write it: type of report, way and number without spaces. */
export const attachmentText = (info: ClaimSupportingInfo, claim: Claim): string => {
  const type = codeOf(info.code, system.x12ReportType) ?? 'OZ';
  const way = extensionOf(info, extension.attachmentTransmission)?.valueCode ?? 'BM';
  return `PWK${type}${way}${attachmentNumber(info, claim)}`;
};

/** Box 19: notes and the numbers of attachments. */
function notes(sheet: Sheet, claim: Claim): void {
  const written = [
    ...supportOf(claim, 'claim-note').map((s) => s.valueString ?? ''),
    ...supportOf(claim, 'attachment').map((s) => attachmentText(s, claim)),
  ].filter((text) => text.trim() !== '');
  write(sheet, '19', written.join('   '), 'Claim.supportingInfo');
}

/** Box 20: whether an outside laboratory did it; its charge is no element of a Claim. */
function outsideLab(sheet: Sheet, { claim }: FormInput): void {
  const isOutside = membersOf(claim, 'purchasedservice').length > 0;
  mark(sheet, `20.${isOutside ? 'yes' : 'no'}`);
  if (isOutside)
    tell(sheet, 'Claim.careTeam', 'the charge of the outside laboratory is to be written by hand');
}

export const letters = 'ABCDEFGHIJKL';

/** The diagnoses that box 21 lists, in their order. */
export const listed = ({ diagnosis = [] }: Claim): { readonly sequence: number; readonly code: string }[] =>
  diagnosis.flatMap(({ sequence, diagnosisCodeableConcept }) => {
    const code = codeOf(diagnosisCodeableConcept, system.icd10cm, system.icd10);
    return code === undefined ? [] : [{ sequence, code }];
  });

function diagnoses(sheet: Sheet, claim: Claim): void {
  const all = listed(claim);
  if (all.length > 0) write(sheet, '21.indicator', '0', 'Claim.diagnosis');
  all.slice(0, letters.length).forEach(({ code }, i) => {
    write(sheet, `21.${letters[i] ?? ''}`, noPoint(code), 'Claim.diagnosis');
  });
  if (all.length > letters.length)
    tell(sheet, 'Claim.diagnosis', 'box 21 takes 12 diagnoses: the further ones do not stand on the form');
}

/** Box 23: one number, the authorisation before the referral and the laboratory's CLIA number. */
function authorization(sheet: Sheet, claim: Claim, focal: Payer | undefined): void {
  const referral: Identifier | undefined = claim.referral?.identifier;
  const clia = supportOf(claim, 'reference-number').find((s) => codeOf(s.code, system.x12Reference) === 'X4');
  const numbers = [
    ...(focal?.insurance.preAuthRef ?? []),
    ...(referral?.value === undefined ? [] : [referral.value]),
    ...(clia?.valueString === undefined ? [] : [clia.valueString]),
  ];
  write(sheet, '23', numbers[0], 'Claim.insurance');
  if (numbers.length > 1)
    tell(sheet, 'Claim.insurance', 'box 23 takes one number: the further ones do not stand on the form');
}
