import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createApp } from '../../../src/app.ts';
import { localClient, type Client } from '../../../src/command/load/client.ts';
import { loadParts, type Loaded } from '../../../src/command/load/loadParts.ts';
import { remoteClient } from '../../../src/command/load/remoteClient.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { testContext } from '../../context.ts';
import { httpServer } from '../../httpServer.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-lines-'));
  const patient = (i: number, more: object = {}): string =>
    JSON.stringify({ resourceType: 'Patient', id: `p${i}`, ...more });
  const lines = [patient(1), '', patient(2, { birthDate: 'yesterday' }), patient(3), patient(4)];
  writeFileSync(join(folder, 'Patient.ndjson.gz'), gzipSync(lines.join('\n')));
  const encounter = (i: number): string =>
    JSON.stringify({
      resourceType: 'Encounter',
      id: `e${i}`,
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/p1' },
    });
  writeFileSync(join(folder, 'Encounter.ndjson'), `${[encounter(1), encounter(2)].join('\n')}\n`);
  writeFileSync(join(folder, 'Nameless.ndjson'), '{"resourceType":"Basic","code":{"text":"a"}}\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const silent = { step: () => undefined, end: () => undefined };
const load = (client: Client): Promise<Loaded> => loadParts(client, { paths: [folder], bill: false }, silent);
const count = async ({ store }: Context, type: 'Patient' | 'Encounter' | 'Basic'): Promise<number> => {
  const { versions } = await store.changes({ type, count: 100 });
  return versions.length;
};

async function expectLoaded(client: Client, context: Context): Promise<void> {
  const { resources, streamed, faults } = await load(client);
  expect({ resources, streamed }).toEqual({ resources: 6, streamed: { patients: 4, visits: 2 } });
  expect(faults).toEqual([expect.stringMatching(/Patient\.ndjson\.gz: line 3: /)]);
  expect(await context.store.read('Patient', 'p2')).toBeUndefined();
  expect((await context.store.read('Patient', 'p4'))?.version).toBe(1);
  await load(client);
  const counts = [
    await count(context, 'Patient'),
    await count(context, 'Encounter'),
    await count(context, 'Basic'),
  ];
  expect(counts).toEqual([3, 2, 1]); // versions: the second time wrote none
}

test('files of lines stream in under their ids; a bad line is named and left out; a second time changes nothing', async () => {
  const context = await testContext();
  await expectLoaded(localClient(context), context);
});

test('into a running server just so', async () => {
  const context = await testContext();
  const server = httpServer(createApp(context));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await expectLoaded(remoteClient(`http://127.0.0.1:${port}/fhir`, undefined), context);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('what is no resource is named by file and line and left out, in files that stream in and those that do not', async () => {
  const context = await testContext();
  const paths = ['Streamed.ndjson', 'Bundled.ndjson', 'Torn.json'].map((name) => join(folder, 'bad', name));
  mkdirSync(join(folder, 'bad'));
  const [streamed = '', bundled = '', torn = ''] = paths;
  const named = (id: string) => `{"id":"${id}","resourceType":"Patient"}`;
  writeFileSync(streamed, [named('s1'), 'no JSON', '', '[]', named('s2')].join('\n'));
  const nameless = '{"resourceType":"Basic","code":{"text":"b"}}';
  writeFileSync(bundled, [named('b1'), '', 'no JSON', nameless].join('\n'));
  writeFileSync(torn, '{"resourceType":"Patient",');
  try {
    const loaded = await loadParts(localClient(context), { paths, bill: false }, silent);
    const { resources, streamed, faults } = loaded;
    expect([resources, streamed.patients]).toEqual([4, 2]);
    expect(
      faults.map((text) => text.replace(/^.*[/]/, '').replace(/^(.*?:(?: line \d+)?).*$/, '$1')),
    ).toEqual(['Bundled.ndjson: line 3', 'Streamed.ndjson: line 2', 'Streamed.ndjson: line 4', 'Torn.json:']);
    for (const id of ['s1', 's2', 'b1']) expect((await context.store.read('Patient', id))?.version).toBe(1);
  } finally {
    rmSync(join(folder, 'bad'), { recursive: true });
  }
});
