import type { Claim, ClaimResponse, Coverage, ParametersParameter, Task } from '@medplum/fhirtypes';
import { centsOf, sum, type Cents } from '../../../datatypes/cents.ts';
import { concept, has } from '../../../datatypes/coding.ts';
import { addDays } from '../../../datatypes/date.ts';
import { changed } from '../../../datatypes/json.ts';
import { system } from '../../../terminology/system.ts';
import { careOf } from './care.ts';
import { administration, type YearVisit } from './chart.ts';
import { lastEnrolled } from './office.ts';
import { coverageId, insured } from './patient.ts';
import type { Days } from './payments.ts';
import { termsOf, type InsuredPlan, type PlanName } from './plan.ts';
import type { Course } from './profile.ts';
import { claimsIn, money, type Steps } from './steps.ts';

/** What the claims of a visit are worked with. */
export interface Work {
  readonly steps: Steps;
  readonly visit: YearVisit;
  readonly today: string;
  /** Claims whose answers the patient may be billed by, with the day the last of them was answered. */
  readonly settled: { claims: Claim[]; on: string; waits?: boolean };
}

const reason = (text: string): ParametersParameter => ({ name: 'reason', valueString: text });
const answerDays = (plan: PlanName): number => (plan === 'none' ? 0 : termsOf(plan).answers);
const planOf = ({ visit }: Work): PlanName => visit.patient.profile.plan;

/** Sends a claim; the payer answers after its usual time. One whose answer lies ahead stays a draft. */
export async function* sent(work: Work, claim: Claim, day: string, plan = planOf(work)): Days {
  if (plan === 'lakeshore' && day > lastEnrolled(work.today)) {
    yield day;
    await work.steps.call(day, `Claim/${claim.id ?? ''}/$submit`);
    work.settled.waits = true; // until the practice is enrolled again
    return;
  }
  const answered = addDays(day, answerDays(plan));
  yield answered;
  await work.steps.submit(claim, day, answered);
  work.settled.claims = [...work.settled.claims.filter(({ id }) => id !== claim.id), claim];
  work.settled.on = answered;
}

/** What the office does about an answer before the patient is billed. */
export async function* worked(course: Course, work: Work): Days {
  const [claim] = work.settled.claims;
  if (claim === undefined) return;
  if (course === 'cured') yield* cured(work, claim);
  if (course === 'documented') yield* documented(work, claim);
  if (course === 'rebilled') yield* rebilled(work);
  if (course === 'ended') yield* searched(work, claim);
  if (course === 'unauthorized') yield* givenUp(work, claim, 'no-authorization');
  if (course === 'late') yield* givenUp(work, claim, 'timely-filing');
  if (course === 'unneeded') yield* givenUp(work, claim, 'medical-necessity');
}

/** What the office finds out after the patient was billed. */
export async function* redone(course: Course, work: Work): Days {
  const [claim] = work.settled.claims;
  if (claim === undefined) return;
  if (course === 'corrected') yield* corrected(work, claim);
  if (course === 'voided') yield* voided(work, claim);
}

async function* cured(work: Work, { id = '' }: Claim): Days {
  const { steps, visit, settled } = work;
  const day = addDays(settled.on, 8);
  yield day;
  const drafts = claimsIn(await steps.call(day, `Claim/${id}/$correct`, [reason('the authorisation was granted afterwards')]));
  for (const draft of drafts) {
    const part = [
      { name: 'element', valueCode: 'authorization-number' },
      { name: 'value', valueString: `RETRO-${visit.id}` },
      { name: 'reason', valueString: 'granted afterwards' },
    ];
    await steps.call(day, `Claim/${draft.id ?? ''}/$edit`, [{ name: 'edit', part }]);
    settled.claims = [];
    yield* sent(work, draft, day);
  }
}

async function* documented(work: Work, { id = '' }: Claim): Days {
  const { steps, settled } = work;
  const day = addDays(settled.on, 10);
  yield day;
  const claim = await steps.read<Claim>('Claim', id);
  const { supportingInfo = [] } = claim;
  const category = concept(system.supportingInfo, 'attachment');
  // a seeding that was stopped after this finds the document there
  if (!supportingInfo.some((s) => has(s.category, system.supportingInfo, 'attachment'))) {
    const sequence = 1 + Math.max(0, ...supportingInfo.map((s) => s.sequence));
    const valueAttachment = { contentType: 'text/plain', title: 'Order for the spacer', data: 'b3JkZXI=' };
    const added = [...supportingInfo, { sequence, category, valueAttachment }];
    await steps.write(day, 'document', [changed(claim, { supportingInfo: added })]);
  }
  yield* sent(work, claim, day);
}

