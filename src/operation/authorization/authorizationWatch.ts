import type { Appointment, Claim, Encounter } from '@medplum/fhirtypes';
import { authorizedBy } from '../../billing/authorization/review.ts';
import { unitsLeft } from '../../billing/claim/authorize.ts';
import type { Authorized } from '../../datatypes/authorized.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { addDays, dateInZone, dateOf, isDate } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import type { OperationContext } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { raiseTask } from '../worklist/task.ts';
import { requestsOf, usedFor } from './inHand.ts';

/** So many days before an authorization ends somebody is told. */
const toldBefore = 14;

/**
 * Watches what payers have authorized: a Task before it ends with units left or visits planned beyond it, and one where more
 * visits are planned than units are left.
 */
export const authorizationWatch: NightlyWork = {
  code: 'authorization',
  text: 'authorizations that end, are used up or do not reach for what is planned',
  next: inPages('Claim', ['use', 'preauthorization'], ['status', 'active']),
  one: async (context, tx, item, { date }) => {
    const claim = await resolve<Claim>(tx, 'Claim', { reference: referenceOf(item) });
    const patient = parseReference(claim?.patient.reference);
    if (claim?.id === undefined || patient?.type !== 'Patient') return;
    const name = `Patient/${patient.id}`;
    const own = (await requestsOf(tx, { patient: name })).find(({ claim: one }) => one.id === claim.id);
    const held = own?.answer ? authorizedBy(own.claim, own.answer) : [];
    const open = held.filter(({ period }) => period.end === undefined || dateOf(period.end) >= date);
    if (open.length === 0) return;
    const used = await usedFor(tx, name);
    const planned = await plannedDays(context, tx, { patient: name, on: date });
    for (const one of open) await judge(context, tx, one, { used, planned, date });
  },
};

interface Planned {
  readonly day: string;
  readonly codes: readonly string[]; // none: what is planned is not said
}

interface Judging {
  readonly used: Awaited<ReturnType<typeof usedFor>>;
  readonly planned: readonly Planned[];
  readonly date: string;
}

async function judge(
  context: OperationContext,
  tx: Transaction,
  one: Authorized,
  { used, planned, date }: Judging,
): Promise<void> {
  const left = unitsLeft(one, used);
  const visits = planned.filter(({ codes }) => codes.some((code) => one.codes.includes(code)));
  const { end } = one.period;
  const last = end === undefined || !isDate(dateOf(end)) ? undefined : dateOf(end);
  const beyond = visits.filter(({ day }) => last !== undefined && day > last).length;
  const within = visits.length - beyond;
  const call = changed(laterCall(context, tx, date), { on: date });
  const of = {
    ...{ focus: one.request, detail: `item ${one.sequence.toString()}`, patient: one.patient },
    ...(last === undefined ? {} : { due: last }),
  };
  const isEnding = last !== undefined && last <= addDays(date, toldBefore);
  const isUsedUp = left !== undefined && left <= 0;
  if ((isEnding && (!isUsedUp || beyond > 0)) || (isUsedUp && visits.length > 0))
    await raiseTask(call, {
      ...of,
      code: 'authorization-ending',
      text: isUsedUp
        ? `the units of the authorization are used, and ${visits.length.toString()} visits are planned: ask for more`
        : `the authorization ends on ${last ?? ''}${left === undefined ? '' : ` with ${left.toString()} units left`}, ${beyond.toString()} visits are planned after it: ask for an extension where it is needed`,
    });
  if (left !== undefined && left > 0 && within > left)
    await raiseTask(call, {
      ...of,
      code: 'authorization-short',
      text: `${within.toString()} visits are planned and ${left.toString()} units of the authorization are left: ask for more`,
    });
}

/** What is planned for a patient from a day on: appointments that are booked, and visits. */
async function plannedDays(
  { timeZone }: OperationContext,
  tx: Transaction,
  { patient, on }: { readonly patient: string; readonly on: string },
): Promise<Planned[]> {
  const appointments = await find<Appointment>(tx, 'Appointment', {
    patient,
    status: 'booked',
    date: `ge${on}`,
  });
  const visits = await find<Encounter>(tx, 'Encounter', { patient, status: 'planned', date: `ge${on}` });
  const day = (instant: string | undefined): string =>
    instant === undefined ? on : dateInZone(instant, timeZone);
  return [
    ...appointments.map(({ start, serviceType = [] }) => ({
      day: day(start),
      codes: serviceType.flatMap((one) => codeOf(one, ...acceptedLineSystems) ?? []),
    })),
    ...visits.map(({ period, type = [] }) => ({
      day: day(period?.start),
      codes: type.flatMap((one) => codeOf(one, ...acceptedLineSystems) ?? []),
    })),
  ];
}
