import type { Address } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { knownAs } from '../../datatypes/known.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { extension, system } from '../../terminology/system.ts';
import {
  classOf,
  payerKind,
  relationshipOf,
  signatureOf,
  supportOf,
  type FormInput,
  type Payer,
  type Person,
} from './claimFacts.ts';
import { mark, tell, write, type Sheet } from './sheet.ts';
import { longDate, personName, phoneOf, plain, shortDate, streetLines } from './value.ts';
import type { Patient } from '@medplum/fhirtypes';

/** Boxes 1 to 13 of a CMS-1500: the payer, the patient, the insured and what they signed. */
export function insuredBoxes(
  sheet: Sheet,
  input: FormInput,
  payers: readonly Payer[],
  focal: Payer | undefined,
): void {
  const patient = knownAs<Patient>(input.known, 'Patient', input.claim.patient);
  addressed(sheet, focal);
  if (focal?.coverage) mark(sheet, `1.${payerKind(focal.coverage)}`);
  write(sheet, '1a', plainNumber(focal?.coverage?.subscriberId), `${focal?.at ?? ''}.coverage`);
  write(sheet, '2', personName(patient?.name), 'Claim.patient');
  born(sheet, '3', patient, 'Claim.patient');
  const relation = relationshipOf(focal?.coverage);
  mark(sheet, `6.${['self', 'spouse', 'child'].includes(relation) ? relation : 'other'}`);
  const holder = focal?.holder;
  write(sheet, '4', personName(holder?.name), `${focal?.at ?? ''}.coverage`);
  addressBoxes(sheet, '5', patient, 'Claim.patient');
  addressBoxes(sheet, '7', holder, `${focal?.at ?? ''}.coverage`);
  accident(sheet, input);
  insured(sheet, { input, payers, focal });
  otherInsured(sheet, payers, focal);
  signatures(sheet, input);
}

const plainNumber = (number: string | undefined): string => (number ?? '').replace(/[\s-]/g, '');

/** Above the form: whom it goes to. */
function addressed(sheet: Sheet, focal: Payer | undefined): void {
  const address = focal?.payer?.address?.[0];
  const place = [address?.city ?? '', address?.state ?? '', address?.postalCode ?? ''].join(' ');
  const lines = [focal?.payer?.name, streetLines(address), place].filter((l) => (l ?? '').trim() !== '');
  lines.forEach((line, n) => {
    write(sheet, `payer.${n + 1}`, line, 'Claim.insurer');
  });
}

function born(sheet: Sheet, box: string, person: Person | undefined, at: string): void {
  write(sheet, box, longDate(person?.birthDate), at);
  if (person?.gender === 'male') mark(sheet, `${box}.male`);
  if (person?.gender === 'female') mark(sheet, `${box}.female`);
}

const homeOf = (person: Person | undefined): Address | undefined =>
  person?.address?.find((a) => a.use !== 'old' && a.use !== 'billing') ?? person?.address?.[0];

function addressBoxes(sheet: Sheet, box: string, person: Person | undefined, at: string): void {
  const address = homeOf(person);
  write(sheet, box, streetLines(address), at);
  write(sheet, `${box}.city`, plain(address?.city ?? ''), at);
  write(sheet, `${box}.state`, address?.state, at);
  write(sheet, `${box}.zip`, address?.postalCode, at);
  const { area, number } = phoneOf(person?.telecom);
  write(sheet, `${box}.area`, area, at);
  write(sheet, `${box}.phone`, number, at);
}

