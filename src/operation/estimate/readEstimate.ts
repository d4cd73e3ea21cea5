import type {
  Appointment,
  ChargeItem,
  Coding,
  Coverage,
  Organization,
  ParametersParameter,
  Patient,
  Reference,
} from '@medplum/fhirtypes';
import { isSensitive } from '../../access/sensitive.ts';
import { withLine } from '../../billing/charge/chargeItem.ts';
import { dayIn } from '../../billing/charge/night.ts';
import { billedUnits, linesFor, price } from '../../billing/charge/price.ts';
import type { ExpectedItem } from '../../billing/estimate/goodFaith.ts';
import type { Cents } from '../../datatypes/cents.ts';
import { addMonths, contains } from '../../datatypes/date.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed } from '../../datatypes/json.ts';
import { idOf, referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unresolved, type Issue } from '../../outcome/issue.ts';
import { plainCode } from '../../terminology/serviceCode.ts';
import { system } from '../../terminology/system.ts';
import { zoneAt } from '../call/practiceZone.ts';
import { practicePrices } from '../charge/practice.ts';
import type { Call } from '../operation.ts';
import { parameter, parameters } from '../parameters.ts';
import { openAddress } from '../statement/person.ts';

type Stored<T> = T & { readonly id: string };

/** What is asked for, read and priced. */
export interface AskedEstimate {
  readonly patient: Stored<Patient>;
  readonly practice: Stored<Organization>;
  readonly provider: Reference | undefined;
  readonly appointment: string | undefined;
  readonly labels: readonly Coding[];
  readonly date: string;
  readonly scheduledOn: string | undefined;
  readonly requestedOn: string | undefined;
  readonly items: readonly ExpectedItem[];
  readonly diagnoses: readonly Coding[];
  readonly separate: readonly string[];
}

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** Reads what a good-faith estimate is to say; 422 with every fault of it, 409 where insurance pays. */
export async function readEstimate(call: Call): Promise<AskedEstimate> {
  const asked = await readExpected(call, contentFaults);
  await refuseCovered(call, asked.patient, asked.date);
  return asked;
}

type ContentFaults = (patient: Patient, practice: Organization, on: string) => readonly Issue[];
/** The payer that the charge master may have a price of its own for, by the patient and the day: Organization/1. */
type PayerOn = (patient: Stored<Patient>, date: string) => Promise<string | undefined>;

/** Reads the services that are expected, and prices them; 422 with every fault. */
export async function readExpected(
  call: Call,
  faultsOf: ContentFaults,
  payerOn?: PayerOn,
): Promise<AskedEstimate> {
  const { tx, input, on } = call;
  const patient = await resolve<Patient>(tx, 'Patient', parameter(input, 'patient')?.valueReference);
  const practice = await resolve<Organization>(
    tx,
    'Organization',
    parameter(input, 'practice')?.valueReference,
  );
  if (patient?.id === undefined || practice?.id === undefined)
    throw unprocessable([
      ...(patient ? [] : [unresolved('patient-unknown', at('patient'), 'names no Patient that is here')]),
      ...(practice
        ? []
        : [unresolved('practice-unknown', at('practice'), 'names no Organization that is here')]),
    ]);
  const visit = await visitOf(call, patient, practice);
  const date = parameter(input, 'date')?.valueDate ?? visit.date;
  if (date === undefined)
    throw unprocessable([missing('estimate-incomplete', at('date'), 'the day of the service is not known')]);
  const faults = [...faultsOf(patient, practice, on), ...dayFaults(date, on)];
  const known = changed(patient, { id: patient.id });
  const payer = await payerOn?.(known, date);
  const items = await pricedItems(call, { patient, date, faults, payer });
  if (faults.length > 0) throw unprocessable(faults);
  return {
    patient: known,
    practice: changed(practice, { id: practice.id }),
    provider: parameter(input, 'provider')?.valueReference,
    appointment: visit.name,
    labels: visit.labels,
    date,
    scheduledOn: parameter(input, 'scheduledOn')?.valueDate ?? visit.scheduledOn,
    requestedOn: parameter(input, 'requestedOn')?.valueDate,
    items,
    diagnoses: parameters(input, 'diagnosis').flatMap((p) => p.valueCoding ?? []),
    separate: parameters(input, 'separate').flatMap((p) => p.valueString ?? []),
  };
}

interface Visit {
  readonly name?: string;
  readonly date?: string;
  readonly scheduledOn?: string;
  readonly labels: readonly Coding[];
}

