import type { Claim, ClaimResponse, Contract, Coverage, Task } from '@medplum/fhirtypes';
import {
  differences,
  isSameStanding,
  level,
  replacedBy,
  standingAfter,
  type DecidedLine,
  type Difference,
  type Standing,
} from '../../billing/contract/compare.ts';
import { expectedLines, wholeClaim, type ExpectedLine } from '../../billing/contract/expected.ts';
import {
  contractOn,
  expectationTask,
  expectedOf,
  isFeeContract,
  planOf,
  ratesOf,
  standingOf,
  termsOf,
  withStanding,
} from '../../billing/contract/feeContract.ts';
import type { Rate } from '../../billing/contract/rates.ts';
import { isDenial } from '../../billing/denial/denied.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { sum, toText } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText, withoutVersions } from '../../datatypes/sentVersion.ts';
import { createResource, find, updateResource } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { isVoidClaim, priorClaimOf } from '../../terminology/claimFrequency.ts';
import type { Call } from '../operation.ts';
import type { Submission } from '../submission/submission.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';

type Stored<T> = T & { id: string };
type Writing = Pick<Call, 'context' | 'tx' | 'on'>;

/** The contracts of a practice with a payer that count. */
export const contractsOf = async (
  reader: Reader,
  { practice, payer }: { readonly practice: string; readonly payer: string },
): Promise<Stored<Contract>[]> =>
  (await find<Contract>(reader, 'Contract', { subject: payer, status: 'executed' })).flatMap((contract) =>
    contract.id !== undefined && isFeeContract(contract) && termsOf(contract).practice === practice
      ? [changed(contract, { id: contract.id })]
      : [],
  );

/** What the contracts of a practice with the payer of a Coverage let expect of each line of a claim. */
export async function expectedByContract(
  reader: Reader,
  claim: Claim,
  {
    coverage,
    practice,
    payer,
  }: { readonly coverage: Coverage; readonly practice: string; readonly payer: string },
): Promise<ExpectedLine[]> {
  const contracts = await contractsOf(reader, { practice, payer });
  if (contracts.length === 0) return [];
  const { network } = coverage;
  const plan = planOf(coverage);
  const read = new Map<string, readonly Rate[]>();
  return expectedLines(claim, (day) => {
    const found = contractOn(contracts, { plan, network, day });
    if (!found) return undefined;
    const rates = read.get(found.id) ?? ratesOf(found);
    read.set(found.id, rates);
    return { contract: referenceText(found), rates };
  });
}

const expectationKey = (claim: string) => taskKey('payment-expected', claim, '');

/**
 * Keeps what is expected of each line of a claim that goes to its first payer. What a further payer allows follows from
 * the payer before, and a void expects nothing.
 */
export async function keepExpected(
  { context, tx, on }: Writing,
  { claim, coverage, payer, priors }: Submission,
): Promise<void> {
  const practice = unversionedText(claim.provider.reference);
  if (priors.length > 0 || isVoidClaim(claim) || practice === undefined) return;
  const lines = await expectedByContract(tx, claim, { coverage, practice, payer });
  const key = expectationKey(referenceText(claim));
  if (lines.length === 0 || (await holderOf(tx, key))) return;
  const task = await createResource(
    context,
    tx,
    expectationTask(withoutVersions(claim), lines, { practice, on }),
  );
  await reserveKey(tx, key, referenceText(task));
}

/** The answers that decide a claim, in their order, and those to it before, also those that were taken back. */
interface Decided {
  readonly deciding: readonly ClaimResponse[];
  readonly before?: readonly ClaimResponse[];
}

