/**
 * How much of a bare server's speed a single read and a single create reach: node bench/readCreate.ts
 * Both servers run in processes of their own, one after the other, under the same load: autocannon, 16 connections.
 * The bare one answers a prepared SQLite row by its id, and inserts the rows of a create with shared commits.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';

const seconds = Number(process.argv[2] ?? 5);
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

async function measure(origin: string): Promise<{ read: number; create: number }> {
  const put = await fetch(`${origin}/fhir/Patient/p1`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ ...patient, id: 'p1' }),
  });
  await put.text();
  const rate = async (options: Partial<autocannon.Options>): Promise<number> => {
    const base = { connections, url: `${origin}/fhir/Patient/p1`, ...options };
    await autocannon({ ...base, duration: 1 });
    const result = await autocannon({ ...base, duration: seconds });
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
    return result.requests.average;
  };
  const read = await rate({});
  const create = await rate({ url: `${origin}/fhir/Patient`, method: 'POST', headers, body });
  return { read, create };
}

const folder = mkdtempSync(join(tmpdir(), 'claimwright-bench-'));
const results = new Map<string, { read: number; create: number }>();
for (const name of ['bare', 'claimwright'] as const) {
  const { child, origin } = await run(name, folder);
  results.set(name, await measure(origin));
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send('stop');
  await ended;
}
const [bare, own] = [results.get('bare'), results.get('claimwright')];
if (bare && own) {
  for (const what of ['read', 'create'] as const) {
    const share = Math.round((own[what] / bare[what]) * 1000) / 10;
    process.stdout.write(
      `${what}: ${Math.round(own[what])}/s, bare ${Math.round(bare[what])}/s, ${share} %\n`,
    );
  }
}
if (process.env['BENCH_PROF'] === undefined) rmSync(folder, { recursive: true });
else process.stdout.write(`profile in ${folder}\n`);
