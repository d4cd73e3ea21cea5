import type { Account, Encounter } from '@medplum/fhirtypes';
import type { Cover } from '../../billing/claim/assign.ts';
import { isInpatient } from '../../billing/claim/claimLine.ts';
import { dayIn } from '../../billing/charge/night.ts';
import { stretchesOf, type CoverageChange, type Stretch } from '../../billing/claim/stretch.ts';
import type { Call } from '../operation.ts';
import type { Visit } from '../charge/visit.ts';
import { readPayers } from './payers.ts';
import { planOf } from './practicePlans.ts';

/** Who pays a visit day by day, and what the plan says of a stay whose coverage changes. */
export async function coverOf(
  call: Call,
  {
    encounter,
    patient,
    zone,
    day,
  }: Pick<Visit, 'patient' | 'zone' | 'day'> & { readonly encounter: Encounter },
  account: Account,
): Promise<Cover> {
  const { known, payersOn } = await readPayers(call.tx, { account, patient, encounter });
  const end = encounter.period?.end;
  if (!isInpatient(encounter) || end === undefined) return { day, payersOn };
  const stay = { start: day, end: dayIn(zone, end) };
  // nobody is asked for a night on the day of discharge, but for what was done on it
  const stretches = stretchesOf(stay, known, payersOn, 'first');
  const rule = stretches.length > 1 ? await ruleOf(call, stretches) : undefined;
  return { day, stay: { ...stay, stretches }, payersOn, ...(rule === undefined ? {} : { rule }) };
}

/** The rule of the plan that is in force first and has one. */
async function ruleOf(call: Call, stretches: readonly Stretch[]): Promise<CoverageChange | undefined> {
  for (const { coverages } of stretches) {
    const plan = coverages[0] && (await planOf(call, coverages[0]));
    if (plan?.coverageChange !== undefined) return plan.coverageChange;
  }
  return undefined;
}

/** The days on which a run of nights is cut, because another coverage pays for what follows. */
export const cutsOf = ({ stay, rule }: Cover): ReadonlySet<string> =>
  new Set(
    stay !== undefined && (rule === 'split' || rule === 'entitlement')
      ? stay.stretches.slice(1).map((s) => s.start)
      : [],
  );
