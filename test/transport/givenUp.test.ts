import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keep } from '../../src/operation/partner/kept.ts';
import { eachStore } from '../http/eachStore.ts';
import { leastLoop } from './claimLoop.ts';
import { clearinghouse, openPartnerOffice, routeTo, until, type PartnerOffice } from './partnerOffice.ts';

const path = 'Endpoint/acme/$send';
const numbersKey = 'x12-numbers|ZZALDER>ZZACMECH';

describe.each(eachStore('exchange-given-up'))('what was given up, on %s', (_store, open) => {
  let office: PartnerOffice;
  let isBroken = false;
  const added = new Set<string>();
  beforeAll(async () => {
    office = await openPartnerOffice(open, {
      wrap: (transport) => ({
        ...transport,
        list: () => (isBroken ? Promise.reject(new Error('nobody foresaw this')) : transport.list()),
      }),
      over: {
        claimLoop: (context, transmission) => {
          // sound when it is added to its batch, not when the batch is written
          if (isBroken && added.has(transmission.controlNumber)) throw new Error('nobody foresaw this');
          added.add(transmission.controlNumber);
          return leastLoop(context, transmission);
        },
      },
    });
    for (const resource of [clearinghouse({ batchClaims: 2, batchSeconds: 3600 }), routeTo()])
      expect((await office.put(resource)).status).toBeLessThan(300);
  });
  afterAll(() => office.close());
  const numbers = (interchange: number): Promise<void> =>
    office.store.transaction((tx) =>
      keep(tx, numbersKey, { interchange, group: interchange, set: interchange }),
    );
  /** Ends a job as its tenth failed attempt does. */
  const giveUp = async (kind: string, key: string): Promise<void> => {
    const [lease] = await until(async () => {
      const taken = await office.store.jobs.take({ kinds: [kind], count: 1, key });
      return taken.length > 0 && taken;
    });
    if (!lease) throw new Error(key);
    await office.store.transaction((tx) => tx.jobs.change(lease, { state: 'failed' }));
    office.store.jobs.leave(lease);
  };
  const failedOnce = (key: string): Promise<unknown> =>
    until(async () => ((await office.store.jobs.read(key))?.attempts ?? 0) > 0);
  const sentWith = (number: string): string | undefined =>
    office.sentTexts().find((text) => office.claimsIn(text).includes(number));

  test('6.3 the claims of a full batch that was given up leave when $send asks for it', async () => {
    await numbers(999_999_999);
    const claims = [await office.sendVisit('a'), await office.sendVisit('b')];
    const key = 'x12-batch|Endpoint/acme|1|full';
    await failedOnce(key);
    await giveUp('x12-batch', key);
    await numbers(10);
    const asked = await office.run(path);
    expect([asked.codes, asked.text]).toEqual([['leaving'], expect.stringContaining('2 claims')]);
    const [a = '', b] = await Promise.all(claims.map((claim) => office.number(claim)));
    const text = await until(() => Promise.resolve(sentWith(a)));
    expect(office.claimsIn(text)).toEqual([a, b]);
    expect((await office.run(path)).codes).toEqual(['nothing-waits']);
  });

  test('6.3 an interchange that was given up before it was written is, when $send asks for it', async () => {
    const first = await office.sendVisit('c');
    const key = 'x12-interchange|ZZALDER>ZZACMECH|12';
    isBroken = true;
    const second = await office.sendVisit('d');
    await failedOnce(key);
    await giveUp('x12-interchange', key);
    isBroken = false;
    const parameters = [{ name: 'interchange', valuePositiveInt: 12 }];
    expect((await office.run(path, parameters)).codes).toEqual(['leaving']);
    const number = await office.number(first);
    const text = await until(() => Promise.resolve(sentWith(number)));
    expect(office.claimsIn(text)).toEqual([number, await office.number(second)]);
    expect((await office.hops(first)).map(({ event }) => event)).toEqual(['interchange']);
  });

  test('6.4 a look at the folder that fails in a way nobody foresaw is no attempt: the poll never ends by that', async () => {
    isBroken = true;
    const job = await until(async () => {
      const found = await office.store.jobs.read('x12-poll|Endpoint/acme');
      return found?.result?.includes('"unreached":1') === true && found;
    });
    isBroken = false;
    expect([job.state, job.attempts]).toEqual(['due', 0]);
    office.drop('late.x12', 'no X12');
    await until(() => Promise.resolve(office.files('failed').includes('late.x12')));
  });
});
