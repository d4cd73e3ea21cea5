import { Agent, request } from 'node:http';
import type { Bundle, Parameters, Resource } from '@medplum/fhirtypes';
import { kneeVisit } from '../test/fixture/kneeVisit.ts';
import { freshFolder, removeFolder, startServer } from './server.ts';

/**
 * The whole road over HTTP: chart pushed (a transaction), charges captured, claim made, submitted and explained,
 * patient billed. 16 clients; visits a second per window, so that a slope shows.
 * node bench/road.ts [visits] [clients]
 */
const visits = Number(process.argv[2] ?? 2000);
const clients = Number(process.argv[3] ?? 16);
const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const agent = new Agent({ keepAlive: true, maxSockets: clients });

function post(base: string, path: string, body: object): Promise<Resource> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const call = request(
      `${base}${path}`,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json', 'content-length': Buffer.byteLength(text) },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const said = Buffer.concat(chunks).toString();
          if ((answer.statusCode ?? 500) >= 300)
            reject(new Error(`${path}: ${answer.statusCode ?? 0} ${said.slice(0, 800)}`));
          else resolve(JSON.parse(said) as Resource);
        });
      },
    );
    call.on('error', reject);
    call.end(text);
  });
}

const resources = (answer: Resource, name: string): (Resource & { id: string })[] =>
  ((answer as Parameters).parameter ?? []).flatMap((p) =>
    p.name === name && p.resource ? [p.resource as Resource & { id: string }] : [],
  );

async function visit(base: string, n: number): Promise<void> {
  await post(base, '', kneeVisit(`bench-${n}`, day));
  await post(base, `/Encounter/bench-${n}-visit/$capture-charges`, { resourceType: 'Parameters' });
  const made = await post(base, `/Encounter/bench-${n}-visit/$generate-claim`, {
    resourceType: 'Parameters',
  });
  const [claim] = resources(made, 'claim');
  if (!claim) throw new Error(`no claim: ${JSON.stringify(made)}`);
  const response = await post(base, `/Claim/${claim.id}/$submit`, { resourceType: 'Parameters' });
  if (response.resourceType !== 'ClaimResponse') throw new Error('no answer');
  const found = await get(base, `/ExplanationOfBenefit?claim=Claim/${claim.id}`);
  const eob = (found as Bundle).entry?.[0]?.resource as (Resource & { id: string }) | undefined;
  if (!eob) throw new Error('no explanation');
  const billed = await post(base, `/ExplanationOfBenefit/${eob.id}/$generate-invoice`, {
    resourceType: 'Parameters',
  });
  if (resources(billed, 'invoice').length !== 1) throw new Error(`no invoice: ${JSON.stringify(billed)}`);
}

const get = async (base: string, path: string): Promise<Resource> =>
  (await (await fetch(base + path)).json()) as Resource;

export async function road(): Promise<void> {
  const folder = freshFolder();
  const server = await startServer(folder, { CLAIMWRIGHT_LOG: 'error' });
  const window = Math.max(100, Math.floor(visits / 10));
  const cpuBefore = server.cpuSeconds();
  let next = 0;
  let done = 0;
  let since = performance.now();
  const began = since;
  const client = async (): Promise<void> => {
    while (next < visits) {
      await visit(server.base, next++);
      if (++done % window === 0) {
        const now = performance.now();
        process.stdout.write(`visits ${done}: ${Math.round((window * 1000) / (now - since))}/s\n`);
        since = now;
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - began) / 1000;
  const cpu = server.cpuSeconds() - cpuBefore;
  process.stdout.write(
    `road: ${visits} visits, ${clients} clients, ${(visits / seconds).toFixed(0)}/s, ` +
      `${((cpu * 1000) / visits).toFixed(2)} ms server CPU a visit, memory ${server.memoryMb().toFixed(0)} MB\n`,
  );
  await server.stop();
  removeFolder(folder);
}

if (import.meta.main) await road();
