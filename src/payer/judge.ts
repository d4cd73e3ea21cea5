import type { Basic } from '@medplum/fhirtypes';
import type { Period } from '@medplum/fhirtypes';
import { adjudicate, type LineDecision } from '../billing/adjudication/adjudicate.ts';
import { allowed } from '../billing/adjudication/allowed.ts';
import { caseRate } from '../billing/adjudication/caseRate.ts';
import { denied } from '../billing/adjudication/denied.ts';
import type { Denial, Line, Prior, Used } from '../billing/adjudication/benefit.ts';
import type { Adjudicated } from '../datatypes/adjudication.ts';
import { add, sum, type Cents } from '../datatypes/cents.ts';
import { without } from '../datatypes/json.ts';
import { givenBack, priorUnknown } from './corrected.ts';
import type { Decided } from './decided.ts';
import { usedOf, withUsed } from './enrollment.ts';
import type { Plan } from './plan.ts';
import type { Received, ReceivedLine } from './received.ts';
import { forcedDenial, forcedPlan, scenarioOf, type Scenario } from './scenario.ts';
import { screen } from './screen.ts';

/** A claim as it is judged, whichever way it came. */
export interface Case {
  readonly received: Received;
  readonly is: 'original' | 'replacement' | 'void';
  readonly receivedOn: string;
  readonly member: string | undefined; // member id
  readonly period: Period | undefined; // of the enrolment
  readonly notice?: string | undefined; // when the coverage became known
  readonly priors: readonly (readonly Adjudicated[])[]; // what the payers before decided, in their order
  readonly priorAnsweredOn?: string | undefined; // the last of them
  readonly satisfied: boolean; // what an earlier answer asked for has been given
}

/** What the payer holds of plan and member, and of the claim that this one corrects. */
export interface Held {
  readonly plan: Plan;
  readonly enrollment: Basic | undefined;
  readonly duplicate: boolean; // the same claim was received before
  readonly lastAnswer?: string | undefined; // when the claim that is corrected was answered last
  readonly prior?: readonly Adjudicated[] | undefined; // its own answer to the claim that is replaced or voided
}

/** What is missing, in words, and the lines that it is missing for. */
export interface Asks {
  readonly disposition: string;
  readonly text: string;
  readonly lines: readonly number[];
}

/** The payer's decision, and its enrolment record as it is afterwards. */
export type Judgement =
  | { readonly is: 'voided'; readonly enrollment: Basic | undefined }
  | { readonly is: 'pended'; readonly asks: Asks }
  | {
      readonly is: 'decided';
      readonly decisions: readonly Decided[];
      readonly enrollment: Basic | undefined;
      /** Paid and taken back with the same remittance; none but for a forced reversal. */
      readonly takenBack?: Cents;
      /** The answer to the claim that this one replaces is taken back with it. */
      readonly reverses: boolean;
    };

/** Judges a claim by plan, enrolment and accumulators. The same inputs give the same decision. */
export function judge(claim: Case, held: Held): Judgement {
  const { received, member, priors } = claim;
  if (claim.is === 'void' && held.prior) return { is: 'voided', enrollment: afterVoid(claim, held) };
  const scenario = scenarioOf(member);
  const plan = planOf(scenario, held.plan, received);
  const isUnknown = claim.is !== 'original' && !held.prior;
  const screening = {
    ...{ received, plan, receivedOn: claim.receivedOn, institutional: received.institutional },
    ...{ period: claim.period, identified: member !== undefined, duplicate: held.duplicate },
    ...{ priorAnsweredOn: claim.priorAnsweredOn, lastAnswer: held.lastAnswer, notice: claim.notice },
  };
  const denials = new Map(
    received.lines.map((l, i) => [
      l.sequence,
      isUnknown ? priorUnknown : (forcedLine(scenario, i, received) ?? screen(screening, l)),
    ]),
  );
  // what is replaced counts no longer, unless the replacement comes too late
  const replaces =
    claim.is === 'replacement' && !isUnknown && ![...denials.values()].every((d) => d?.reason === '29');
  const asks = documents(claim.satisfied, { received, plan, scenario, denials });
  if (asks !== undefined) return { is: 'pended', asks };
  const { enrollment } = held;
  const used0 = usedOf(enrollment, received.from);
  const before = replaces && held.prior ? givenBack(used0, held.prior, received.inpatient) : used0;
  const { decisions: decided, used } = decide({ received, plan, denials, priors }, before);
  const decisions = scenario === 'outside' ? outside(decided) : decided;
  const stay = received.inpatient ? { used, through: received.through } : { used };
  const isChanged = JSON.stringify(used) !== JSON.stringify(used0) || received.inpatient;
  return {
    ...{ is: 'decided', decisions, reverses: replaces },
    enrollment: enrollment && isChanged ? withUsed(enrollment, received.from, stay) : enrollment,
    ...(scenario === 'reversed' ? { takenBack: received.charge } : {}),
  };
}

/** Nothing of a voided claim stands, and what it had used up is given back. */
function afterVoid({ received }: Case, { enrollment, prior }: Held): Basic | undefined {
  const used = usedOf(enrollment, received.from);
  const left = prior ? givenBack(used, prior, received.inpatient) : used;
  const isChanged = JSON.stringify(left) !== JSON.stringify(used);
  return enrollment && isChanged ? withUsed(enrollment, received.from, { used: left }) : enrollment;
}

