import type { Claim, Coverage, Resource } from '@medplum/fhirtypes';
import { holdOf } from '../../billing/claim/edit.ts';
import { rules } from '../../billing/scrub/rules/index.ts';
import { knownAs } from '../../billing/scrub/input.ts';
import type { ScrubInput } from '../../billing/scrub/rule.ts';
import { scrub } from '../../billing/scrub/scrub.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { addDays, dateOf, isDate } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find } from '../../interaction/repository.ts';
import { codeOfIssue, warning, type Issue } from '../../outcome/issue.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import { isVisit } from '../../terminology/serviceKind.ts';
import type { Call } from '../operation.ts';
import { editsOfClaim, type KeptEdits } from '../claim/claimEdits.ts';
import { compareWithChart } from './compareWithChart.ts';
import { planOf } from '../claim/practicePlans.ts';
import { readClaimTables } from '../table/claimTables.ts';
import { loadedTables, type LoadedTable } from '../table/loadedTables.ts';
import { authorizationAsked } from '../authorization/authorizationAsked.ts';
import { readAdmissions } from './readAdmissions.ts';
import { readEnrolments } from '../enrolment/readEnrolments.ts';
import { readUnasked } from './readUnasked.ts';
import { lastAnswer } from './lastAnswer.ts';
import { part2Faults } from './part2Consent.ts';
import { reviewFaults } from '../coding/review.ts';
import { ruleIssues } from '../rule/ruleIssues.ts';
import { readKnown } from './readKnown.ts';

/** What was read of a claim before: what it refers to, and what its biller said. */
interface ClaimRead {
  readonly known: ReadonlyMap<string, Resource>;
  readonly edits: KeptEdits;
}

/** Every fault and warning a payer would find in a claim; reads what the rules need and changes nothing. */
export async function scrubClaim(call: Call, claim: Claim, read?: ClaimRead): Promise<Issue[]> {
  const known = read?.known ?? (await readKnown(call.tx, claim));
  const edits = read?.edits ?? (await editsOfClaim(call.tx, claim));
  const loaded = await loadedTables(call.tx, call.context.store);
  const earlier = await earlierClaims(call, claim, daysBefore(claim, loaded));
  const plan = await planRules(call, known, claim);
  const stale = await compareWithChart(call, claim, { known, edits: edits.edits });
  // a void is judged by what it takes back only: its content was judged when it was sent
  const admissions = await readAdmissions(call, claim, known);
  const input = {
    claim,
    on: call.on,
    known,
    earlier,
    plan,
    ...(admissions.length > 0 ? { admissions } : {}),
    ...(await readEnrolments(call, claim, known)),
    ...(await readUnasked(call, claim, known)),
  };
  const tables = loaded.length === 0 ? undefined : await readClaimTables(call, loaded, input);
  const found = scrub(rules, tables ? { ...input, tables } : input);
  const judged = isVoidClaim(claim) ? found.filter((i) => ofVoids.includes(codeOfIssue(i) ?? '')) : found;
  const protectedFaults = isVoidClaim(claim) ? [] : await part2Faults(call, claim);
  const ofPractice = isVoidClaim(claim) ? [] : await ruleIssues(call, claim, known);
  const unreviewed = isVoidClaim(claim) ? [] : await reviewFaults(call, claim);
  return [...stale, ...held(claim, edits), ...unreviewed, ...protectedFaults, ...judged, ...ofPractice];
}

/** Days before its first whose claims count: as many as a procedure has days of care, where that is known and asked. */
const daysBefore = ({ item = [] }: Claim, loaded: readonly LoadedTable[]): number =>
  loaded.some(({ table }) => table === 'fee-schedule') &&
  item.some((i) => isVisit(codeOf(i.productOrService, ...acceptedLineSystems) ?? ''))
    ? 90
    : 0;

/** What a void has to be right in. */
const ofVoids: readonly string[] = [
  ...['frequency-prior-claim', 'patient-control-number', 'payer-id', 'billing-npi', 'member-id'],
];

/** A warning about a draft that its biller holds back. */
function held(claim: Claim, { edits }: KeptEdits): Issue[] {
  const isHeld = claim.status === 'draft' && holdOf(edits) !== undefined;
  return isHeld
    ? [warning('claim-held', 'Claim', 'this claim is held: $edit it (hold false) to send it')]
    : [];
}

/** The claims of the patient for the same days, sent or not: of few conditions the search is quickest. */
async function earlierClaims(
  { tx }: Call,
  { patient, billablePeriod, item = [] }: Claim,
  before: number,
): Promise<Claim[]> {
  const target = parseReference(patient.reference);
  const { start, end } = billablePeriod ?? {};
  const days = [
    start,
    end,
    ...item.flatMap((i) => [i.servicedDate, i.servicedPeriod?.start, i.servicedPeriod?.end]),
  ]
    .flatMap((day) => (day === undefined ? [] : [dateOf(day)]))
    .sort();
  const [first, last] = [days[0], days.at(-1)];
  if (target?.type !== 'Patient' || first === undefined || last === undefined) return [];
  const found = await find<Claim>(tx, 'Claim', {
    patient: `Patient/${target.id}`,
    'service-date': [`ge${before > 0 && isDate(first) ? addDays(first, -before) : first}`, `le${last}`],
  });
  return found.filter((one) => one.use !== 'predetermination'); // an estimate bills nothing
}

/** What the plan of the billed coverage asks: the one its class names, else the only one of the payer. */
async function planRules(
  call: Call,
  known: ReadonlyMap<string, Resource>,
  claim: Claim,
): Promise<ScrubInput['plan']> {
  const focal = claim.insurance.find((i) => i.focal)?.coverage;
  const plan = await planOf(call, knownAs<Coverage>(known, 'Coverage', focal), claim.insurer);
  const answered = await lastAnswer(call, claim);
  const asked = await authorizationAsked(call, claim);
  return {
    authorization: new Set(
      [...(plan?.authorization.keys() ?? []), ...asked.required].filter((code) => !asked.free.has(code)),
    ),
    ...(plan && plan.filing.length > 0 ? { filing: plan.filing } : {}),
    ...(plan?.coverageChange === undefined ? {} : { coverageChange: plan.coverageChange }),
    ...(answered === undefined ? {} : { lastAnswer: answered }),
  };
}
