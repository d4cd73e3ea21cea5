import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../npmStart.ts';
import { refusedStart, startServer, type RunningServer, type StartOptions } from '../server.ts';
import { until } from '../until.ts';
import { fhirRequest, outcomeOf } from './fhirRequest.ts';
import { smallDisks, type SmallDisk } from './smallDisk.ts';

const patient = (id: string, bytes = 50_000): object => ({
  resourceType: 'Patient',
  id,
  address: [{ text: 'x'.repeat(bytes) }],
});
const full = outcomeOf('no-store', 'store-full');

describe.each(smallDisks)('a store that finds no more room, %s', (_way, open) => {
  let disk: SmallDisk;
  let server: RunningServer;
  let whileFull: StartOptions;
  const acknowledged: string[] = [];
  const put = (id: string, bytes?: number) =>
    fhirRequest('PUT', `${server.base}/Patient/${id}`, patient(id, bytes));
  const readyz = () => fhirRequest('GET', `${server.origin}/readyz`);
  const start = (): Promise<RunningServer> => startServer({ CLAIMWRIGHT_SEED: 'none' }, disk.folder);

  beforeAll(async () => {
    disk = open();
    whileFull = disk.shell === undefined ? {} : { shell: disk.shell };
    server = await start();
    for (let i = 0; i < 20; i++) {
      expect((await put(`p${i}`)).status).toBe(201);
      acknowledged.push(`p${i}`);
    }
    disk.fill(server.pid, 300_000);
    for (let i = 20; ; i++) {
      const { status } = await put(`p${i}`);
      if (status !== 201) break;
      acknowledged.push(`p${i}`);
    }
    disk.fill(server.pid);
  });
  afterAll(async () => {
    await server.stop('SIGKILL');
    disk.remove();
  });

  test('4.6 a write on a full disk is 507 no-store', async () => {
    const { status, body } = await put('one-more');
    expect([status, body]).toMatchObject([507, full]);
    expect(JSON.stringify(body)).toContain('make room');
  });

  test('4.6 /readyz is 503 with the reason while the disk is full', async () => {
    // What SQLite's journal took may be free for a moment: then the next write fills the disk anew.
    const { status, body } = await eventually(async () => {
      await put('one-more', 900_000);
      const answer = await readyz();
      return answer.status === 503 ? answer : undefined;
    });
    expect([status, body]).toMatchObject([503, { status: 'full' }]);
    expect(JSON.stringify(body)).toContain('is full: make room on it');
    expect((await fhirRequest('GET', `${server.origin}/healthz`)).status).toBe(200);
  });

  test('4.6 reads and searches go on while the disk is full, of all that was acknowledged', async () => {
    for (const id of acknowledged)
      expect((await fhirRequest('GET', `${server.base}/Patient/${id}`)).status).toBe(200);
    const found = await fhirRequest('GET', `${server.base}/Patient?_summary=count`);
    expect(found).toMatchObject({ status: 200, body: { total: acknowledged.length } });
    expect((await fhirRequest('GET', `${server.base}/Patient/p1/_history`)).status).toBe(200);
  });

  test('4.6 neighbour: a transaction is 507 whole and leaves nothing; entries of a batch say it each', async () => {
    const entry = ['t1', 't2'].map((id) => ({
      resource: patient(id, 400_000),
      request: { method: 'PUT', url: `Patient/${id}` },
    }));
    const bundle = (type: string) =>
      fhirRequest('POST', server.base, { resourceType: 'Bundle', type, entry });
    expect(await bundle('transaction')).toMatchObject({ status: 507, body: full });
    expect(await bundle('batch')).toMatchObject({
      status: 200,
      body: {
        entry: [{ response: { status: '507 Insufficient Storage' } }, { response: { outcome: full } }],
      },
    });
    for (const id of ['t1', 't2'])
      expect((await fhirRequest('GET', `${server.base}/Patient/${id}`)).status).toBe(404);
  });

  test('4.6 neighbour: the log says it once, however many writes are refused, and each names no chart', async () => {
    for (let i = 0; i < 10; i++) await put(`again-${i}`, 400_000);
    const lines = await until(() => {
      const of = server.logged().split('\n');
      const found = of.filter((line) => line.includes('"store"'));
      return found.length > 0 && found;
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"store":"full"');
    expect(server.logged()).not.toMatch(/at .*groupCommit/);
  });

  test('4.6 the server recovers by itself when there is room, without a write that tries', async () => {
    disk.free(server.pid);
    await eventually(async () => ((await readyz()).status === 200 ? true : undefined));
    expect((await put('after')).status).toBe(201);
    acknowledged.push('after');
  });

  test('4.6 neighbour: ended while the disk is full, it ends cleanly, and a start with room has all', async () => {
    disk.fill(server.pid);
    await eventually(async () =>
      (await put(`fill-${acknowledged.length}`, 900_000)).status === 507 ? true : undefined,
    );
    expect(await server.stop()).toBe(0);
    disk.free(server.pid);
    server = await start();
    for (const id of acknowledged)
      expect((await fhirRequest('GET', `${server.base}/Patient/${id}`)).status).toBe(200);
  });

  test('4.6 a start on a full disk says so: a new store is refused', async () => {
    expect(await server.stop()).toBe(0);
    disk.fill(undefined);
    const settings = { CLAIMWRIGHT_SEED: 'demo', CLAIMWRIGHT_STORE: `sqlite:${disk.folder}/other.db` };
    const { code, error } = await refusedStart(settings, disk.folder, whileFull);
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(/^[^\n]*the disk that holds .* is full: make room/i),
    ]);
    expect(error).not.toContain('in use');
  });

  test('4.6 a start on a full disk says so: a store that is there is read, and /readyz is 503', async () => {
    server = await startServer({ CLAIMWRIGHT_SEED: 'demo' }, disk.folder, {
      ...whileFull,
      untilReady: false,
    });
    const { body } = await eventually(async () => {
      await put('one-more', 900_000);
      const answer = await readyz();
      return answer.status === 503 && JSON.stringify(answer.body).includes('full') ? answer : undefined;
    });
    expect(body).toMatchObject({ status: 'full' });
    await until(() =>
      /"store":"full","reason":"The disk that holds the store .* is full/.test(server.logged()),
    );
    expect((await fhirRequest('GET', `${server.base}/Patient/p1`)).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  test('4.6 neighbour: after a kill on a full disk the next start says so and serves what is there', async () => {
    disk.free(server.pid);
    server = await start();
    expect((await put('last')).status).toBe(201);
    disk.fill(server.pid);
    await server.stop('SIGKILL');
    server = await startServer({ CLAIMWRIGHT_SEED: 'none' }, disk.folder, {
      ...whileFull,
      untilReady: false,
    });
    await until(() =>
      /"store":"full","reason":"The disk that holds the store .* is full/.test(server.logged()),
    );
    for (const id of [...acknowledged, 'last'])
      expect((await fhirRequest('GET', `${server.base}/Patient/${id}`)).status).toBe(200);
  });
});
