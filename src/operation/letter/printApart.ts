import { Worker } from 'node:worker_threads';
import type { Letter } from './letter.ts';

interface Printed {
  readonly id: number;
  readonly bytes?: Uint8Array;
}

interface Waiting {
  readonly resolve: (bytes: Buffer) => void;
  readonly reject: (error: Error) => void;
}

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<number, Waiting>();

/** A letter as PDF, printed in another thread: a night's letters do not hold up requests. */
export function printApart(letter: Letter): Promise<Buffer> {
  worker ??= start();
  const id = (asked += 1);
  worker.ref();
  worker.postMessage({ id, letter });
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
  });
}

function start(): Worker {
  const made = new Worker(new URL('printWorker.ts', import.meta.url));
  made.on('message', ({ id, bytes }: Printed) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) made.unref(); // an idle printer keeps no process alive
    if (bytes) one?.resolve(Buffer.from(bytes));
    else one?.reject(new Error('a letter could not be printed'));
  });
  const gone = (): void => {
    if (worker !== made) return; // an error was told of before the end, and another prints since
    worker = undefined;
    for (const one of waiting.values()) one.reject(new Error('the printing thread ended'));
    waiting.clear();
  };
  made.on('error', gone);
  made.on('exit', gone);
  return made;
}
