import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startServer, type RunningServer } from '../server.ts';
import { fhirRequest } from './fhirRequest.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blockUnder = (heading: string): string =>
  /```bash\n([\s\S]*?)```/.exec(readme.slice(readme.indexOf(`## ${heading}`)))?.[1] ?? '';
const section = readme.slice(readme.indexOf('## Charting, prices')).split('\n## ')[0] ?? '';
const [visit, charting] = [
  blockUnder('One visit, end to end'),
  blockUnder('Charting, prices, plans and maps'),
];
/** What the README says each command prints: the comment behind it. */
const promised = [...`${visit}${charting}`.matchAll(/\| field '[^']+' +# (\S+)$/gm)].map(
  ([, value]) => value,
);

let server: RunningServer;
let folder = '';
let printed: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-readme-'));
  server = await startServer();
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `${visit}\n${charting}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', BASE: server.base },
  });
  printed = stdout.trim().split('\n');
});
afterAll(async () => {
  await server.stop();
  server.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('4.4 README shows how to chart modifiers, units and authorisations, and the commands print what it says', () => {
  expect(promised.length).toBeGreaterThanOrEqual(9);
  expect(printed).toEqual(promised);
});

test('4.4 README shows how to add prices, plans and maps, and the payer judges by them', async () => {
  const claims = await fhirRequest('GET', `${server.base}/Claim?encounter=Encounter/ada-therapy`);
  const { entry: [first] = [] } = claims.body as { entry?: { resource: { id: string } }[] };
  const answer = await fhirRequest('POST', `${server.base}/Claim/${first?.resource.id ?? ''}/$submit`);
  expect(answer.status).toBe(200);
  // two units of 20.00 are allowed of 63.00
  expect(JSON.stringify(answer.body)).toMatch(
    /"category":[^[]*\[[^\]]*"eligible"[^\]]*\]\},"amount":\{"value":40(\.0+)?,/,
  );
});

test('4.4 README says what businessDate is', () => {
  expect(section).toMatch(/`businessDate`[^\n]*posting date/);
});

test.each(['chargeitem-modifier', 'service-quantity', 'pre-auth-ref', 'billing-unit', 'revenue-code'])(
  '4.4 neighbour: the extension %s of the README is one that the server reads',
  (name) => {
    expect(section).toContain(name);
    const systems = readFileSync(new URL('../../src/terminology/system.ts', import.meta.url), 'utf8');
    expect(systems).toContain(name);
  },
);

test('4.4 neighbour: a service without map or price is named, and billed once they are there, as README says', async () => {
  const chart = async (code: string): Promise<void> => {
    await fhirRequest('PUT', `${server.base}/Procedure/ada-more`, {
      resourceType: 'Procedure',
      id: 'ada-more',
      status: 'completed',
      code: { coding: [{ system: 'https://ehr.example/procedures', code }] },
      subject: { reference: 'Patient/ada' },
      encounter: { reference: 'Encounter/ada-third' },
      performedDateTime: new Date(Date.now() - 86_400_000).toISOString(),
    });
  };
  const visit3 = (await fhirRequest('GET', `${server.base}/Encounter/ada-therapy`)).body as Record<
    string,
    unknown
  >;
  await fhirRequest('PUT', `${server.base}/Encounter/ada-third`, {
    ...visit3,
    id: 'ada-third',
    meta: undefined,
  });
  await chart('unknown');
  const generate = () =>
    fhirRequest('POST', `${server.base}/Encounter/ada-third/$generate-claim`, { resourceType: 'Parameters' });
  expect(JSON.stringify((await generate()).body)).toContain('no-map');
  await chart('stim');
  expect(JSON.stringify((await generate()).body)).toContain('G0283');
});
