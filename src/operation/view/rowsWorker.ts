import { parentPort } from 'node:worker_threads';
import { pageOfRows, type PageTask } from './pageOfRows.ts';
import type { Given, Made } from './taskThread.ts';

/** Makes rows in a thread of its own: rowsApart.ts asks. */
parentPort?.on('message', ({ id, task, steps }: Given) => {
  Atomics.add(steps, 0, 1);
  let made: Made = { id };
  try {
    const result = pageOfRows(task as PageTask, () => {
      Atomics.add(steps, 0, 1);
    });
    made = { id, result };
  } catch {
    // what failed may hold words of a resource: nothing of it is told
  }
  parentPort?.postMessage(made);
});
