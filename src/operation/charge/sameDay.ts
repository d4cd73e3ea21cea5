import type { Account } from '@medplum/fhirtypes';
import { isInpatient } from '../../billing/claim/claimLine.ts';
import { dayIn, type SameDay } from '../../billing/charge/night.ts';
import type { Call } from '../operation.ts';
import { payersOf } from '../claim/payers.ts';
import { planOf } from '../claim/practicePlans.ts';
import type { Visit } from './visit.ts';

/** What a stay that ends on the day it began counts: one day, unless the plan of its first payer pays none. */
export async function sameDayOf(
  call: Call,
  { chart: { encounter }, patient, zone, day }: Visit,
  account: Account,
): Promise<SameDay> {
  const end = encounter.period?.end;
  if (!isInpatient(encounter) || end === undefined || dayIn(zone, end) !== day) return 'one';
  const [coverage] = (await payersOf(call.tx, { account, patient, encounter, on: day })).coverages;
  const plan = coverage && (await planOf(call, coverage));
  return plan?.sameDayStay ?? 'one';
}
