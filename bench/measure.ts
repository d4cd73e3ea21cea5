import { Connection, type Reply } from './connection.ts';
import type { Running } from './server.ts';

/** What a client does over and over; answers how many requests (or resources) that were. */
export type Client = (ask: Ask, turn: number) => Promise<number>;
/** Sends one request, times it, and throws when the answer is no success. */
export type Ask = (method: string, path: string, body?: string | Buffer, headers?: string) => Promise<Reply>;

/** What a row of the table is measured as. */
export interface Figures {
  readonly done: number; // requests, or resources where a request carries several
  readonly perSecond: number;
  readonly p50: number; // milliseconds a request
  readonly p95: number;
  readonly cpu: number; // milliseconds of server and database for each that was done
}

export interface Load {
  readonly clients: number;
  readonly seconds: number; // measured; a quarter of it goes before, unmeasured
  readonly turns?: number; // that many turns in all, measured from first to last, instead of a time
}

/** Runs as many clients as asked side by side, each on its own connection, for a time. */
export async function measure(
  server: Running,
  { clients, seconds, turns = Infinity }: Load,
  clientOf: (no: number) => Client,
): Promise<Figures> {
  const times: number[] = [];
  let [isOver, isMeasured, done, turn] = [false, false, 0, 0];
  const run = async (no: number): Promise<void> => {
    const connection = new Connection(server.base);
    const client = clientOf(no);
    const ask: Ask = async (method, path, body, headers) => {
      const began = performance.now();
      const reply = await connection.send(method, path, body, headers);
      if (isMeasured) times.push(performance.now() - began);
      if (reply.status < 200 || reply.status > 399)
        throw new Error(`${method} ${path}: ${reply.status} ${reply.body.toString().slice(0, 1000)}`);
      return reply;
    };
    while (!isOver && turn < turns) {
      const some = await client(ask, turn++);
      if (isMeasured) done += some;
    }
    connection.close();
  };
  isMeasured = turns !== Infinity;
  let [cpu, began] = [server.cpuSeconds(), performance.now()];
  const all = Promise.all(Array.from({ length: clients }, (_, no) => run(no)));
  const wait = (ms: number): Promise<unknown> =>
    Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), all]);
  if (isMeasured) await all;
  else {
    await wait(seconds * 250);
    [cpu, began] = [server.cpuSeconds(), performance.now()];
    isMeasured = true;
    await wait(seconds * 1000);
  }
  isMeasured = false;
  const [used, took] = [server.cpuSeconds() - cpu, (performance.now() - began) / 1000];
  isOver = true;
  await all;
  const sorted = times.sort((a, b) => a - b);
  return {
    done,
    perSecond: done / took,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    cpu: (used * 1000) / done,
  };
}

/** The value that a share of the sorted ones does not exceed. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
