import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, Task } from '@medplum/fhirtypes';
import { createResource, find } from '../../../src/interaction/repository.ts';
import { runJob } from '../../../src/job/queue.ts';
import {
  askedKey,
  askFor,
  nextNight,
  nightKey,
  nightDate,
  nightly,
  nightKind,
  progressOf,
  startNights,
} from '../../../src/operation/nightly/nightJob.ts';
import { inPages, referenceOf } from '../../../src/operation/nightly/inPages.ts';
import type { NightlyWork } from '../../../src/operation/nightly/nightly.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import type { Store } from '../../../src/store/store.ts';
import { testContext } from '../../context.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

const itemsOf = (work: string): string[] =>
  Array.from({ length: 130 }, (_, i) => `Patient/${work}-${i.toString().padStart(3, '0')}`);

/** Work that writes a Basic for every item; `failing` throws, `stopAfter` stands for a server that is killed there. */
function workOf(
  code: string,
  { failing = [], stop }: { failing?: string[]; stop?: { at: string } } = {},
): NightlyWork {
  const all = itemsOf(code);
  return {
    code,
    text: 'for a test',
    next: (_context, _night, { after, count }) =>
      Promise.resolve(all.filter((item) => after === undefined || item > after).slice(0, count)),
    one: async (context, tx, item, night) => {
      if (failing.includes(item)) throw new Error('this one fails');
      if (stop?.at === item) throw new Error('killed');
      await createResource<Basic>(context, tx, {
        resourceType: 'Basic',
        code: { text: `${code} ${night.date}` },
        subject: { reference: item },
      });
    },
  };
}

let at = Date.parse('2026-11-30T12:00:00Z');
const clock = { now: () => new Date(at).toISOString(), base: 'http://127.0.0.1:8080/fhir' };
const stores: readonly [string, () => Promise<Store>][] = [
  ['sqlite', () => openStore('sqlite::memory:', clock)],
  ['mongodb', async () => openStore(await emptyDatabase('nightly'), clock)],
];

