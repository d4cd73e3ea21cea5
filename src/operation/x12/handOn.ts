import type { Handler } from '../../job/queue.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import type { Guide } from '../../x12/guide.ts';
import type { Part, SetEnd, SetStart } from '../../x12/part.ts';
import { readInterchanges, readSet } from '../../x12/read.ts';
import { element } from '../../x12/segment.ts';
import type { Segment } from '../../x12/segment.ts';
import type { OperationContext } from '../operation.ts';
import { interchangeAcknowledged } from '../partner/receive.ts';
import { readContent } from './content.ts';
import type { Handled, ReceivedSet, SetHandler, Transaction } from './handler.ts';
import { handlers, rejectedHandlers } from './handlers.ts';
import { tell } from './tell.ts';

export const receivedKind = 'x12-received';
export const receivedKey = (binary: string): string => `${receivedKind}|${binary}`;

/** An interchange that was kept and is handed on. */
export interface ToHandOn {
  readonly binary: string;
  readonly sha256: string;
  /** Interchanges ('0') and groups ('0.1') that are refused as a whole, counted from 0. */
  readonly refused: readonly string[];
  /** The trading partner it was fetched from: Endpoint/1. */
  readonly endpoint?: string;
}

/** What became of it; kept as the result of the job. */
export interface HandedOn {
  readonly made: readonly string[];
  readonly issues: readonly Issue[];
  /** How many sets were handed on, were refused, and have no handler. */
  readonly taken: number;
  readonly refused: number;
  readonly unhandled: number;
}

const mostMade = 500;
const mostIssues = 200;

const kinds: Readonly<Record<string, Transaction>> = {
  '005010X214': '277CA',
  '005010X213': '277RFAI',
  '006020X313': '277RFAI',
};

/** Which handler a guide's sets go to. */
const kindOf = ({ id, set }: Guide): Transaction | undefined => {
  return kinds[id] ?? (isTransaction(set) ? set : undefined);
};
const isTransaction = (set: string): set is Transaction => /^(?:27[015678]|820|835|837|997|999)$/.test(set);

/** Hands each accepted set of a kept interchange to its handler, one after another. Done twice, it changes nothing. */
export const handingOn = (context: OperationContext): Handler => ({
  kind: receivedKind,
  run: async (lease) => {
    const toHandOn = JSON.parse(lease.job.payload) as ToHandOn;
    const handed = await handOn(context, toHandOn);
    await context.store.transaction((tx) =>
      tx.jobs.change(lease, { state: 'done', result: JSON.stringify(handed) }),
    );
    return undefined;
  },
  giveUp: (tx, lease) => {
    const { binary } = JSON.parse(lease.job.payload) as ToHandOn;
    const text = 'an interchange that came in could not be worked through: the log of the server says why';
    return tell(context, tx, { binary, detail: 'failed', text });
  },
});

/** Where reading stands, and what was gathered on the way. */
interface Going {
  readonly context: OperationContext;
  readonly of: ToHandOn;
  readonly made: string[];
  readonly issues: Issue[];
  interchange: number;
  group: number;
  isa: Segment | undefined;
  start: SetStart | undefined;
  counts: { taken: number; refused: number; unhandled: number };
}

async function handOn(context: OperationContext, of: ToHandOn): Promise<HandedOn> {
  const going: Going = {
    ...{ context, of, made: [], issues: [], isa: undefined, start: undefined },
    ...{ interchange: -1, group: -1, counts: { taken: 0, refused: 0, unhandled: 0 } },
  };
  for await (const part of readInterchanges(readContent(context.store, of.binary))) await take(going, part);
  const { made, issues, counts } = going;
  return { made: [...new Set(made)].slice(0, mostMade), issues: issues.slice(0, mostIssues), ...counts };
}

async function take(going: Going, part: Part): Promise<void> {
  switch (part.kind) {
    case 'interchange':
      going.interchange += 1;
      going.group = -1;
      going.isa = part.header;
      return;
    case 'group':
      going.group += 1;
      return;
    case 'set':
      going.start = part;
      return;
    case 'setEnd':
      await takeSet(going, part);
      return;
    case 'acknowledgement':
      await takeAcknowledgement(going, part.segment);
      return;
    default:
  }
}

const isRefused = ({ of, interchange, group }: Going): boolean =>
  of.refused.includes(String(interchange)) || of.refused.includes(`${interchange}.${group}`);

async function takeAcknowledgement(
  { context, of, isa, issues, interchange }: Going,
  ta1: Segment,
): Promise<void> {
  if (!isa || of.refused.includes(String(interchange))) return;
  if (!(await interchangeAcknowledged(context, { isa, interchange: of.binary, ta1 })))
    issues.push(warning('acknowledged-unknown', 'Binary', 'a TA1 names an interchange that was not sent'));
}

async function takeSet(going: Going, end: SetEnd): Promise<void> {
  const { counts, context, of, issues } = going;
  const isRejected = isRefused(going) || end.status === 'R';
  const set = receivedSet(going, end);
  const kind = end.guide && kindOf(end.guide);
  const handler = kind && (isRejected ? rejectedHandlers : handlers)[kind];
  if (isRejected) {
    counts.refused += 1;
    // what was cut off on its way comes again as a whole
    const isCutOff = !end.trailer || of.refused.includes(String(going.interchange));
    if (set && handler && !isCutOff) await handTo(going, handler, set);
    return;
  }
  if (!set || !handler) {
    counts.unhandled += 1;
    const name = end.guide?.set ?? '';
    const text = `a set ${name} that came in is kept and nobody takes it up here: see to it by hand`;
    await context.store.transaction((tx) =>
      tell(context, tx, { binary: of.binary, detail: `set ${end.position}`, text }),
    );
    issues.push(warning('set-unhandled', 'Binary', `set ${name} at segment ${end.position}: a Task says so`));
    return;
  }
  counts.taken += 1;
  await handTo(going, handler, set);
}

async function handTo(
  { context, made, issues }: Going,
  handler: SetHandler,
  set: ReceivedSet,
): Promise<void> {
  const handled: Handled = await handler(context, set);
  made.push(...handled.made);
  issues.push(...(handled.issues ?? []));
}

function receivedSet({ context, of, isa, start, interchange }: Going, end: SetEnd): ReceivedSet | undefined {
  const { guide } = end;
  const st = start?.header;
  if (!isa || !st || !guide) return undefined;
  const { offset } = start;
  const place = { isa, gs: end.group, st, offset };
  return {
    ...{ isa, st, guide, gs: end.group, interchange: of.binary, sha256: of.sha256, position: end.position },
    key: `${of.sha256}|${interchange}|${end.position}|${element(st, 2)}`,
    ...(of.endpoint === undefined ? {} : { endpoint: of.endpoint }),
    parts: () => readSet(readContent(context.store, of.binary, offset), place),
  };
}
