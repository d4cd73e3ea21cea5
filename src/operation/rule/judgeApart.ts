import { Worker } from 'node:worker_threads';
import type { Condition } from '../../billing/rule/dataRule.ts';
import type { Subject } from '../../billing/rule/subject.ts';
import { rulesMax, sharedTimes, times } from './times.ts';

/** How long all rules together may take over one claim; milliseconds. */
const limit = 1000;
const heapMegabytes = 96;

/** What became of a rule over a claim: the places at fault; that it could not be judged, or did not end. */
export type Judged = readonly string[] | 'failed' | 'unfinished' | 'not-run';

interface Answered {
  readonly id: number;
  readonly found: readonly (readonly string[] | null)[];
}

interface Thread {
  readonly worker: Worker;
  readonly clock: ReturnType<typeof times>;
  readonly ready: Promise<undefined>;
  answered: ((answer: Answered) => void) | undefined;
  gone: (() => void) | undefined;
}

let thread: Thread | undefined;
let asked = 0;
let begun = 0;

/** How many threads were made so far. */
export const threadsMade = (): number => begun;

let turn: Promise<unknown> = Promise.resolve();

/**
 * Judges rules over one claim in another thread, claim after claim. After one second the thread is stopped; the rule
 * that took the most of it is unfinished, and the others are judged once more without it. No thread is there before the
 * first call.
 */
export function judgeApart(rules: readonly Condition[], subject: Subject): Promise<readonly Judged[]> {
  if (rules.length === 0) return Promise.resolve([]);
  const mine = turn.then(() => judgeTwice(rules, subject));
  turn = mine.catch(() => undefined);
  return mine;
}

async function judgeTwice(rules: readonly Condition[], subject: Subject): Promise<readonly Judged[]> {
  const first = await judgeOnce(rules.slice(0, rulesMax), subject);
  const late = rules.slice(rulesMax).map((): Judged => 'not-run');
  if (typeof first !== 'number') return [...first, ...late];
  const others = rules.slice(0, rulesMax).filter((_, i) => i !== first);
  const second = others.length === 0 ? [] : await judgeOnce(others, subject);
  const of = (i: number): Judged => {
    if (typeof second !== 'number') return second[i] ?? 'not-run';
    return i === second ? 'unfinished' : 'not-run';
  };
  const all = others.map((_, i) => of(i));
  return [...all.slice(0, first), 'unfinished', ...all.slice(first), ...late];
}

/** The results, or the place of the rule at which the thread was stopped. */
async function judgeOnce(rules: readonly Condition[], subject: Subject): Promise<readonly Judged[] | number> {
  thread ??= start();
  const one = thread;
  await one.ready;
  const id = (asked += 1);
  one.clock.clear();
  one.worker.ref();
  const since = performance.now();
  return new Promise((resolve) => {
    const settle = (result: readonly Judged[] | number): void => {
      clearTimeout(timer);
      one.answered = one.gone = undefined;
      one.worker.unref(); // an idle thread keeps no process alive
      resolve(result);
    };
    const stop = (): void => {
      if (thread === one) thread = undefined;
      const worst = Math.min(one.clock.slowest(performance.now() - since), rules.length - 1);
      void one.worker.terminate();
      settle(worst);
    };
    const timer = setTimeout(stop, limit);
    one.gone = stop; // it ended by itself: its memory was used up
    one.answered = ({ id: of, found }) => {
      if (of === id) settle(found.map((places) => places ?? 'failed'));
    };
    one.worker.postMessage({
      id,
      rules: rules.map(({ each, when, place }) => ({ each, when, place })),
      subject,
    });
  });
}

function start(): Thread {
  begun += 1;
  const memory = sharedTimes();
  const worker = new Worker(new URL('ruleWorker.ts', import.meta.url), {
    workerData: memory,
    stdout: true, // what a condition prints would be of a chart: nobody reads it
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  const { promise: ready, resolve: isReady } = Promise.withResolvers<undefined>();
  const made: Thread = { worker, clock: times(memory), ready, answered: undefined, gone: undefined };
  worker.on('message', (answer: Answered) => {
    if (answer.id === 0) isReady(undefined);
    else made.answered?.(answer);
  });
  const gone = (): void => {
    if (thread === made) thread = undefined;
    isReady(undefined);
    made.gone?.();
  };
  worker.on('error', gone);
  worker.on('exit', gone);
  return made;
}