/** What a forced scenario makes of the plan: paid in full, or half where there is one line to pay in part. */
function planOf(scenario: Scenario | undefined, plan: Plan, received: Received): Plan {
  if (scenario === undefined || scenario === 'outside') return plan;
  return forcedPlan(plan, scenario === 'partial' && received.lines.length === 1 ? 5_000 : 10_000);
}

/** A claim of several lines is of a mixed network; one of one line, or decided as a whole, is outside. */
const outside = (decisions: readonly Decided[]): Decided[] =>
  decisions.map((d, i) => ({ ...d, isOutside: i > 0 || decisions.length === 1 }));

function forcedLine(scenario: Scenario | undefined, index: number, { lines }: Received): Denial | undefined {
  const refused =
    scenario === 'denied' ||
    scenario === 'reversed' ||
    (scenario === 'partial' && lines.length > 1 && index > 0);
  return refused ? forcedDenial : undefined;
}

interface Asking {
  readonly received: Received;
  readonly plan: Plan;
  readonly scenario: Scenario | undefined;
  readonly denials: ReadonlyMap<number, Denial | undefined>;
}

/** The lines for which a document is missing, in words; undefined when nothing is asked for. */
function documents(satisfied: boolean, { received, plan, scenario, denials }: Asking): Asks | undefined {
  if (satisfied || received.attached) return undefined;
  const asked = received.lines.filter(
    (l) => scenario === 'pended' || (plan.documentation.has(l.code ?? '') && !denials.get(l.sequence)),
  );
  if (asked.length === 0) return undefined;
  const lines = asked
    .map((l) => `line ${l.sequence}${l.code === undefined ? '' : ` (${l.code})`}`)
    .join(', ');
  return {
    disposition: 'Pended for information',
    text: `N706: a document is missing for ${lines}`,
    lines: asked.map((l) => l.sequence),
  };
}

interface Screened {
  readonly received: Received;
  readonly plan: Plan;
  readonly denials: ReadonlyMap<number, Denial | undefined>;
  readonly priors: readonly (readonly Adjudicated[])[];
}

/** Line by line, or as a whole: a stay under a case rate, or a claim the payer before settled as a whole. */
function decide(c: Screened, before: Used): { decisions: Decided[]; used: Used } {
  const { received, plan, denials, priors } = c;
  const rate = caseRateOf(received, plan, denials);
  const prior = priorOf(priors, () => true);
  const settledAsWhole = priors.some((p) => p.some((a) => a.sequence === undefined));
  const denial = received.lines.every((l) => denials.get(l.sequence)) ? [...denials.values()][0] : undefined;
  if (denial && settledAsWhole) {
    return {
      decisions: [denied({ charge: received.charge, ...(prior ? { prior } : {}) }, denial)],
      used: before,
    };
  }
  if (!denial && (rate !== undefined || settledAsWhole)) {
    const { decision, used } = caseRate(
      {
        charge: received.charge,
        rate: rate ?? sumAllowed(received, plan, prior),
        ...(prior ? { prior } : {}),
      },
      received.inpatient ? plan : outsideAStay(plan),
      before,
    );
    return { decisions: [decision], used };
  }
  const lines = received.lines.map((l) => toLine(l, denials.get(l.sequence), priors));
  const { decisions, used }: { decisions: LineDecision[]; used: Used } = adjudicate(lines, plan, before);
  return { decisions, used };
}

/** A visit without a stay has the yearly deductible and the plan's general share. */
const outsideAStay = (plan: Plan): Plan => ({
  ...without(plan, 'inpatientDeductible'),
  inpatientCoinsurance: plan.coinsurance,
});

/** The rate for the whole: of a stay by its DRG, of an institutional visit by a service that has one and is not denied. */
function caseRateOf(
  { inpatient, institutional, drg, lines }: Received,
  plan: Plan,
  denials: Screened['denials'],
): Cents | undefined {
  if (inpatient) return plan.caseRates.get(drg ?? '');
  if (!institutional) return undefined;
  return lines
    .filter((l) => !denials.get(l.sequence))
    .map((l) => plan.caseRates.get(l.code ?? ''))
    .find((r) => r !== undefined);
}

function toLine(l: ReceivedLine, denial: Denial | undefined, priors: Screened['priors']): Line {
  const { sequence, code, modifiers, units, drug, charge } = l;
  const prior = priorOf(priors, (a) => a.sequence === sequence);
  return {
    sequence,
    ...(code === undefined ? {} : { code }),
    modifiers,
    units,
    ...(drug ? { drug } : {}),
    charge,
    ...(denial ? { denial } : {}),
    ...(prior ? { prior } : {}),
  };
}

/** What all payers before paid together, and what the last of them left to the patient. */
function priorOf(priors: Screened['priors'], of: (a: Adjudicated) => boolean): Prior | undefined {
  const answers = priors.map((p) => p.filter(of)).filter((p) => p.length > 0);
  const last = answers.at(-1);
  if (last === undefined) return undefined;
  return {
    paid: sum(answers.flat().map((a) => a.paid)),
    patient: sum(last.flatMap((a) => a.adjustments.filter((x) => x.group === 'PR').map((x) => x.amount))),
  };
}

/** The plan's own allowed amount of all lines; where it has none, what the payers before recognised. */
function sumAllowed(received: Received, plan: Plan, prior: Prior | undefined): Cents {
  const own = received.lines.map((l) => allowed(l, plan));
  if (prior && own.some((a) => a === undefined)) return add(prior.paid, prior.patient);
  return sum(own.flatMap((a) => a ?? []));
}