/** Compares what is decided with what was expected: of the claim itself, and of the claim it corrects. */
export async function judgeExpected(
  call: Writing,
  claim: Claim & { id: string },
  { deciding, before = [] }: Decided,
): Promise<void> {
  const last = deciding.at(-1);
  if (last?.outcome !== 'complete' || last.status !== 'active') return;
  const expectation = await holderOf(call.tx, expectationKey(referenceText(claim)));
  const lines = expectation && differences(expectedOf(expectation), decidedLines(deciding));
  const prior = priorClaimOf(claim)?.claim;
  if (prior !== undefined) await replace(call, prior, lines);
  if (!expectation || !lines || lines.length === 0 || claim.status !== 'active') return;
  const known = new Set(decidedLines(before).map(({ sequence }) => sequence));
  const isKnown = (item: number): boolean => (item === wholeClaim ? known.size > 0 : known.has(item));
  const first = lines.filter(({ item }) => !isKnown(item));
  await keepStanding(call, expectation, standingAfter(standingOf(expectation) ?? level, lines, first), lines);
}

/** What was decided on each line, by the last answer that has it: an answer to a part leaves the others as they were. */
function decidedLines(answers: readonly ClaimResponse[]): DecidedLine[] {
  const last = new Map<number, readonly DecidedLine[]>();
  for (const answer of answers) {
    const decided = Map.groupBy(linesOf(answer), (line) => line.sequence);
    // who decides the claim as a whole decides its lines anew, and the other way round
    if (decided.has(wholeClaim)) last.clear();
    else if (decided.size > 0) last.delete(wholeClaim);
    for (const [sequence, lines] of decided) last.set(sequence, lines);
  }
  return [...last.values()].flat();
}

const linesOf = (response: ClaimResponse): DecidedLine[] =>
  adjudicated(response).map(({ sequence = wholeClaim, allowed, adjustments }) => ({
    sequence,
    allowed,
    denied: sum(adjustments.filter(isDenial).map((a) => a.amount)),
  }));

/** A claim that was corrected or taken back is missing nothing any more. */
async function replace(
  call: Writing,
  claim: string,
  lines: readonly Difference[] | undefined,
): Promise<void> {
  const before = await holderOf(call.tx, expectationKey(claim));
  const standing = before && standingOf(before);
  if (before && standing) await keepStanding(call, before, replacedBy(standing, lines), []);
}

async function keepStanding(
  call: Writing,
  expectation: Stored<Task>,
  standing: Standing,
  lines: readonly Difference[],
): Promise<void> {
  const { context, tx } = call;
  const before = standingOf(expectation);
  if (!before || !isSameStanding(before, standing)) {
    const output = withStanding(expectation, standing);
    const kept = { status: 'completed', lastModified: context.now(), output } as const;
    await updateResource(context, tx, changed(expectation, kept));
  }
  const claim = expectation.focus?.reference ?? '';
  const patient = expectation.for?.reference;
  const about = { focus: claim, patient: unversionedText(patient), practice: expectation.owner?.reference };
  for (const [code, name] of [
    ['underpayment', 'short'],
    ['overpayment', 'over'],
  ] as const) {
    const detail = 'contract';
    const known = await holderOf(tx, taskKey(code, claim, detail));
    if (standing[name] === 0) {
      if (known && isOpen(known)) await closeTask(call, known);
      continue;
    }
    if (before?.[name] === standing[name]) continue; // told of, and maybe worked already
    const text = textOf(code, toText(standing[name]), lines);
    if (known && isOpen(known)) await updateResource(context, tx, changed(known, { description: text }));
    else await raiseTask(call, { ...about, code, detail, text });
  }
}

/** At most so many lines are told of in the text of a Task. */
const mostTold = 10;

function textOf(code: 'underpayment' | 'overpayment', total: string, lines: readonly Difference[]): string {
  const differing = lines.filter((line) => (code === 'underpayment' ? line.short : line.over) > 0);
  const told = differing
    .slice(0, mostTold)
    .map(
      (l) =>
        `${l.item === wholeClaim ? 'the claim' : `line ${l.item}`}: expected ${toText(l.amount)} (${l.rule}), allowed ${toText(l.allowed)}`,
    );
  const rest = differing.length > mostTold ? [`${differing.length - mostTold} more lines`] : [];
  const what = code === 'underpayment' ? 'allowed less than was agreed' : 'allowed more than was agreed';
  return `the payer ${what}, ${total} in all; ${[...told, ...rest].join('; ')}`;
}
