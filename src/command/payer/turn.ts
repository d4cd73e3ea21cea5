import { createHash } from 'node:crypto';
import type { Clock } from '../../payer/x12/envelope.ts';
import type { House } from '../../payer/x12/house.ts';
import { pay } from '../../payer/x12/pay.ts';
import { takeIn } from '../../payer/x12/takeIn.ts';
import { TransportFault, type Transport } from '../../transport/transport.ts';
import type { Shelf } from './shelf.ts';

/** A simulated payer at its end of the way to a practice. */
export interface Payer {
  readonly transport: Transport;
  readonly shelf: Shelf;
  readonly houses: readonly House[];
  readonly clock: () => Clock;
  readonly daysToPay: number;
  /** Told of a file that could not be read. */
  readonly failed?: (error: unknown) => void;
}

/** What a turn did. */
export interface Turn {
  readonly taken: readonly string[]; // names of files
  readonly sent: readonly string[];
}

/**
 * One look at the folder: every file is taken in and answered, what is due is paid, and all that waits is put out. Books
 * and answers are kept before a file is put away, so that a payer that is stopped anywhere goes on where it was.
 */
export async function turn(payer: Payer): Promise<Turn> {
  const { transport, shelf, houses, clock } = payer;
  const taken: string[] = [];
  for (const { name } of await transport.list()) {
    if (await takeFile(payer, name)) taken.push(name);
  }
  const books = shelf.books();
  const payments = pay(books, houses, clock());
  if (payments.length > 0) shelf.keep(books, payments);
  const sent: string[] = [];
  for (const { name, text } of shelf.waiting()) {
    const bytes = Buffer.from(text, 'latin1');
    await transport.stage(name, bytes);
    await transport.handOver(name, bytes);
    shelf.putOut(name);
    sent.push(name);
  }
  return { taken, sent };
}

/** Takes one file in; false where it is put aside, since it cannot be read at all. */
async function takeFile(payer: Payer, name: string): Promise<boolean> {
  const { transport, shelf, houses, clock, daysToPay, failed } = payer;
  const chunks: Uint8Array[] = [];
  for await (const chunk of transport.fetch(name)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (!shelf.answerAgain(hash)) {
    const books = shelf.books();
    try {
      const answers = takeIn(books, { houses, clock: clock(), daysToPay }, bytes);
      if (answers.length === 0 && !bytes.includes('ISA')) throw new Error(`${name} is no interchange`);
      shelf.keep(books, answers, hash);
    } catch (error) {
      if (error instanceof TransportFault) throw error;
      failed?.(error);
      await transport.fail(name);
      return false;
    }
  }
  await transport.archive(name);
  return true;
}
