import { createHash } from 'node:crypto';
import type { Binary } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import { interchangeFault } from '../../x12/fault.ts';
import type { Fault } from '../../x12/fault.ts';
import { judging } from '../../x12/judgement.ts';
import type { FileJudged, InterchangeJudged } from '../../x12/judgement.ts';
import { partsOf } from '../../x12/read.ts';
import { element } from '../../x12/segment.ts';
import { workLeased } from '../call/leased.ts';
import type { OperationContext } from '../operation.ts';
import { keep, kept } from '../partner/kept.ts';
import { partnerAt, sendAnswer } from '../partner/sendAnswer.ts';
import { holderOf, interchangeKey, reserveKey } from '../uniqueKey.ts';
import { acknowledge } from './answers.ts';
import { dropContent, gatherContent, placeContent, type Gathered } from './content.ts';
import { handingOn, receivedKey, receivedKind, type HandedOn, type ToHandOn } from './handOn.ts';
import { tell } from './tell.ts';

/** What became of a file that came in. */
export interface Received {
  /** The Binary it is kept as. */
  readonly binary: string;
  /** The Binaries of our TA1 and 999. */
  readonly answers: readonly string[];
  readonly issues: readonly Issue[];
  readonly isRepeat: boolean;
  /** Absent while it is still worked at. */
  readonly handed: HandedOn | undefined;
}

/** What is kept of the first time, so that a repeat is answered alike. */
interface Said {
  readonly answers: readonly string[];
  readonly issues: readonly Issue[];
}

const saidKey = (binary: string): string => `x12-said|${binary}`;

/**
 * Takes a file of interchanges in: it is read once to be judged, kept unchanged, acknowledged, and its accepted sets are
 * handed on. The same bytes again change nothing, but where handing on was given up it is begun again. Throws 400 where
 * there is no interchange in it at all.
 */
export async function receiveFile(
  context: OperationContext,
  body: AsyncIterable<Uint8Array>,
  endpoint?: string,
): Promise<Received> {
  const judge = judging();
  const { push, end } = partsOf();
  const key = context.newId();
  const gathered = await gatherContent({ store: context.store, key }, body, (chunk) => {
    for (let at = 0; at < chunk.length; at += 65_536)
      for (const part of push(chunk.subarray(at, at + 65_536))) judge.take(part);
  });
  for (const part of end()) judge.take(part);
  const { file } = judge;
  if (file.interchanges.length === 0) {
    await dropContent(context.store, gathered);
    throw badRequest('not-x12', file.stray[0]?.sentence ?? 'There is no interchange in what was sent.');
  }
  let lease: Lease | undefined;
  const { binary, isRepeat } = await context.store.transaction(async (tx) => {
    lease = undefined;
    const known = await holderOf(tx, interchangeKey(gathered.sha256));
    if (known) return { binary: referenceText(known), isRepeat: true };
    const made = await keepFile(context, tx, { gathered, file, endpoint });
    lease = made.lease;
    return { binary: made.binary, isRepeat: false };
  });
  if (isRepeat) {
    await dropContent(context.store, gathered);
    return comeAgain(context, binary);
  }
  if (lease) await work(context, lease);
  return whatBecame(context, binary, false);
}

/** What became of a file that is kept already; what was given up is tried once more. */
export async function comeAgain(context: OperationContext, binary: string): Promise<Received> {
  const lease = await context.store.transaction(async (tx) => {
    const job = await tx.jobs.read(receivedKey(binary));
    if (job?.state !== 'failed') return undefined;
    const { key, kind, payload } = job;
    return tx.jobs.begin({ key, kind, payload, due: 0 }, { reopen: true });
  });
  if (lease) await work(context, lease);
  return whatBecame(context, binary, true);
}

async function whatBecame({ store }: OperationContext, binary: string, isRepeat: boolean): Promise<Received> {
  const job = await store.jobs.read(receivedKey(binary));
  const { answers = [], issues = [] } = (await kept<Said>(store, saidKey(binary))) ?? {};
  const handed = job?.state === 'done' && job.result !== undefined ? job.result : undefined;
  return {
    ...{ binary, answers, issues, isRepeat },
    handed: handed === undefined ? undefined : (JSON.parse(handed) as HandedOn),
  };
}

