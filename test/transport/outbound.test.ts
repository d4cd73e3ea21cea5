import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClaimResponse } from '@medplum/fhirtypes';
import { shippedGateways } from '../../src/gateways.ts';
import type { Gateways } from '../../src/operation/operation.ts';
import { TransportFault, type Transport } from '../../src/transport/transport.ts';
import { eachStore } from '../http/eachStore.ts';
import { clearinghouse, openPartnerOffice, routeTo, until, type PartnerOffice } from './partnerOffice.ts';

const gone = (): never => {
  throw new TransportFault('unreachable', 'the line is cut');
};
const path = 'Endpoint/acme/$send';

/** The clock of the office is days behind that of its store: whatever waits is due at once. */
const longAgo = (): string => new Date(Date.now() - 80 * 3_600_000).toISOString();

describe.each(eachStore('exchange-outbound'))('an interchange on its way, on %s', (_store, open) => {
  let office: PartnerOffice;
  let last = 0;
  let wrap = (transport: Transport): Transport => transport;
  let taken = Promise.resolve(); // whoever hands a claim over hears only then that it was taken
  const gateways: Gateways = (code, context) => {
    const gateway = shippedGateways(code, context);
    if (!gateway) return undefined;
    const send: typeof gateway.send = async (transmission) => {
      const said = await gateway.send(transmission);
      await taken;
      return said;
    };
    return { ...gateway, send };
  };
  beforeAll(async () => {
    const over = { now: longAgo, gateways };
    office = await openPartnerOffice(open, { wrap: (transport) => wrap(transport), over });
    for (const resource of [clearinghouse(), routeTo()])
      expect((await office.put(resource)).status).toBeLessThan(300);
  });
  afterAll(() => office.close());
  const keyOf = (number: number): string => `x12-interchange|ZZALDER>ZZACMECH|${number}`;
  const stageOf = async (number: number): Promise<string | undefined> => {
    const job = await office.store.jobs.read(keyOf(number));
    return (JSON.parse(job?.result ?? '{}') as { is?: string }).is;
  };
  const isSent = (number: number): Promise<unknown> => until(async () => (await stageOf(number)) === 'sent');
  const fileOf = (number: number): string => `ACMECH_${String(number).padStart(9, '0')}.x12`;
  const filesOf = (number: number): string[] => office.files('out').filter((file) => file === fileOf(number));
  /** Sends a visit over a line that does what a test says; answers with the claim and the number of its interchange. */
  const sendOver = async (line: typeof wrap): Promise<{ claim: string; number: number }> => {
    wrap = line;
    const number = ++last;
    return { claim: await office.sendVisit(`v${number}`), number };
  };

  test('6.3 handed over, and the line cut before that was known: it is found, and not sent again', async () => {
    let handed = 0;
    const { number } = await sendOver((transport) => ({
      ...transport,
      handOver: async (name, bytes) => {
        handed += 1;
        await transport.handOver(name, bytes);
        gone();
      },
    }));
    await isSent(number);
    expect([handed, filesOf(number)]).toEqual([1, [fileOf(number)]]);
  });

  test('6.3 cut before it was handed over: the staged bytes are, once', async () => {
    let handed = 0;
    const { number } = await sendOver((transport) => ({
      ...transport,
      handOver: async (name, bytes) => {
        if (++handed === 1) gone();
        await transport.handOver(name, bytes);
      },
    }));
    await isSent(number);
    expect([handed, filesOf(number)]).toEqual([2, [fileOf(number)]]);
  });

  test('6.3 handed over and taken by the partner: unknown, never sent again by itself; a person sends the same', async () => {
    const texts: string[] = [];
    const { number } = await sendOver((transport) => ({
      ...transport,
      handOver: async (name, bytes) => {
        texts.push(Buffer.from(bytes).toString());
        await transport.handOver(name, bytes);
        if (texts.length > 1) return;
        rmSync(join(office.folder, 'acme', 'out', name));
        gone();
      },
    }));
    await until(async () => (await stageOf(number)) === 'unknown');
    expect([texts.length, filesOf(number)]).toEqual([1, []]);
    const again = [{ name: 'interchange', valuePositiveInt: number }];
    expect((await office.run(path, [{ name: 'interchange', valuePositiveInt: 99 }])).codes).toEqual([
      'interchange-unknown',
    ]);
    expect((await office.run(path, again)).codes).toEqual(['already-there']);
    // as it is when the partner has kept silent for a day
    const [lease] = await until(async () => {
      const key = keyOf(number);
      const taken = await office.store.jobs.take({ kinds: ['x12-interchange'], count: 1, key });
      return taken.length > 0 && taken;
    });
    if (lease) await office.store.transaction((tx) => tx.jobs.change(lease, { state: 'held' }));
    expect((await office.run(path, again)).codes).toEqual(['leaving']);
    await isSent(number);
    expect([filesOf(number), texts[1]]).toEqual([[fileOf(number)], texts[0]]);
  });

  test('6.3 a partner that cannot be reached is tried again; a person is told, and no more when it went', async () => {
    let tries = 0;
    const told: (string | undefined)[] = [];
    const { number } = await sendOver((transport) => ({
      ...transport,
      stage: async (name, bytes) => {
        told.push((await office.tasks('transmission'))[0]?.description);
        if (++tries <= 3) throw new TransportFault('full', 'the disk of the folder is full');
        await transport.stage(name, bytes);
      },
    }));
    await isSent(number);
    const text = 'an interchange cannot be sent (full): the disk of the folder is full';
    expect(told).toEqual([undefined, undefined, undefined, text]);
    const tasks = await office.tasks('transmission');
    expect(tasks.map((t) => [t.status, t.focus?.reference])).toEqual([['completed', 'Endpoint/acme']]);
    expect(filesOf(number)).toHaveLength(1);
  });

  test('6.5 without a 999 in a day, or a 277CA in three, people are asked to find out', async () => {
    const { claim, number } = await sendOver((transport) => transport);
    await isSent(number);
    await until(async () => (await office.tasks('no-status')).some((t) => t.focus?.reference === claim));
    const silent = await until(async () =>
      (await office.tasks('no-acknowledgement')).find((t) => t.reasonCode?.text === `interchange ${number}`),
    );
    expect(silent.focus?.reference).toBe('Endpoint/acme');
  });

  test('6.3 neighbour: sent before it was written that the claim waits, the claim says in which interchange it is', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const claim = await office.draft('before');
    taken = promise.then(() => undefined);
    const number = ++last;
    const asked = office.submit(claim);
    await isSent(number);
    resolve(undefined);
    expect((await asked).one<ClaimResponse>().outcome).toBe('queued');
    const hops = await office.hops(claim);
    expect(hops.map(({ event, number: of }) => [event, of.split('|')[0]])).toEqual([
      ['interchange', String(number)],
    ]);
    expect([(await office.tasks('submission')).filter((t) => t.focus?.reference === claim).length]).toEqual([
      1,
    ]);
  });
});
