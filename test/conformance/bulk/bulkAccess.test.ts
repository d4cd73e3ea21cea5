import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Principal } from '../../../src/interaction/asCaller.ts';
import { confinement } from '../../../src/store/access/access.ts';
import { eachStore } from '../../http/eachStore.ts';
import { BulkServer, world } from './bulkServer.ts';

const seen: readonly ResourceType[] = ['Patient', 'Observation', 'Group'];
/** Sees the record of one patient, and of it not every type. */
const ofAnn: Principal = {
  name: 'ofAnn',
  access: confinement({
    patients: ['ann'],
    types: { Patient: { see: 'patient' }, Observation: { see: 'patient' }, Group: { see: 'practice' } },
  }),
  permits: {
    may: (type) => type === undefined || seen.includes(type),
    mayOperate: () => true,
    has: () => false,
    limit: () => undefined,
    account: 'ofAnn',
  },
};
const asAnn = { 'x-caller': 'ofAnn' };

describe.each(eachStore('bulkaccess'))('whom an export tells what (%s)', (_name, open) => {
  let server: BulkServer;
  beforeAll(async () => {
    server = await BulkServer.on(await open());
    server.principals.set('ofAnn', ofAnn);
    await server.load(...world);
  });
  afterAll(() => server.context.store.close());

  test.each(['$export', 'Patient/$export'])(
    '6.4 %s holds what the caller sees, and nothing else',
    async (path) => {
      const own = ['Observation/observation-ann/1', 'Patient/ann/1'];
      expect(await server.names(path, asAnn)).toEqual(own);
    },
  );

  test('6.2 neighbour: a type that may not be searched is 403 when it is named, and left out else', async () => {
    const named = await server.kickOff('$export?_type=Patient,Organization', asAnn);
    expect(named.status).toBe(403);
    expect((await server.kickOff('Group/two/$export', asAnn)).status).toBe(404); // as one that is not there
    expect((await server.kickOff('Group/none/$export', asAnn)).status).toBe(404);
  });

  test('6.2 neighbour: a filter tells nothing of what the caller does not see', async () => {
    const path = '$export?_type=Observation&_typeFilter=Observation%3Fstatus%3Dpreliminary';
    expect(await server.names(path, asAnn)).toEqual([]);
  });

  test('6.3 neighbour: what was deleted in a record that is not seen is not told', async () => {
    const since = new Date(Date.now() - 60_000).toISOString();
    const { store } = server.context;
    await store.transaction((tx) => tx.delete('Observation', 'observation-bob'));
    await store.transaction((tx) => tx.delete('Observation', 'observation-ann'));
    const { manifest } = await server.export(`$export?_since=${since}`, asAnn);
    const told = JSON.stringify(await server.lines(manifest.deleted, asAnn));
    expect([told.includes('observation-ann'), told.includes('observation-bob')]).toEqual([true, false]);
  });

  test('6.3 neighbour: a right that was taken back before the export began ends it', async () => {
    server.principals.set('gone', {
      ...ofAnn,
      name: 'gone',
      grant: '{"client":"removed","scope":"patient/*.rs"}',
    });
    const gone = { 'x-caller': 'gone' };
    const kicked = await server.kickOff('$export', gone);
    const reply = await server.ended(kicked.headers['content-location'] ?? '', gone);
    expect([reply.status, reply.text.includes('export-refused')]).toEqual([403, true]);
  });
});
