/**
 * How much of a bare server's speed a single read and a single create reach: node bench/readCreate.ts
 * Both servers run in processes of their own under the same load (autocannon, 16 connections), in turns, so that both
 * get the same share of a noisy machine; the median of the rounds counts.
 * The bare one answers a prepared SQLite row by its id, and inserts the rows of a create with shared commits.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';

const seconds = Number(process.argv[2] ?? 3);
const rounds = 5;
const connections = 16;
const patient = {
  resourceType: 'Patient',
  identifier: [{ system: 'http://hospital.example/mrn', value: 'MRN-0012345' }],
  active: true,
  name: [{ use: 'official', family: 'Quillfeather', given: ['Ada', 'Beatrice'] }],
  telecom: [{ system: 'phone', value: '617-555-0142', use: 'home' }],
  gender: 'female',
  birthDate: '1980-12-31',
  address: [{ line: ['12 Alder Street'], city: 'Boston', state: 'MA', postalCode: '02118-1234' }],
  managingOrganization: { reference: 'Organization/alder-street-clinic' },
};
const body = JSON.stringify(patient);
const headers = { 'content-type': 'application/fhir+json' };

interface Running {
  readonly child: ChildProcess;
  readonly origin: string;
}

async function run(name: 'bare' | 'claimwright', folder: string): Promise<Running> {
  const script = new URL(name === 'bare' ? './bareServer.ts' : './ownServer.ts', import.meta.url);
  const child = fork(script, [join(folder, `${name}.db`)], {
    execArgv: process.env['BENCH_PROF'] === name ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [],
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as string);
    });
    child.once('exit', (code) => {
      reject(new Error(`${name} ended with ${String(code)}`));
    });
  });
  return { child, origin };
}

interface Rate {
  readonly perSecond: number;
  readonly cpu: number; // microseconds of processor time a request
}

const cpuOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('message', (message) => {
      resolve(Number(message));
    });
    child.send('cpu');
  });

async function rate({ child, origin }: Running, what: 'read' | 'create', duration: number): Promise<Rate> {
  const read: autocannon.Options = { connections, url: `${origin}/fhir/Patient/p1` };
  const create: autocannon.Options = {
    connections,
    url: `${origin}/fhir/Patient`,
    method: 'POST',
    headers,
    body,
  };
  const before = await cpuOf(child);
  const result = await autocannon({ ...(what === 'read' ? read : create), duration });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
  const cpu = ((await cpuOf(child)) - before) / result.requests.total;
  return { perSecond: result.requests.average, cpu };
}

const put = async (origin: string): Promise<void> => {
  const text = JSON.stringify({ ...patient, id: 'p1' });
  const answer = await fetch(`${origin}/fhir/Patient/p1`, { method: 'PUT', headers, body: text });
  await answer.text();
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const folder = mkdtempSync(join(tmpdir(), 'claimwright-bench-'));
const bare = await run('bare', folder);
const own = await run('claimwright', folder);
for (const server of [bare, own]) {
  await put(server.origin);
  for (const what of ['read', 'create'] as const) await rate(server, what, 2); // warm
}
for (const what of ['read', 'create'] as const) {
  const [ofBare, ofOwn]: [Rate[], Rate[]] = [[], []];
  for (let i = 0; i < rounds; i += 1) {
    ofBare.push(await rate(bare, what, seconds));
    ofOwn.push(await rate(own, what, seconds));
  }
  const both = (of: 'perSecond' | 'cpu'): [number, number] => [
    Math.round(median(ofOwn.map((r) => r[of]))),
    Math.round(median(ofBare.map((r) => r[of]))),
  ];
  const [[fast, fastBare], [cpu, cpuBare]] = [both('perSecond'), both('cpu')];
  const share = Math.round((fast / fastBare) * 100);
  process.stdout.write(
    `${what}: ${fast}/s, bare ${fastBare}/s, ${share} %; ` +
      `processor time ${cpu} µs, bare ${cpuBare} µs (medians of ${rounds})\n`,
  );
}
for (const { child } of [bare, own]) {
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send('stop');
  await ended;
}
if (process.env['BENCH_PROF'] === undefined) rmSync(folder, { recursive: true });
else process.stdout.write(`profile in ${folder}\n`);