/** The Binary that holds these bytes; undefined where they never came. */
export const keptAs = async ({ store }: OperationContext, bytes: Uint8Array): Promise<string | undefined> => {
  const known = await holderOf(store, interchangeKey(createHash('sha256').update(bytes).digest('hex')));
  return known && referenceText(known);
};

interface File {
  readonly gathered: Gathered;
  readonly file: FileJudged;
  readonly endpoint: string | undefined;
}

/** Everything that is written when a file is kept, in one transaction: its Binary, the answers, and the work to do. */
async function keepFile(
  context: OperationContext,
  tx: Transaction,
  { gathered, file, endpoint }: File,
): Promise<{ readonly binary: string; readonly lease: Lease | undefined }> {
  const { sha256, inline } = gathered;
  const made = await createResource<Binary>(context, tx, {
    resourceType: 'Binary',
    meta: { extension: [{ url: extension.sha256, valueString: sha256 }] },
    contentType: 'application/EDI-X12',
    ...(inline ? { data: inline.toString('base64') } : {}),
  });
  const binary = referenceText(made);
  await placeContent(tx, binary, gathered);
  await reserveKey(tx, interchangeKey(sha256), binary);
  const judged: InterchangeJudged[] = [];
  for (const one of file.interchanges) judged.push(await againstOthers(tx, one, binary));
  const partner = endpoint === undefined ? undefined : await partnerAt(tx, endpoint);
  const answers: string[] = [];
  for (const one of judged) {
    const answer = await acknowledge(context, tx, one, partner?.firstNumber);
    if (!answer) continue;
    answers.push(answer.binary);
    if (partner) await sendAnswer(context, tx, partner, answer);
  }
  const issues = issuesOf(judged, file.stray);
  await keep(tx, saidKey(binary), { answers, issues } satisfies Said);
  if (issues.length > 0) {
    const text = 'an interchange that came in is refused in whole or in part: its acknowledgement says why';
    await tell(context, tx, { binary, detail: 'refused', text });
  }
  const toHandOn: ToHandOn = {
    ...{ binary, sha256, refused: refusedOf(judged) },
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const payload = JSON.stringify(toHandOn);
  const lease = await tx.jobs.begin({ key: receivedKey(binary), kind: receivedKind, payload, due: 0 });
  return { binary, lease };
}

/** The same control number of the same day from the same sender with other bytes is refused: one of the two is wrong. */
async function againstOthers(
  tx: Transaction,
  judged: InterchangeJudged,
  binary: string,
): Promise<InterchangeJudged> {
  if (judged.status === 'R') return judged;
  const parts = [5, 6, 7, 8, 9, 10, 13].map((n) => element(judged.header, n).trim());
  const key = `x12-interchange|${parts.join('|')}`;
  await tx.lock(key);
  if (await kept<{ binary: string }>(tx, key)) {
    const fault = interchangeFault('025', 'Another interchange came with this control number.');
    return { ...judged, status: 'R', faults: [...judged.faults, fault] };
  }
  await keep(tx, key, { binary });
  return judged;
}

const refusedOf = (judged: readonly InterchangeJudged[]): readonly string[] =>
  judged.flatMap(({ status, groups }, n) =>
    status === 'R' ? [String(n)] : groups.flatMap((group, m) => (group.status === 'R' ? [`${n}.${m}`] : [])),
  );

const mostIssues = 100;

/** Faults for which something is refused, as the caller and a person are told of them. */
function issuesOf(judged: readonly InterchangeJudged[], stray: readonly Fault[]): readonly Issue[] {
  const faults = judged.flatMap(({ faults: own, groups }) => [
    ...own,
    ...groups.flatMap((group) => [...group.faults, ...group.sets.flatMap((set) => set.faults)]),
  ]);
  return [...stray, ...faults.filter(({ refuses }) => refuses)]
    .slice(0, mostIssues)
    .map(({ code, position, sentence }) =>
      warning('x12-fault', 'Binary', `segment ${position}: ${sentence} (${code})`),
    );
}

function work(context: OperationContext, lease: Lease): Promise<void> {
  const working = workLeased(context, handingOn(context), lease);
  context.background?.(working);
  return working;
}
