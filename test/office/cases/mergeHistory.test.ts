import { expect, test } from '@jest/globals';
import type { ParametersParameter, Task } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { trialBalance } from '../../../src/billing/ledger/index.ts';
import { storeFaults } from '../../../src/command/verify/readBooks.ts';
import { cents, toDecimal } from '../../../src/datatypes/cents.ts';
import { addDays } from '../../../src/datatypes/date.ts';
import { captureVisit, openPractice, type Practice } from '../../fixture/answeredVisit.ts';
import { businessDate, called, type Called } from '../../fixture/called.ts';
import { checkBooks, readBooks } from '../../fixture/invariant.ts';
import { runsOf } from '../../runs.ts';
import { testContext } from '../../context.ts';

const kinds = ['visit', 'bill', 'pay', 'pay', 'credit', 'refund', 'merge', 'merge', 'unmerge'] as const;

interface Step {
  readonly kind: (typeof kinds)[number];
  readonly isSecond: boolean; // of the record that is merged into the other one
  readonly amount: number; // cents
  readonly days: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  isSecond: fc.boolean(),
  amount: fc.integer({ min: 1, max: 20_000 }),
  days: fc.nat(5),
});

const reason: ParametersParameter = { name: 'reason', valueString: 'registered twice' };
const named = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});
const paid = (amount: number, reference: string): ParametersParameter[] => [
  { name: 'amount', valueMoney: { value: toDecimal(cents(amount)), currency: 'USD' } },
  { name: 'method', valueCode: 'check' },
  { name: 'reference', valueString: reference },
];

async function byTwo(practice: Practice, path: string, input: ParametersParameter[]): Promise<Called> {
  const waits = await called(practice.context, path, input);
  const [task] = waits.all<Task>('task');
  return task ? called(practice.context, `Task/${task.id ?? ''}/$approve`) : waits;
}

async function play(
  { first, second }: { readonly first: Practice; readonly second: Practice },
  s: Step,
  { day, id }: { readonly day: string; readonly id: string },
): Promise<Called | undefined> {
  const practice = s.isSecond ? second : first;
  const { context, account } = practice;
  const on = businessDate(day);
  switch (s.kind) {
    case 'visit':
      await captureVisit(practice, { name: `v${id}`, on: day, charges: [cents(s.amount)] });
      return called(context, `Encounter/v${id}/$generate-invoice`, [on]);
    case 'bill':
      return called(context, `${account}/$apply-credit`, [on]);
    case 'pay':
    case 'credit':
      return called(context, `${account}/$record-payment`, [...paid(s.amount, `P${id}`), on]);
    case 'refund':
      return called(context, `${account}/$refund`, [...paid(1 + (s.amount % 15_000), `R${id}`), on]);
    case 'merge':
      return byTwo(first, 'Patient/$merge', [
        ...[named('source-patient', second.patient), named('target-patient', first.patient), reason, on],
      ]);
    case 'unmerge':
      return byTwo(first, `${second.patient}/$unmerge`, [reason, on]);
  }
}

/** Plays a history of two records of one patient; every invariant holds after every step, and every former day stays. */
async function playAll(steps: readonly Step[]): Promise<Set<string>> {
  const first = await openPractice(await testContext());
  const second = await openPractice(first.context, 'b');
  const { store } = first.context;
  const seen = new Set<string>();
  let day = '2026-01-02';
  for (const [i, s] of steps.entries()) {
    day = addDays(day, s.days);
    const result = await play({ first, second }, s, { day, id: String(i) });
    if (result) expect([200, 409, 422]).toContain(result.status);
    result?.codes.forEach((code) => seen.add(code ?? ''));
    let over = 0;
    for (const { account } of [first, second]) {
      const books = await readBooks(store, account);
      checkBooks({ ...books, remittances: [] });
      books.journal.forEach((e) => seen.add(e.reason));
      over += trialBalance(books.journal).get('merged-accounts') ?? 0;
    }
    expect(over).toBe(0);
  }
  expect((await storeFaults(store, Date.parse('2027-01-01T00:00:00Z'))).faults).toEqual([]);
  await store.close();
  return seen;
}

test('12.cases whatever is paid, billed, merged and undone, every money invariant holds', async () => {
  const seen = new Set<string>();
  const histories = fc.noBias(fc.array(step, { minLength: 20, maxLength: 24, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(histories, async (steps) => {
      for (const code of await playAll(steps)) seen.add(code);
    }),
    { numRuns: runsOf({ usual: 30, long: 600 }), seed: 11, endOnFailure: true },
  );
  const met = ['account-merged', 'merge-reversed', 'merged', 'unmerged', 'credit-moved', 'posted-since'];
  expect(met.filter((code) => !seen.has(code))).toEqual([]);
}, 300_000);
