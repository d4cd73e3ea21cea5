import type { ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { cents } from '../../../datatypes/cents.ts';
import { addDays } from '../../../datatypes/date.ts';
import type { Context } from '../../../interaction/context.ts';
import { chartOf, type YearVisit } from './chart.ts';
import { redone, sent, sentOn, worked, type Work } from './courses.ts';
import { paidAs, type Days } from './payments.ts';
import { claimsIn, money, stepsOf, type Answered, type Steps } from './steps.ts';

const copay = cents(2_500);

/** A visit from its chart to the last payment, day by day. Before each step the generator gives its day. */
export async function* visitDays(context: Context, visit: YearVisit, today: string): Days {
  const { on, captured, claimed } = visit;
  const { course, paying } = visit.profile;
  const steps = stepsOf(context, visit.id, course !== 'plain' || paying === 'bounced');
  const account = `Account/${visit.patient.id}-account`;
  yield on;
  await steps.write(on, 'chart', chartOf(visit));
  if (course === 'unbilled') return;
  if (paying === 'check-in') await checkIn(steps, visit, account);
  yield captured;
  await steps.call(captured, `Encounter/${visit.id}/$capture-charges`);
  if (course === 'captured') return;
  yield claimed;
  const generated = await steps.call(claimed, `Encounter/${visit.id}/$generate-claim`);
  if (course === 'draft') return;
  // a seeding that was stopped after the first answer finds the next payer's draft too: its turn comes later
  const first = claimsIn(generated).filter((c) => c.insurance.find((i) => i.focal)?.sequence === 1);
  const work: Work = { steps, visit, today, settled: { claims: [], on: claimed } };
  for (const claim of first) yield* sent(work, claim, claimed);
  yield* worked(course, work);
  const { second } = visit.patient.profile;
  if (second !== undefined && second !== 'none' && course !== 'rebilled') yield* sentOn(work, second);
  if (work.settled.waits === true) return;
  yield* billed(work, account);
  if (course !== 'corrected' && course !== 'voided') return;
  yield* redone(course, work);
  yield* billed(work, account, `${visit.id}-again`);
}

const checkIn = (steps: Steps, { id, on }: YearVisit, account: string): Promise<Answered> =>
  steps.call(on, `${account}/$record-payment`, [
    money(copay),
    { name: 'method', valueCode: 'card' },
    { name: 'reference', valueString: `${id}-copay` },
    { name: 'encounter', valueReference: { reference: `Encounter/${id}` } },
  ]);

/** The patient is billed for what the payers left, and pays as that patient does. */
async function* billed(work: Work, account: string, name = work.visit.id): Days {
  const { steps, visit, settled } = work;
  const day = addDays(settled.on, 1);
  yield day;
  const paths: string[] = [];
  if (visit.patient.profile.plan === 'none') paths.push(`Encounter/${visit.id}`);
  for (const { id } of settled.claims) {
    const explanations = await steps.find<ExplanationOfBenefit>('ExplanationOfBenefit', { claim: `Claim/${id ?? ''}` });
    const standing = explanations.filter(({ status }) => status === 'active');
    paths.push(...standing.map((e) => `ExplanationOfBenefit/${e.id ?? ''}`));
  }
  const invoices = new Map<string, Invoice>();
  for (const path of paths) {
    const answer = await steps.call(day, `${path}/$generate-invoice`);
    for (const invoice of answer.of<Invoice>('invoice')) invoices.set(invoice.id ?? '', invoice);
  }
  const issued = [...invoices.values()].filter(({ status }) => status === 'issued');
  for (const invoice of issued) yield* paidAs(visit.profile.paying, { steps, name, account, invoice });
}
