import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Claim } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { TransportFault, type Transport } from '../../src/transport/transport.ts';
import {
  clearinghouse,
  openPartnerOffice,
  routeTo,
  until,
  type PartnerOffice,
  type PartnerOptions,
} from './partnerOffice.ts';

const gone = (): never => {
  throw new TransportFault('unreachable', 'the line is cut');
};

describe.each(eachStore('exchange-outbound'))('an interchange on its way, on %s', (_store, open) => {
  let office: PartnerOffice;
  const opened = async (
    options: PartnerOptions,
    parts: Readonly<Record<string, string | number>> = {},
  ): Promise<void> => {
    office = await openPartnerOffice(open, options);
    for (const resource of [clearinghouse(parts), routeTo()])
      expect((await office.put(resource)).status).toBeLessThan(300);
  };
  afterEach(() => office.close());
  const jobOf = async (number: number) => {
    const job = await office.store.jobs.read(`x12-interchange|ZZALDER>ZZACMECH|${number}`);
    return job && { state: job.state, is: (JSON.parse(job.result ?? '{}') as { is?: string }).is };
  };
  const isSent = (): Promise<unknown> => until(async () => (await jobOf(1))?.is === 'sent');

  test('6.3 handed over, and the line cut before that was known: it is found, and not sent again', async () => {
    let handed = 0;
    await opened({
      wrap: (transport) => ({
        ...transport,
        handOver: async (name, bytes) => {
          handed += 1;
          await transport.handOver(name, bytes);
          gone();
        },
      }),
    });
    await office.sendVisit('a');
    await isSent();
    expect([handed, office.files('out')]).toEqual([1, ['ACMECH_000000001.x12']]);
  });

  test('6.3 cut before it was handed over: the staged bytes are, once', async () => {
    let handed = 0;
    await opened({
      wrap: (transport): Transport => ({
        ...transport,
        handOver: async (name, bytes) => {
          if (++handed === 1) gone();
          await transport.handOver(name, bytes);
        },
      }),
    });
    await office.sendVisit('a');
    await isSent();
    expect([handed, office.files('out')]).toEqual([2, ['ACMECH_000000001.x12']]);
  });

  test('6.3 handed over and taken by the partner: unknown, never sent again by itself; a person sends the same', async () => {
    let handed = 0;
    const texts: string[] = [];
    await opened({
      wrap: (transport): Transport => ({
        ...transport,
        handOver: async (name, bytes) => {
          texts.push(Buffer.from(bytes).toString());
          await transport.handOver(name, bytes);
          if (++handed > 1) return;
          rmSync(join(office.folder, 'acme', 'out', name));
          gone();
        },
      }),
      over: { now: () => new Date(Date.now() - 25 * 3_600_000).toISOString() },
    });
    await office.sendVisit('a');
    await until(async () => (await jobOf(1))?.is === 'unknown');
    expect([handed, office.files('out')]).toEqual([1, []]);
    const path = 'Endpoint/acme/$send';
    expect((await office.run(path, [{ name: 'interchange', valuePositiveInt: 9 }])).codes).toEqual([
      'interchange-unknown',
    ]);
    const again = [{ name: 'interchange', valuePositiveInt: 1 }];
    expect((await office.run(path, again)).codes).toEqual(['already-there']);
    // as it is when the partner has kept silent for a day
    const key = 'x12-interchange|ZZALDER>ZZACMECH|1';
    const [lease] = await until(async () => {
      const taken = await office.store.jobs.take({ kinds: ['x12-interchange'], count: 1, key });
      return taken.length > 0 && taken;
    });
    if (lease) await office.store.transaction((tx) => tx.jobs.change(lease, { state: 'held' }));
    expect((await office.run(path, again)).codes).toEqual(['leaving']);
    await isSent();
    expect(office.files('out')).toEqual(['ACMECH_000000001.x12']);
    expect(texts[1]).toBe(texts[0]);
  });

  test('6.3 a partner that cannot be reached is tried again; a person is told, and no more when it went', async () => {
    let tries = 0;
    await opened({
      wrap: (transport): Transport => ({
        ...transport,
        stage: async (name, bytes) => {
          if (++tries <= 3) throw new TransportFault('full', 'the disk of the folder is full');
          await transport.stage(name, bytes);
        },
      }),
    });
    await office.sendVisit('a');
    const [task] = await until(
      async () => (await office.tasks('transmission')).length > 0 && office.tasks('transmission'),
    );
    expect([task?.status, task?.focus?.reference, task?.description]).toEqual([
      'requested',
      'Endpoint/acme',
      'an interchange cannot be sent (full): the disk of the folder is full',
    ]);
    const again = async () => (await jobOf(1))?.is === 'sent';
    await until(again).catch(() => until(again));
    expect((await office.tasks('transmission')).map((t) => t.status)).toEqual(['completed']);
    expect(office.files('out')).toHaveLength(1);
  });

  test('6.3 what was cancelled while it waited stays behind; what waits leaves at once when it is asked for', async () => {
    await opened({}, { batchSeconds: 3600 });
    const [a, b] = [await office.sendVisit('a'), await office.sendVisit('b')];
    const claim = await office.get<Claim>(a);
    await office.store.transaction((tx) => tx.put({ ...claim, status: 'cancelled' }));
    expect(office.files('out')).toEqual([]);
    expect((await office.run('Endpoint/acme/$send')).codes).toEqual(['leaving']);
    const [text = ''] = await until(() =>
      Promise.resolve(office.sentTexts().length > 0 && office.sentTexts()),
    );
    expect(office.claimsIn(text)).toEqual([await office.number(b)]);
    expect((await office.run('Endpoint/acme/$send')).codes).toEqual(['nothing-waits']);
  });

  test('6.5 without a 999 in a day, or a 277CA in three, people are asked to find out', async () => {
    await opened({ over: { now: () => new Date(Date.now() - 80 * 3_600_000).toISOString() } });
    const claim = await office.sendVisit('a');
    await isSent();
    const [silent] = await until(
      async () => (await office.tasks('no-status')).length > 0 && office.tasks('no-status'),
    );
    expect(silent?.focus?.reference).toBe(claim);
    const [task] = await until(async () => {
      const found = await office.tasks('no-acknowledgement');
      return found.length > 0 && found;
    });
    expect([task?.focus?.reference, task?.reasonCode?.text]).toEqual(['Endpoint/acme', 'interchange 1']);
  });
});