describe.each(stores)('nightly work on %s', (_name, open) => {
  let store: Store;
  let context: OperationContext;
  const faults: unknown[] = [];
  beforeAll(async () => {
    at = Date.parse('2026-11-30T12:00:00Z');
    store = await open();
    const failed = (error: unknown): void => void faults.push(error);
    context = await testContext({ store, now: clock.now, failed });
  });
  afterAll(() => store.close());

  const engine = () => ({
    store,
    now: () => at,
    random: () => 0,
    failed: (e: unknown) => void faults.push(e),
  });
  const asked = async (work: NightlyWork, signal?: AbortSignal): Promise<void> => {
    const lease = await store.transaction((tx) => askFor(tx, { work: work.code, now: at, isOwn: true }));
    if (!lease) throw new Error('it is at work');
    await runJob({ ...engine(), ...(signal ? { signal } : {}) }, nightly(context, [work]), lease);
  };
  const made = async (work: string): Promise<string[]> =>
    (await find<Basic>(store, 'Basic', {}))
      .filter((b) => b.code.text?.startsWith(`${work} `))
      .map((b) => b.subject?.reference ?? '');
  const progress = async (key: string) => progressOf((await store.jobs.read(key))?.result);

  test('every item is done once, over several pages', async () => {
    await asked(workOf('whole'));
    expect((await made('whole')).sort()).toEqual(itemsOf('whole'));
    expect(await progress(askedKey('whole'))).toMatchObject({
      date: '2026-11-30',
      done: 130,
      failed: 0,
      isOver: true,
    });
  });

  test('an item that fails has a Task and is left for the next night; the others are done', async () => {
    const failing = ['Patient/part-000', 'Patient/part-057'];
    await asked(workOf('part', { failing }));
    expect((await made('part')).sort()).toEqual(itemsOf('part').filter((item) => !failing.includes(item)));
    expect(await progress(askedKey('part'))).toMatchObject({ done: 128, failed: 2 });
    const tasks = await find<Task>(store, 'Task', { code: 'nightly-failed' });
    expect(tasks.map((t) => t.focus?.reference).sort()).toEqual(failing);
  });

  test('a server that stops in the middle leaves the rest to the next: each item once', async () => {
    const stopping = new AbortController();
    const work = workOf('left');
    const halting: NightlyWork = {
      ...work,
      one: async (c, tx, item, night) => {
        if (item === 'Patient/left-041') stopping.abort();
        await work.one(c, tx, item, night);
      },
    };
    await asked(halting, stopping.signal);
    const before = await made('left');
    expect(before.length).toBeGreaterThan(40);
    expect(before.length).toBeLessThan(130);
    const [lease] = await store.jobs.take({ kinds: [nightKind], count: 1, key: askedKey('left') });
    if (!lease) throw new Error('the job waits to be taken up');
    await runJob(engine(), nightly(context, [work]), lease);
    expect((await made('left')).sort()).toEqual(itemsOf('left'));
  });

  test('a transaction that is taken back takes its items and the cursor with it: each item once', async () => {
    const work = workOf('lost');
    let isLost = false;
    const losing: NightlyWork = {
      ...work,
      one: async (c, tx, item, night) => {
        await work.one(c, tx, item, night);
        if (isLost || item !== 'Patient/lost-020') return;
        isLost = true;
        throw new Error('the connection broke before the commit');
      },
    };
    await asked(losing);
    expect(isLost).toBe(true);
    expect((await made('lost')).sort()).toEqual(itemsOf('lost'));
  });

  test('the scheduled work waits for its night, does each night once, and a clock set back does nothing', async () => {
    const work = workOf('clock');
    await startNights(context, [work]);
    const taken = () => store.jobs.take({ kinds: [nightKind], count: 1, key: nightKey('clock') });
    const night = async (): Promise<number> => {
      const [lease] = await taken();
      if (!lease) return -1;
      await runJob(engine(), nightly(context, [work]), lease);
      return (await made('clock')).length;
    };
    expect(await night()).toBe(-1); // it is noon: the first night is the next one
    at = nextNight(context, at);
    expect(await night()).toBe(130);
    expect(await night()).toBe(-1);
    const first = at;
    at = nextNight(context, at) + 3 * 86_400_000; // it jumps over three nights
    expect(await night()).toBe(260);
    const { date } = (await progress(nightKey('clock'))) ?? {};
    await startNights(context, [work]); // another start changes nothing
    at = first; // and it is set back
    await store.transaction((tx) =>
      tx.jobs.enqueue({
        key: 'x',
        kind: nightKind,
        payload: '{"work":"clock"}',
        due: at,
        result: JSON.stringify({ date, done: 0, failed: 0, isOver: true }),
      }),
    );
    const [lease] = await store.jobs.take({ kinds: [nightKind], count: 1, key: 'x' });
    if (!lease) throw new Error('it is due');
    await runJob(engine(), nightly(context, [work]), lease);
    expect(await made('clock')).toHaveLength(260);
  });

  test('work whose items cannot be found is never given up: it goes on from where it was', async () => {
    at = Date.parse('2027-01-10T12:00:00Z');
    const work = workOf('outage');
    let outages = 12;
    const failing: NightlyWork = {
      ...work,
      next: (c, night, range) => {
        if (range.after !== undefined && outages-- > 0) throw new Error('the database is away');
        return work.next(c, night, range);
      },
    };
    await startNights(context, [failing]);
    at = nextNight(context, at);
    for (let i = 0; i < 13; i += 1) {
      const [lease] = await store.jobs.take({ kinds: [nightKind], count: 1, key: nightKey('outage') });
      if (!lease) throw new Error(`it waits to be taken up, after ${i}`);
      await runJob(engine(), nightly(context, [failing]), lease);
      at += 15 * 60_000;
    }
    expect((await made('outage')).sort()).toEqual(itemsOf('outage'));
    expect(await progress(nightKey('outage'))).toMatchObject({ done: 130, failed: 0, isOver: true });
  });

  test.each([
    ['each once', false],
    ['none left out where the last of a page is found no more', true],
  ])('what a search finds is gone through in pages, %s', async (_what, isLost) => {
    const put = (id: string, status: 'active' | 'inactive') =>
      store.transaction((tx) => tx.put({ resourceType: 'Account', id, status }));
    const all = Array.from({ length: 7 }, (_, i) => `a${i}`);
    for (const id of all) await put(id, 'active');
    const next = inPages('Account', ['status', 'active']);
    const seen: string[] = [];
    for (let after: string | undefined; ;) {
      const items = await next(context, { date: '2026-11-30' }, { after, count: 3 });
      if (items.length === 0) break;
      seen.push(...items.map(referenceOf));
      after = items.at(-1) ?? '';
      if (isLost) await put(referenceOf(after).slice('Account/'.length), 'inactive');
    }
    expect(isLost ? [...new Set(seen)] : seen).toEqual(all.map((id) => `Account/${id}`));
  });

  test('who asks while it is at work begins no second one', async () => {
    const work = workOf('twice');
    const both = await Promise.all(
      [1, 2].map(() => store.transaction((tx) => askFor(tx, { work: work.code, now: at, isOwn: true }))),
    );
    const leases = both.filter((lease) => lease !== undefined);
    expect(leases).toHaveLength(1);
    for (const lease of leases) await runJob(engine(), nightly(context, [work]), lease);
    expect(await made('twice')).toHaveLength(130);
  });
});

test('a night begins at two where the practice is, over the change of clocks too', () => {
  const zone = { timeZone: 'America/New_York' };
  const next = (from: string): string => new Date(nextNight(zone, Date.parse(from))).toISOString();
  expect(next('2026-11-30T12:00:00Z')).toBe('2026-12-01T07:00:00.000Z');
  expect(next('2026-07-01T05:59:00Z')).toBe('2026-07-01T06:00:00.000Z');
  expect(next('2026-07-01T06:00:00Z')).toBe('2026-07-02T06:00:00.000Z');
  expect(nightDate(zone, Date.parse('2026-11-30T06:59:00Z'))).toBe('2026-11-29');
});
