import type {
  Claim,
  ClaimResponse,
  Coverage,
  Organization,
  OrganizationAffiliation,
  Task,
} from '@medplum/fhirtypes';
import {
  appealRules,
  deadlineOf,
  isSurpriseRemark,
  levelOf,
  minimumOf,
  routeOf,
  routes,
  type AppealLevel,
  type Route,
} from '../../billing/appeal/appealLevel.ts';
import { deniedBy, deniedIn, remarksOf } from '../../billing/denial/denied.ts';
import { readAmount } from '../../billing/payment/amount.ts';
import { toText, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { dateOf } from '../../datatypes/date.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText, same } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unknownCode, warning, wrongValue, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import { lifeOf, requireStep } from '../claim/claimLife.ts';
import type { Call } from '../operation.ts';
import { dayOf, parameter } from '../parameters.ts';
import { appealFacts, inputOf, lost } from './appealTask.ts';

type Stored<T> = T & { id: string };

/** An appeal that may be made. */
export interface Appealable {
  readonly response: Stored<ClaimResponse>;
  readonly coverage: Coverage | undefined;
  readonly payer: Organization | undefined;
  readonly practice: Organization | undefined;
  readonly level: AppealLevel;
  readonly disputed: Cents;
  readonly dated: string;
  readonly received: string | undefined;
  readonly deadline: string | undefined;
  readonly goodCause: string | undefined;
  readonly exception: string | undefined;
  readonly known: Stored<Task> | undefined; // the appeal of this level that is there already
  readonly issues: readonly Issue[];
}

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** Why Medicare takes a claim that was filed too late: 42 CFR 424.44(b). */
const exceptions: Readonly<Record<string, string>> = {
  'administrative-error':
    'The claim is late through an error or a wrong statement of Medicare or its contractor.',
  'retroactive-entitlement':
    'The patient was entitled to Medicare only after the service, with effect before it.',
  'medicaid-recoupment': 'A state Medicaid agency took its payment back after the time to file.',
  'plan-disenrollment':
    'The patient was disenrolled from a Medicare Advantage plan with effect before the service.',
};

/** Decides which level of which route an appeal is, by when it must be filed, and whether it may be made at all. */
export async function appealable(call: Call, claim: Stored<Claim>): Promise<Appealable> {
  const { tx, input, on } = call;
  const life = await lifeOf(tx, claim);
  requireStep(claim, life.state, 'appeal');
  const response = life.answer;
  if (!response) throw conflict('claim-state', `${referenceText(claim)} is not answered`, 'Claim.status');
  const plain = withoutVersions(claim);
  const coverage = await resolve<Coverage>(tx, 'Coverage', plain.insurance.find((i) => i.focal)?.coverage);
  const payer = await resolve<Organization>(tx, 'Organization', plain.insurer);
  const practice = await resolve<Organization>(tx, 'Organization', plain.provider);
  const route = routeAsked(call, coverage);
  requireSurprise(route, response);
  const exception = exceptionOf(call, { route, response });
  const disputed = disputedOf(call, response);
  const before = await appealsOf(call, claim, response);
  const n = levelAsked(call, before, route);
  const level = levelOf(await rulesOf(call, plain, payer), { route, level: n });
  if (!level)
    throw unprocessable([
      wrongValue('no-such-level', at('level'), `the route ${route} has no level ${n.toString()}`),
    ]);
  const known = before.find((t) => isOfLevel(t, route, n));
  const prior = priorOf(call, { before, level, known });
  const given = dayOf(input, 'receivedOn');
  const received =
    given ?? prior?.received ?? (route.startsWith('medicare') ? undefined : dateOf(response.created));
  const dated = prior?.received ?? dateOf(response.created);
  if (given !== undefined && (given < dateOf(response.created) || given > call.today))
    throw unprocessable([
      wrongValue(
        'received-out-of-range',
        at('receivedOn'),
        'the decision was received after it was made, and not later than today',
      ),
    ]);
  const deadline = deadlineOf(level, { dated, received });
  const goodCause = parameter(input, 'goodCause')?.valueString;
  const issues = [
    ...(prior?.issues ?? []),
    ...(known ? [] : faultsOf(call, { level, disputed, deadline, goodCause, on })),
  ];
  const faults = issues.filter((i) => i.severity === 'error');
  if (faults.length > 0) throw unprocessable(faults);
  return {
    response,
    coverage,
    payer,
    practice,
    level,
    disputed,
    dated,
    received,
    deadline,
    goodCause,
    exception,
    known,
    issues,
  };
}

function routeAsked({ input }: Call, coverage: Coverage | undefined): Route {
  const given = parameter(input, 'route')?.valueCode;
  if (given === undefined) return coverage ? routeOf(coverage) : 'contract';
  const route = routes.find((r) => r === given);
  if (route === undefined)
    throw unprocessable([
      unknownCode('appeal-route', at('route'), `the route is one of ${routes.join(', ')}`),
    ]);
  const isMedicareRoute = ['medicare', 'medicare-exception'].includes(route);
  if (isMedicareRoute && (!coverage || routeOf(coverage) !== 'medicare'))
    throw unprocessable([
      wrongValue('route-unfit', at('route'), 'the coverage of the claim is not Medicare'),
    ]);
  return route;
}

/** Open negotiation is for what the payer decided under the No Surprises Act. */
function requireSurprise(route: Route, response: ClaimResponse): void {
  if (route !== 'no-surprises' || remarksOf(response).some(isSurpriseRemark)) return;
  const text = 'no remark of the payer (N830, N859 to N879) says that it decided under the No Surprises Act';
  throw unprocessable([wrongValue('route-unfit', at('route'), text)]);
}

/** Medicare takes no appeal of a claim filed too late, only a request for an exception. */
function exceptionOf(
  { input }: Call,
  { route, response }: { readonly route: Route; readonly response: ClaimResponse },
): string | undefined {
  const isLate = deniedBy(response).has('29');
  if (route === 'medicare' && isLate) {
    const text =
      'Medicare takes no appeal of a claim that was filed too late: ask for an exception with route medicare-exception';
    throw unprocessable([businessFault('no-appeal', 'Claim', text)]);
  }
  if (route !== 'medicare-exception') return undefined;
  const text = exceptions[parameter(input, 'exception')?.valueCode ?? ''];
  if (isLate && text !== undefined) return text;
  const why = isLate
    ? `the exception is one of ${Object.keys(exceptions).join(', ')}`
    : 'only a claim that was denied as filed too late (CARC 29) has an exception';
  throw unprocessable([businessFault('exception-unfit', at('exception'), why)]);
}

function disputedOf({ input }: Call, response: ClaimResponse): Cents {
  const given = parameter(input, 'amount')?.valueMoney;
  const amount = given === undefined ? deniedIn(response) : readAmount(given, at('amount'));
  if (typeof amount !== 'number') throw unprocessable([amount]);
  if (amount > 0) return amount;
  throw unprocessable([
    missing('nothing-denied', at('amount'), 'nothing was denied: say the amount that is in dispute'),
  ]);
}

/** The appeals against an answer, whoever made them by operation, and the one that it decided against us. */
async function appealsOf({ tx }: Call, claim: Claim, response: ClaimResponse): Promise<Stored<Task>[]> {
  const answer = { reference: referenceText(response) };
  const wasLostBy = (t: Task): boolean =>
    lost.includes(stateOf(t)) && t.output?.some(({ valueReference: v }) => same(v, answer)) === true;
  const appeals = await find<Stored<Task>>(tx, 'Task', {
    focus: referenceText(claim),
    code: `${system.task}|appeal`,
  });
  return appeals.filter((t) => appealFacts(t) && (same(t.reasonReference, answer) || wasLostBy(t)));
}

const isOfLevel = (task: Task, route: string, level: number): boolean => {
  const facts = appealFacts(task);
  return facts?.route === route && facts.level === level && task.status !== 'cancelled';
};

const stateOf = (task: Task): string | undefined => codeOf(task.businessStatus, system.appealState);

/** The level that is asked for, else the one after the last that was decided against us. */
function levelAsked({ input }: Call, before: readonly Task[], route: Route): number {
  const given = parameter(input, 'level')?.valuePositiveInt;
  if (given !== undefined) return given;
  const levels = before.filter((t) => appealFacts(t)?.route === route && t.status !== 'cancelled');
  const last = levels.toSorted((a, b) => (appealFacts(a)?.level ?? 0) - (appealFacts(b)?.level ?? 0)).at(-1);
  const level = last ? (appealFacts(last)?.level ?? 1) : 1;
  return last && lost.includes(stateOf(last)) ? level + 1 : level;
}

/** The decision of the level before, by when it was received; refuses a level that has none, and two appeals at once. */
function priorOf(
  { on }: Call,
  of: { readonly before: readonly Task[]; readonly level: AppealLevel; readonly known: Task | undefined },
): { readonly received: string; readonly issues: Issue[] } | undefined {
  const { before, level, known } = of;
  const isLevelBefore = (t: Task): boolean => isOfLevel(t, level.route, level.level - 1);
  const open = before.find((t) => isOpen(t) && t.id !== known?.id);
  const due = open?.restriction?.period?.end;
  const isOverdue =
    open !== undefined && isLevelBefore(open) && stateOf(open) === 'filed' && due !== undefined && due < on;
  if (open && !isOverdue)
    throw conflict(
      'appeal-open',
      `Task/${open.id ?? ''} is an appeal against this decision and is not decided`,
      'Task.status',
    );
  if (level.level === 1) return undefined;
  if (isOverdue) {
    const text = `the level before was not decided by ${due}`;
    return { received: due, issues: [warning('appeal-undecided', 'Task', text)] };
  }
  const decided = before.find(isLevelBefore);
  // dispute resolution follows the end of the negotiation, however early it failed
  const ended = decided && level.isBusiness === true ? decided.restriction?.period?.end : undefined;
  const received = ended ?? (decided && inputOf(decided, 'decision-received')?.valueDate);
  if (decided && received !== undefined && lost.includes(stateOf(decided))) return { received, issues: [] };
  if (known) return undefined;
  const text = `level ${level.level.toString()} follows a decision against us on level ${(level.level - 1).toString()}`;
  throw conflict('level-before', text, at('level'));
}

function faultsOf(
  { input }: Call,
  of: {
    readonly level: AppealLevel;
    readonly disputed: Cents;
    readonly deadline: string | undefined;
    readonly goodCause: string | undefined;
    readonly on: string;
  },
): Issue[] {
  const { level, disputed, deadline, goodCause, on } = of;
  const minimum = minimumOf(level, on);
  const issues: Issue[] = [];
  if (minimum !== undefined && disputed < minimum)
    issues.push(
      businessFault(
        'below-minimum',
        at('amount'),
        `the ${level.name} needs ${toText(minimum)} in dispute, and it is ${toText(disputed)}`,
      ),
    );
  if (level.isOfMember === true && parameter(input, 'representative') === undefined)
    issues.push(
      missing(
        'representative-missing',
        at('representative'),
        `the ${level.name} is of the member: name the signed form that appoints the provider`,
      ),
    );
  if (deadline !== undefined && on > deadline) {
    const text = `the last day to file was ${deadline}`;
    if (goodCause === undefined)
      issues.push(
        businessFault('appeal-too-late', at('goodCause'), `${text}: state a good cause, or write off`),
      );
    else issues.push(warning('appeal-late', at('goodCause'), `${text}: a good cause is stated`));
  }
  return issues;
}

/** The rules of the payer: those of the route to it first. */
async function rulesOf({ tx }: Call, claim: Claim, payer: Organization | undefined): Promise<AppealLevel[]> {
  const ways = await find<OrganizationAffiliation>(tx, 'OrganizationAffiliation', {
    'primary-organization': claim.insurer?.reference ?? '',
  });
  const ours = ways.filter((r) => r.active !== false && same(r.participatingOrganization, claim.provider));
  return [...ours.flatMap(appealRules), ...appealRules(payer)];
}
