import { parentPort } from 'node:worker_threads';
import type { Letter } from './letter.ts';
import { printLetter } from './print.ts';

/** Prints letters in a thread of its own: printApart.ts asks. */
parentPort?.on('message', ({ id, letter }: { readonly id: number; readonly letter: Letter }) => {
  printLetter(letter).then(
    (bytes) => parentPort?.postMessage({ id, bytes }),
    () => parentPort?.postMessage({ id }), // what failed may hold words of the letter
  );
});