/** The coverage had ended; the next one is found, and the visit goes to its payer. */
async function* rebilled(work: Work): Days {
  const { steps, visit, today, settled } = work;
  const { id, number, profile, random } = visit.patient;
  const second = profile.second;
  if (second === undefined || second === 'none') return;
  const day = addDays(settled.on, 9);
  yield day;
  const former = await steps.read<Coverage>('Coverage', coverageId(id, 1));
  const end = addDays(today, -400);
  if (former.period?.end !== end) {
    const ended = changed(former, { period: changed(former.period ?? {}, { end }) });
    const found = insured({ number, id, profile, random, today }, second, 2);
    await steps.write(day, 'coverage', [ended, ...found]);
  }
  const coverage = { name: 'coverage', valueReference: { reference: `Coverage/${coverageId(id, 2)}` } };
  const drafts = claimsIn(await steps.call(day, `Encounter/${visit.id}/$rebill`, [coverage]));
  settled.claims = [];
  for (const draft of drafts) yield* sent(work, draft, day, second);
}

/** The office looked for other coverage and found none: the patient may be asked. */
async function* searched({ steps, settled }: Work, { id = '' }: Claim): Days {
  const day = addDays(settled.on, 7);
  yield day;
  const tasks = await steps.find<Task>('Task', { focus: `Claim/${id}`, status: 'requested' });
  const open = tasks.filter(({ code }) => has(code, system.task, 'find-coverage'));
  for (const task of open) await steps.write(day, 'search', [changed(task, { status: 'completed' as const })]);
  settled.on = day;
}

/** What a payer denied is written off; nothing of it reaches the patient. */
async function* givenUp({ steps, visit, settled }: Work, { id = '' }: Claim, why: string): Days {
  const day = addDays(settled.on, 15);
  yield day;
  const [answer] = await steps.find<ClaimResponse>('ClaimResponse', { request: `Claim/${id}` });
  const amount = answer ? deniedIn(answer) : undefined;
  if (amount === undefined || amount <= 0) return;
  await steps.call(day, `Claim/${id}/$write-off`, [
    money(amount),
    { name: 'reason', valueCode: why },
    { name: 'reference', valueString: `DW-${visit.id}` },
  ]);
}

/** What the payer refused at the practice's cost, but for what its contract takes off (CO-45). */
const deniedIn = ({ item = [] }: ClaimResponse): Cents =>
  sum(
    item
      .flatMap(({ adjudication }) => adjudication)
      .filter(({ category, reason: why }) => has(category, system.adjustmentGroup, 'CO') && !has(why, system.carc, '45'))
      .flatMap(({ amount }) => centsOf(amount) ?? []),
  );

/** Twice as much was given as was charted. */
async function* corrected(work: Work, { id = '' }: Claim): Days {
  const { steps, visit, settled } = work;
  const day = addDays(settled.on, 33);
  yield day;
  const { drugs = [] } = careOf(visit.profile.care);
  const given = drugs.map((drug, i) => administration(visit, { ...drug, dose: drug.dose * 2 }, i));
  await steps.write(day, 'dose', given);
  const drafts = claimsIn(await steps.call(day, `Claim/${id}/$correct`, [reason('the dose was charted wrong')]));
  settled.claims = [];
  for (const draft of drafts) yield* sent(work, draft, day);
}

/** The payer takes its answer back; then the visit is billed as if it were new. */
async function* voided(work: Work, { id = '' }: Claim): Days {
  const { steps, visit, settled } = work;
  const day = addDays(settled.on, 33);
  yield day;
  const drafts = claimsIn(await steps.call(day, `Claim/${id}/$void`, [reason('billed under the wrong number')]));
  settled.claims = [];
  for (const draft of drafts) yield* sent(work, draft, day);
  const again = addDays(settled.on, 3);
  yield again;
  const anew = claimsIn(await steps.call(again, `Encounter/${visit.id}/$generate-claim`));
  settled.claims = [];
  for (const claim of anew) yield* sent(work, claim, again);
}

/** The claim for the payer after the first, which its answer drafted. */
export async function* sentOn(work: Work, second: InsuredPlan): Days {
  const { steps, visit, settled } = work;
  const all = await steps.find<Claim>('Claim', { encounter: `Encounter/${visit.id}` });
  const next = all.filter((c) => c.status !== 'cancelled' && (c.insurance.find((i) => i.focal)?.sequence ?? 1) > 1);
  const day = addDays(settled.on, 2);
  for (const claim of next) yield* sent(work, claim, day, second);
}