/** Boxes 10: what the condition comes from (837P CLM11), and the claim codes. */
function accident(sheet: Sheet, { claim }: FormInput): void {
  const { accident: found } = claim;
  const causes = supportOf(claim, 'related-cause').flatMap((s) => s.code?.coding?.[0]?.code ?? []);
  const isOf = (...codes: readonly string[]): boolean =>
    codes.some((code) => has(found?.type, system.actCode, code) || causes.includes(code));
  const work = isOf('WPA', 'EM');
  const car = isOf('MVA', 'AA');
  const other = causes.includes('OA') || (found !== undefined && !work && !car);
  for (const [box, is] of [
    ['10a', work],
    ['10b', car],
    ['10c', other],
  ] as const)
    mark(sheet, `${box}.${is ? 'yes' : 'no'}`);
  if (car) write(sheet, '10b.state', found?.locationAddress?.state, 'Claim.accident.location');
  const codes = supportOf(claim, 'condition-code').flatMap((s) => s.code?.coding?.[0]?.code ?? []);
  write(sheet, '10d', codes.join(' '), 'Claim.supportingInfo');
}

interface Insured {
  readonly input: FormInput;
  readonly payers: readonly Payer[];
  readonly focal: Payer | undefined;
}

/** Boxes 11 to 11d: the coverage that is billed. Where Medicare pays first, box 11 says NONE. */
function insured(sheet: Sheet, { input, payers, focal }: Insured): void {
  const { coverage, holder, at = '' } = focal ?? {};
  const group = classOf(coverage, 'group');
  const isMedicareFirst =
    coverage !== undefined && payerKind(coverage) === 'medicare' && focal?.insurance.sequence === 1;
  write(sheet, '11', isMedicareFirst ? 'NONE' : group?.value, `${at}.coverage`);
  if (!isMedicareFirst) born(sheet, '11a', holder, `${at}.coverage`);
  const [ofCase] = supportOf(input.claim, 'case-number');
  const claimNumber =
    ofCase?.valueString ?? coverage?.identifier?.find((i) => has(i.type, system.identifierType, 'AN'))?.value;
  if (claimNumber !== undefined) {
    write(sheet, '11b.qualifier', 'Y4', `${at}.coverage`);
    write(sheet, '11b', claimNumber, `${at}.coverage`);
  }
  const plan = classOf(coverage, 'plan');
  write(sheet, '11c', plan?.name ?? group?.name ?? focal?.payer?.name, `${at}.coverage`);
  mark(sheet, `11d.${payers.length > 1 ? 'yes' : 'no'}`);
}

/** Boxes 9: the coverage of another payer. A CMS-1500 has room for one. */
function otherInsured(sheet: Sheet, payers: readonly Payer[], focal: Payer | undefined): void {
  const others = payers.filter((p) => p !== focal);
  const billed = focal?.insurance.sequence ?? 1;
  const before = others.filter((p) => p.insurance.sequence < billed);
  const other = before.at(-1) ?? others[0];
  if (!other) return;
  const { coverage, at } = other;
  write(sheet, '9', personName(other.holder?.name), `${at}.coverage`);
  const number = classOf(coverage, 'group')?.value ?? coverage?.subscriberId;
  write(sheet, '9a', number, `${at}.coverage`);
  const plan = classOf(coverage, 'plan')?.name ?? other.payer?.name;
  const payerId = identifierOf(other.payer, system.payerId);
  write(sheet, '9d', plan ?? payerId, `${at}.coverage`);
  if (others.length > 1)
    tell(sheet, 'Claim.insurance', 'a CMS-1500 names one other payer: the further ones do not stand on it');
}

/** Boxes 12 and 13: release of information (CLM09) and assignment of benefits (CLM08). */
function signatures(sheet: Sheet, { claim }: FormInput): void {
  const release = signatureOf(claim, extension.releaseOfInformation);
  if (release.value === 'Y' || release.value === 'I') {
    write(sheet, '12', 'SIGNATURE ON FILE', 'Claim.extension');
    write(sheet, '12.date', shortDate(release.date), 'Claim.extension');
  }
  if (signatureOf(claim, extension.assignmentOfBenefits).value === 'Y')
    write(sheet, '13', 'SIGNATURE ON FILE', 'Claim.extension');
}
