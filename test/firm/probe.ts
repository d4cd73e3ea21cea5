import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

/** What was seen of a server while something else was at work on it. */
export interface Seen {
  readonly slowestMs: number; // of reads beside
  readonly peakMb: number; // resident memory of the process so far
}

/** The highest resident memory that a process has had. */
const peakMbOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads one URL again and again while `work` runs; the slowest read counts, and one that is under way at the end. */
export async function beside<T>(
  { url, pid }: { readonly url: string; readonly pid: number },
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly seen: Seen }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const state = { isOver: false };
  let slowestMs = 0;
  const probing = (async () => {
    while (!state.isOver) {
      const began = performance.now();
      await read(url, agent);
      slowestMs = Math.max(slowestMs, performance.now() - began);
      await pause(5);
    }
  })();
  await pause(50);
  const result = await work();
  state.isOver = true;
  await probing;
  agent.destroy();
  return { result, seen: { slowestMs, peakMb: peakMbOf(pid) } };
}

const read = (url: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent }, (response) => {
      response.resume();
      response.once('end', resolve);
    });
    asked.once('error', reject);
    asked.end();
  });

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends a body as it is; what the server answers before all of it was taken counts too. */
export const submit = (
  url: string,
  method: string,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    let isAnswered = false;
    const sent = request(
      url,
      {
        method,
        agent: new Agent(),
        headers: { 'content-type': 'application/fhir+json', 'content-length': body.length, ...headers },
      },
      (response) => {
        isAnswered = true;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    sent.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    sent.end(body);
  });
