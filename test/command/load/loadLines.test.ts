import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
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
  const server = createServer(createApp(context));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await expectLoaded(remoteClient(`http://127.0.0.1:${port}/fhir`, undefined), context);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