/** What the appointment says: its day where the practice is, when it was made, and how sensitive it is. */
async function visitOf(
  { context, tx, input }: Call,
  patient: Patient,
  practice: Organization,
): Promise<Visit> {
  const pointer = parameter(input, 'appointment')?.valueReference;
  if (!pointer) return { labels: [] };
  const found = await resolve<Appointment>(tx, 'Appointment', pointer);
  if (!found)
    throw unprocessable([
      unresolved('appointment-unknown', at('appointment'), 'names no Appointment that is here'),
    ]);
  if (!found.participant.some(({ actor }) => idOf(actor, 'Patient') === patient.id))
    throw unprocessable([
      businessFault('appointment-of-another', at('appointment'), 'is not one of this patient'),
    ]);
  const organization = { reference: referenceText(practice) };
  const { zone } = await zoneAt(context, tx, { locations: [], organization });
  const day = (when: string | undefined): string | undefined =>
    when === undefined ? when : dayIn(zone, when);
  const [date, scheduledOn] = [day(found.start), day(found.created)];
  return {
    name: referenceText(found),
    ...(date === undefined ? {} : { date }),
    ...(scheduledOn === undefined ? {} : { scheduledOn }),
    labels: (found.meta?.security ?? []).filter(isSensitive),
  };
}

/** What a good-faith estimate must say of the patient and of who bills. 45 CFR 149.610(c)(1) */
function contentFaults(patient: Patient, practice: Organization, on: string): Issue[] {
  const lacks = (isThere: boolean, expression: string, text: string): Issue[] =>
    isThere ? [] : [missing('estimate-incomplete', expression, text)];
  const address = openAddress(practice, on);
  return [
    ...lacks(patient.birthDate !== undefined, 'Patient.birthDate', 'the birth date is missing'),
    ...lacks(
      identifierOf(practice, system.npi) !== undefined,
      'Organization.identifier',
      'the NPI is missing',
    ),
    ...lacks(
      identifierOf(practice, system.taxId, system.ein) !== undefined,
      'Organization.identifier',
      'the tax id is missing',
    ),
    ...lacks(address?.state !== undefined, 'Organization.address', 'the address with its state is missing'),
  ];
}

function dayFaults(date: string, on: string): Issue[] {
  if (date < on)
    return [businessFault('date-in-past', at('date'), 'an estimate is given before the service')];
  return date > addMonths(on, 12)
    ? [businessFault('estimate-too-far', at('date'), 'an estimate is good for 12 months at most')]
    : [];
}

/** Who has active Coverage uses it, unless they say otherwise. */
async function refuseCovered({ tx, input }: Call, patient: Patient, date: string): Promise<void> {
  if (parameter(input, 'selfPay')?.valueBoolean === true) return;
  const all = await find<Coverage>(tx, 'Coverage', { beneficiary: referenceText(patient) });
  if (!all.some((one) => one.status === 'active' && contains(one.period, date))) return;
  const text = 'the patient has active Coverage: selfPay says that it will not be used';
  throw conflict('patient-covered', text, 'Coverage');
}

interface Pricing {
  readonly patient: Patient;
  readonly date: string;
  readonly faults: Issue[];
  readonly payer: string | undefined; // Organization/1
}

async function pricedItems(call: Call, { patient, date, faults, payer }: Pricing): Promise<ExpectedItem[]> {
  const list = await practicePrices(call);
  return parameters(call.input, 'item').flatMap((asked, i): ExpectedItem[] => {
    const place = `Parameters.parameter.where(name='item')[${i.toString()}]`;
    const part = (name: string): ParametersParameter | undefined => asked.part?.find((p) => p.name === name);
    const coding = part('code')?.valueCoding;
    const units = part('quantity')?.valueInteger ?? 1;
    const day = part('date')?.valueDate ?? date;
    const text = part('text')?.valueString ?? coding?.display;
    if (units < 1)
      faults.push(businessFault('quantity-not-positive', place, 'the quantity must be above zero'));
    faults.push(...(day === date ? [] : dayFaults(day, call.on)));
    const code = { coding: coding ? [coding] : [], ...(text === undefined ? {} : { text }) };
    const charge =
      units < 1
        ? undefined
        : priced(
            list,
            {
              resourceType: 'ChargeItem',
              status: 'planned',
              code,
              subject: { reference: referenceText(patient) },
              occurrenceDateTime: day,
              quantity: { value: units },
            },
            payer,
          );
    if (charge !== undefined) return [{ code, date: day, units, charge }];
    if (units >= 1) faults.push(businessFault('no-price', place, `the charge master has no price on ${day}`));
    return [];
  });
}

/** The price of the charge master for a payer, or where no insurance pays, as $capture-charges finds it. */
function priced(
  list: Awaited<ReturnType<typeof practicePrices>>,
  item: ChargeItem,
  payer: string | undefined,
): Cents | undefined {
  const [coding] = item.code.coding ?? [];
  const of = coding?.system ?? '';
  const code = { system: of, code: plainCode(of, coding?.code ?? '') };
  for (const line of linesFor(list, code, item.occurrenceDateTime ?? '')) {
    if (line.faults.length > 0 || line.unclear.length > 0) return undefined;
    const units = billedUnits(line, item.quantity?.value ?? 1, undefined);
    if (units === undefined) continue;
    const unpriced = withLine(item, line);
    const found = price(line, units, () => unpriced, payer);
    if (!('why' in found)) return found.charge;
  }
  return undefined;
}
