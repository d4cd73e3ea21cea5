import type {
  Appointment,
  Coverage,
  CoverageEligibilityRequest,
  Encounter,
  Location,
  Organization,
  Patient,
  PractitionerRole,
  Reference,
} from '@medplum/fhirtypes';
import { addDays, contains, dateInZone } from '../../datatypes/date.ts';
import { idOf, parseReference, referenceText } from '../../datatypes/reference.ts';
import { createResource, find, resolve } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { concept } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';
import { restrictedAmong, selfPaidVisitsOn } from '../claim/restricted.ts';
import type { Night, NightlyWork } from '../nightly/nightly.ts';
import type { Call, OperationContext } from '../operation.ts';
import { laterCall } from '../submission/delivery.ts';
import { holderOf, reserveKey } from '../uniqueKey.ts';
import { eligibilityRequestKey } from './keys.ts';
import { submitEligibility } from './submitEligibility.ts';
import { wayToAsk } from './wayToAsk.ts';

/** Who comes, and when. */
interface Visit {
  readonly name: string; // Appointment/1 or Encounter/1
  readonly patient: string; // Patient/1
  readonly day: string;
  readonly practice: string | undefined; // Organization/1
}

/** What payers are asked of whoever comes today or tomorrow, once for each coverage and day. */
export const eligibilityWork: NightlyWork = {
  code: 'eligibility',
  text: 'asks payers about the coverage of whoever comes on the next day',
  next: async (context, { date }, { after, count }) => {
    const days = [`ge${date}`, `le${addDays(date, 1)}`];
    const { store } = context;
    const booked = await find<Appointment>(store, 'Appointment', { status: 'booked', date: days });
    // a planned visit may have no end yet: how far ahead it begins is not for a search of periods
    const open = await find<Encounter>(store, 'Encounter', { status: 'planned', date: `ge${date}` });
    const planned = open.filter(({ period }) => (period?.start ?? '').slice(0, 10) <= addDays(date, 2));
    const names = [...booked, ...planned].map(referenceText).sort();
    return names.filter((name) => after === undefined || name > after).slice(0, count);
  },
  one: async (context, tx, item, night) => {
    const visit = await visitOf(context, tx, item);
    if (!visit || !isDue(visit, night)) return;
    const call = laterCall(context, tx, night.date);
    for (const coverage of await coveragesOf(tx, visit)) await check(call, visit, coverage);
  },
};

const isDue = ({ day }: Visit, { date }: Night): boolean => day >= date && day <= addDays(date, 1);

export async function visitOf(
  { timeZone }: OperationContext,
  tx: Transaction,
  name: string,
): Promise<Visit | undefined> {
  const reference = { reference: name };
  const encounter = await resolve<Encounter>(tx, 'Encounter', reference);
  const appointment = encounter ? undefined : await resolve<Appointment>(tx, 'Appointment', reference);
  const start = encounter?.period?.start ?? appointment?.start;
  if (
    start === undefined ||
    (encounter?.status ?? appointment?.status) !== (encounter ? 'planned' : 'booked')
  )
    return undefined;
  const actors = (appointment?.participant ?? []).flatMap(({ actor }) => actor ?? []);
  const patient = [encounter?.subject, ...actors]
    .map((one) => idOf(one, 'Patient'))
    .find((id) => id !== undefined);
  if (patient === undefined) return undefined;
  const day = start.length === 10 ? start : dateInZone(new Date(start).toISOString(), timeZone);
  const practice = encounter
    ? nameOf(encounter.serviceProvider)
    : await practiceOfAppointment(tx, actors, `Patient/${patient}`);
  return { name, patient: `Patient/${patient}`, day, practice };
}

/** The practice of an appointment: where it takes place, by whom, else where the patient belongs. */
export async function practiceOfAppointment(
  reader: Reader,
  actors: readonly Reference[],
  patient: string,
): Promise<string | undefined> {
  for (const actor of actors) {
    const place = await resolve<Location>(reader, 'Location', actor);
    const role = place ? undefined : await resolve<PractitionerRole>(reader, 'PractitionerRole', actor);
    const found = nameOf(place?.managingOrganization ?? role?.organization);
    if (found !== undefined) return found;
  }
  const person = await resolve<Patient>(reader, 'Patient', { reference: patient });
  return nameOf(person?.managingOrganization);
}

const nameOf = (organization: Reference<Organization> | undefined): string | undefined => {
  const target = parseReference(organization?.reference);
  return target?.type === 'Organization' ? `Organization/${target.id}` : undefined;
};

/** The coverages of a patient that the practice takes for active on the day. */
async function coveragesOf(reader: Reader, { patient, day }: Visit): Promise<(Coverage & { id: string })[]> {
  const all = await find<Coverage>(reader, 'Coverage', { beneficiary: patient });
  return all.filter(
    (one): one is Coverage & { id: string } =>
      one.id !== undefined && one.status === 'active' && contains(one.period, day),
  );
}

/** One question, where it was not asked for that day; not of what the patient pays himself, nor where nobody can be asked. */
async function check(call: Call, visit: Visit, coverage: Coverage & { id: string }): Promise<void> {
  const { context, tx, on } = call;
  const key = eligibilityRequestKey(`Coverage/${coverage.id}`, visit.day);
  const payer = nameOf(coverage.payor[0] as Reference<Organization> | undefined);
  if (payer === undefined || (await holderOf(tx, key))) return;
  const { patient, day, practice, name } = visit;
  const restricted = [
    ...(await restrictedAmong(call, [name])),
    ...(await selfPaidVisitsOn(call, { patient, from: day, to: day })),
  ];
  const way = restricted.length > 0 ? undefined : await wayToAsk(call, { payer, practice });
  if (!way) return;
  const request = await createResource<CoverageEligibilityRequest>(context, tx, {
    ...({ resourceType: 'CoverageEligibilityRequest', status: 'active' } as const),
    ...{
      purpose: ['benefits', 'validation'],
      patient: { reference: patient },
      servicedDate: day,
      created: on,
    },
    ...(practice === undefined ? {} : { provider: { reference: practice } }),
    insurer: { reference: payer },
    supportingInfo: [{ sequence: 1, information: { reference: name } }],
    insurance: [{ focal: true, coverage: { reference: `Coverage/${coverage.id}` } }],
    item: [{ category: concept(system.x12ServiceType, '30') }],
  });
  await reserveKey(tx, key, referenceText(request));
  await submitEligibility(call, request, { isLater: true, way });
}
