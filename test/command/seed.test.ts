import { describe, expect, test } from '@jest/globals';
import type { Patient, Resource } from '@medplum/fhirtypes';
import { seed } from '../../src/command/seed.ts';
import { readClock } from '../../src/command/seed/clock.ts';
import { tableRows, totalOf } from '../../src/command/seed/tableRows.ts';
import { toText } from '../../src/datatypes/cents.ts';
import type { Context } from '../../src/interaction/context.ts';
import { createResource, find } from '../../src/interaction/repository.ts';
import { isLong } from '../runs.ts';
import { soundContext } from '../scenario/practice.ts';

/** The same store, whose process ends after so many transactions: the next one is never begun. */
function endingAfter(context: Context, transactions: number): Context {
  let left = transactions;
  const { store } = context;
  const { jobs } = store;
  const refuseIfEnded = (): void => {
    if (left < 0) throw new Error('the process ended here');
  };
  return {
    ...context,
    store: {
      ...bound(store),
      transaction: (work) => {
        left -= 1;
        refuseIfEnded();
        return store.transaction(work);
      },
      jobs: {
        ...jobs,
        read: async (key) => {
          refuseIfEnded();
          return jobs.read(key);
        },
      },
    },
  };
}

const bound = (store: Context['store']): Context['store'] => ({
  registry: store.registry,
  copying: store.copying,
  as: store.as.bind(store),
  jobs: store.jobs,
  records: store.records,
  audit: store.audit,
  buildIndex: store.buildIndex.bind(store),
  reindex: store.reindex.bind(store),
  building: store.building.bind(store),
  trouble: store.trouble.bind(store),
  onDefined: store.onDefined.bind(store),
  changes: store.changes.bind(store),
  explain: store.explain.bind(store),
  read: store.read.bind(store),
  vread: store.vread.bind(store),
  history: store.history.bind(store),
  search: store.search.bind(store),
  referrers: store.referrers.bind(store),
  journal: store.journal.bind(store),
  entries: store.entries.bind(store),
  holder: store.holder.bind(store),
  recall: store.recall.bind(store),
  gathered: store.gathered.bind(store),
  revivals: store.revivals.bind(store),
  generation: store.generation.bind(store),
  asOf: store.asOf.bind(store),
  settled: store.settled.bind(store),
  transaction: store.transaction.bind(store),
  empty: store.empty.bind(store),
  close: store.close.bind(store),
});

async function totals(context: Context): Promise<string[]> {
  const encounters = readClock().map(({ encounter }) => encounter);
  const { charge, insurerPaid, writtenOff, withInsurer, patientOwes, credit } = totalOf(
    await tableRows(context, encounters),
  );
  return [charge, insurerPaid, writtenOff, withInsurer, patientOwes, credit].map(toText);
}

const asPrinted = ['19,999.91', '7,425.51', '5,128.83', '4,176.90', '3,112.41', '28.74'];

const versions = async ({ store }: Context): Promise<string[]> => {
  const types = ['Encounter', 'ChargeItem', 'Claim', 'ClaimResponse', 'Invoice', 'Account', 'Basic', 'Task'];
  const all = await Promise.all(types.map((type) => find(store, type as Resource['resourceType'], {})));
  return all
    .flat()
    .map(({ resourceType, id, meta }) => `${resourceType}/${id ?? ''} ${meta?.versionId ?? ''}`);
};

/** Transactions of a whole seeding: each may be the last one before the process ends. */
const stepsOfSeeding = 87;

describe('seeding', () => {
  test('takes as many transactions as are stopped after below', async () => {
    const context = await soundContext();
    expect(await seed(endingAfter(context, stepsOfSeeding))).toBe('loaded');
    const again = await soundContext();
    await expect(seed(endingAfter(again, stepsOfSeeding - 1))).rejects.toThrow('the process ended here');
  });

  test('a second time finds the practice there and changes nothing', async () => {
    const context = await soundContext();
    expect(await seed(context)).toBe('loaded');
    const before = await versions(context);
    expect(await seed(context)).toBe('already there');
    expect(await versions(context)).toEqual(before);
    expect(await totals(context)).toEqual(asPrinted);
  });

  test('leaves a store alone that holds other data', async () => {
    const context = await soundContext();
    const somebody: Patient = { resourceType: 'Patient', id: 'somebody' };
    await context.store.transaction((tx) => createResource(context, tx, somebody));
    expect(await seed(context)).toBe('left alone');
    expect(await find(context.store, 'Organization', {})).toEqual([]);
  });

  // Every step in the long run; otherwise every seventh, the first and the last.
  const steps = Array.from({ length: stepsOfSeeding - 1 }, (_, i) => i + 1).filter(
    (step, i, { length }) => isLong || step % 7 === 1 || i === length - 1,
  );
  test.each(steps)(
    'stopped after %d transactions, the next start finishes it to the same cent',
    async (transactions) => {
      const context = await soundContext();
      await expect(seed(endingAfter(context, transactions))).rejects.toThrow('the process ended here');
      expect(await seed(context)).toBe('loaded');
      expect(await totals(context)).toEqual(asPrinted);
      expect(await find(context.store, 'Claim', {})).toHaveLength(11);
      expect(await find(context.store, 'PaymentNotice', {})).toHaveLength(3);
    },
  );
});
