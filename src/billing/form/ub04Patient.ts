import type { Account, Address, Patient } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { knownAs } from '../../datatypes/known.ts';
import { extension, system } from '../../terminology/system.ts';
import { controlNumberOf } from '../../terminology/claimNumber.ts';
import { providerOf, supportCode, supportOf, type FormInput, type Payer } from './claimFacts.ts';
import { streetOf } from './cms1500Provider.ts';
import { write, type Sheet } from './sheet.ts';
import {
  cityLine,
  closeDate,
  closeLongDate,
  digits,
  hourOf,
  personName,
  phoneOf,
  plain,
  spokenName,
  streetLines,
} from './value.ts';

const sexes: Readonly<Record<string, string>> = { male: 'M', female: 'F' };

/** Form locators 1 to 17, 29 and 38: who bills, who was treated, when, and who is responsible. */
export function patientBoxes(sheet: Sheet, input: FormInput, payers: readonly Payer[]): void {
  const { claim, known } = input;
  biller(sheet, input);
  const patient = knownAs<Patient>(known, 'Patient', claim.patient);
  write(sheet, '3a', controlNumberOf(claim), 'Claim.identifier');
  const record = supportOf(claim, 'medicalrecordnumber')[0]?.valueString ?? recordNumber(patient);
  write(sheet, '3b', record, 'Claim.patient');
  const bill = supportCode(claim, 'typeofbill');
  write(sheet, '4', bill.padStart(bill === '' ? 0 : 4, '0'), 'Claim.supportingInfo');
  write(sheet, '6.from', closeDate(claim.billablePeriod?.start), 'Claim.billablePeriod');
  write(sheet, '6.through', closeDate(claim.billablePeriod?.end), 'Claim.billablePeriod');
  const focal = payers.find(({ insurance }) => insurance.focal);
  // the number of the patient where it is not the insured's
  if (focal && !focal.isSelf) write(sheet, '8a', focal.coverage?.dependent, 'Claim.patient');
  write(sheet, '8b', personName(patient?.name), 'Claim.patient');
  const home = patient?.address?.find((a) => a.use !== 'old' && a.use !== 'billing') ?? patient?.address?.[0];
  address(sheet, home);
  write(sheet, '10', closeLongDate(patient?.birthDate), 'Claim.patient');
  if (patient) write(sheet, '11', sexes[patient.gender ?? ''] ?? 'U', 'Claim.patient');
  admission(sheet, input);
  write(sheet, '29', claim.accident?.locationAddress?.state, 'Claim.accident');
  responsible(sheet, input, patient);
}

const recordNumber = (patient: Patient | undefined): string | undefined =>
  patient?.identifier?.find((i) => i.type?.coding?.some(({ code }) => code === 'MR') === true)?.value;

/** Form locators 1, 2 and 5: name, street and telephone of the provider, where to pay to, tax number. */
function biller(sheet: Sheet, { claim, known }: FormInput): void {
  const provider = providerOf(known, claim.provider)?.provider;
  const at = 'Claim.provider';
  const street = streetOf(provider?.address);
  const name =
    provider?.resourceType === 'Practitioner' ? spokenName(provider.name) : plain(provider?.name ?? '');
  const { area, number } = phoneOf(provider?.telecom);
  [name, streetLines(street), cityLine(street), `${area}${number}`].forEach((line, n) => {
    write(sheet, `1.${n + 1}`, line, at);
  });
  const payTo = provider?.address?.find((a) => a.use === 'billing' && a !== street);
  if (payTo) {
    [name, streetLines(payTo), cityLine(payTo)].forEach((line, n) => {
      write(sheet, `2.${n + 1}`, line, at);
    });
  }
  write(sheet, '5', digits(identifierOf(provider, system.taxId, system.ein)), at);
}

function address(sheet: Sheet, home: Address | undefined): void {
  const at = 'Claim.patient';
  write(sheet, '9a', streetLines(home), at);
  write(sheet, '9b', plain(home?.city ?? ''), at);
  write(sheet, '9c', home?.state, at);
  write(sheet, '9d', home?.postalCode, at);
  const country = home?.country ?? '';
  if (!/^(US|USA|)$/i.test(country)) write(sheet, '9e', country, at);
}

/** Form locators 12 to 17: admission, type, source, discharge. */
function admission(sheet: Sheet, { claim }: FormInput): void {
  const at = 'Claim.supportingInfo';
  const period = supportOf(claim, 'admissionperiod')[0]?.timingPeriod;
  const hour = (category: string, otherwise: string | undefined): string =>
    supportOf(claim, category)[0]?.valueString?.slice(0, 2) ?? hourOf(otherwise);
  write(sheet, '12', closeDate(period?.start), at);
  write(sheet, '13', hour('admission-hour', period?.start), at);
  write(sheet, '14', supportCode(claim, 'admtype'), at);
  write(sheet, '15', supportCode(claim, 'pointoforigin'), at);
  write(sheet, '16', hour('discharge-hour', period?.end), at);
  write(sheet, '17', supportCode(claim, 'discharge-status'), at);
}

/** Form locator 38: the guarantor of the account, else the patient. */
function responsible(sheet: Sheet, { claim, known }: FormInput, patient: Patient | undefined): void {
  const named = extensionOf(claim, extension.account)?.valueReference;
  const account = knownAs<Account>(known, 'Account', named);
  const party = account?.guarantor?.[0]?.party;
  const person =
    knownAs<Patient>(known, 'Patient', party) ??
    [known.get(party?.reference ?? '')].find((r) => r?.resourceType === 'RelatedPerson') ??
    patient;
  if (person?.resourceType !== 'Patient' && person?.resourceType !== 'RelatedPerson') return;
  const home = person.address?.[0];
  [spokenName(person.name), streetLines(home), cityLine(home)].forEach((line, n) => {
    write(sheet, `38.${n + 1}`, line, 'Claim.extension');
  });
}
