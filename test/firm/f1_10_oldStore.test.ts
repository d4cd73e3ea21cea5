import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { emptyDatabase } from '../mongodb/database.ts';
import { eventually } from '../npmStart.ts';
import { startServer, type RunningServer } from '../server.ts';
import { fhirRequest, type FhirAnswer } from './fhirRequest.ts';
import { layOldDatabase, layOldFile } from './oldStore.ts';
import { runCommand } from './runCommand.ts';

describe.each(['SQLite', 'MongoDB'] as const)('a store that commit 3be6450 wrote, on %s', (kind) => {
  let folder = '';
  let url = '';
  let server: RunningServer;
  const get = (path: string): Promise<FhirAnswer> => fhirRequest('GET', `${server.base}/${path}`);
  /** An answer once the index of what it asks for is built; until then it is 400 index-building, and nothing else. */
  const once = (path: string): Promise<FhirAnswer> =>
    eventually(async () => {
      const answer = await get(path);
      if (answer.status !== 400) return answer;
      expect(JSON.stringify(answer.body)).toContain('index-building');
      return undefined;
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
    if (kind === 'SQLite') {
      url = `sqlite:${join(folder, 'claimwright.db')}`;
      layOldFile(join(folder, 'claimwright.db'));
    } else {
      url = (await emptyDatabase('old')).replace('_old', '_old3be6450');
      await layOldDatabase(url);
    }
    server = await startServer({ CLAIMWRIGHT_SEED: 'demo', CLAIMWRIGHT_STORE: url }, folder);
  });
  afterAll(async () => {
    await server.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('1.10 it opens and answers reads at once: current versions, former ones, deletions, journal', async () => {
    expect(await get('Patient/old-patient')).toMatchObject({
      status: 200,
      body: { meta: { versionId: '3' }, name: [{ family: "O'Brien" }] },
    });
    expect(await get('Patient/old-patient/_history/1')).toMatchObject({
      status: 200,
      body: { active: true, name: [{ family: 'First' }] },
    });
    expect(await get('Patient/old-patient/_history')).toMatchObject({ status: 200, body: { total: 3 } });
    expect((await get('Patient/gone')).status).toBe(410);
    expect(await get('Account/dana-prescott-alder-street/$balance')).toMatchObject({ status: 200 });
  });

  test('1.10 what is indexed otherwise is built in the background, index-building meanwhile, and then found', async () => {
    for (const query of [
      'family=obrien',
      "family:exact=O'Brien",
      'email=ida.old@clinic.example',
      'old-city=albany&_summary=count',
      'birthdate=gt1900-01-01&_summary=count',
    ])
      expect([query, (await once(`Patient?${query}`)).status]).toEqual([query, 200]);
    expect(await once("Patient?family:exact=O'Brien")).toMatchObject({
      body: { entry: [{ resource: { id: 'old-patient' } }] },
    });
    expect(await once('Claim?status=active&_summary=count')).toMatchObject({ body: { total: 11 } });
  });

  test('1.10 neighbour: the demo practice in it is neither seeded again nor altered', async () => {
    expect(await once('Encounter?_summary=count')).toMatchObject({ body: { total: 10 } });
    expect(await once('Invoice?_summary=count')).toMatchObject({ body: { total: 8 } });
    expect(server.said()).not.toContain('Nora Whitfield');
  });

  test('1.10 neighbour: it is written to, and the road goes on where it was', async () => {
    const body = { resourceType: 'Patient', id: 'old-patient', active: true };
    expect(await fhirRequest('PUT', `${server.base}/Patient/old-patient`, body)).toMatchObject({
      status: 200,
      body: { meta: { versionId: '4' } },
    });
    const again = await eventually(async () => {
      const answer = await fhirRequest('POST', `${server.base}/Encounter/story-01/$generate-claim`, {
        resourceType: 'Parameters',
      });
      return JSON.stringify(answer.body).includes('index-building') ? undefined : answer;
    });
    expect(again.status).toBe(200);
    expect(JSON.stringify(again.body)).toContain('"resourceType":"Claim"');
  });

  test('1.10 neighbour: a second start finds the index built, and verify finds no fault', async () => {
    await once('Patient?family=obrien');
    expect(await server.stop()).toBe(0);
    const { code, said } = await runCommand('verify', [], url);
    expect([code, said]).toEqual([0, expect.stringContaining('no fault')]);
    server = await startServer({ CLAIMWRIGHT_STORE: url }, folder);
    expect((await get('Patient?family=first')).status).toBe(200);
  });
});

test('1.10 verify looks at a store of 3be6450 as it is, and leaves it that', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  const file = join(folder, 'claimwright.db');
  layOldFile(file);
  const { code, said } = await runCommand('verify', [], `sqlite:${file}`);
  expect([code, said]).toEqual([0, expect.stringContaining('no fault')]);
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 4 });
  database.close();
  rmSync(folder, { recursive: true, force: true });
});
