import { beforeAll, expect, test } from '@jest/globals';
import type { ChargeItem, Claim, Resource } from '@medplum/fhirtypes';
import { cents, exactCents, toText } from '../../src/datatypes/cents.ts';
import { openPractice, type Practice } from './practice.ts';
import { answerTo, explanationsOf } from './reading.ts';

let practice: Practice;
beforeAll(async () => {
  practice = await openPractice();
});

/** Every amount of money in a value, at any depth. */
function amounts(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const money = 'currency' in value && 'value' in value && typeof value.value === 'number';
  const exact = money ? exactCents(value.value as number) : undefined;
  const own = exact === undefined ? [] : [toText(exact)];
  return [...own, ...Object.values(value).flatMap(amounts)];
}

/** Every amount that the road wrote for a visit: claims, answers, explanations, Invoices, journal. */
async function amountsOf(visit: string): Promise<Set<string>> {
  const claims = await practice.search<Claim>(`Claim?encounter=Encounter/${visit}`);
  const written: Resource[] = [...claims];
  for (const claim of claims) {
    written.push(await answerTo(practice, claim), ...(await explanationsOf(practice, claim)));
  }
  const subject = (claims[0]?.patient.reference ?? '').split('/_history/')[0] ?? ''; // without the version sent
  written.push(...(await practice.search<Resource>(`Invoice?subject=${subject}`)));
  const charges = await practice.search<ChargeItem>(`ChargeItem?context=Encounter/${visit}`);
  const account = charges[0]?.account?.[0]?.reference ?? '';
  const journal = await practice.context.store.journal(account);
  const posted = journal.flatMap(({ postings }) =>
    postings.map(({ amount }) => toText(cents(Math.abs(amount)))),
  );
  return new Set([...written.flatMap(amounts), ...posted]);
}

test.each([
  ['story-01', '25.00', ['40.92', '74.66', '7.40', '8.52']],
  ['story-02', '635.48', ['847.88']],
  ['story-03', '128.54', ['1.84', '101.70', '268.01', '240.75']],
  ['story-04', '3,964.50', ['736.46']],
  ['story-07', '250.30', ['250.31', '1,752.04']],
  ['story-09', '7,386.00', ['9,232.50', '200.75', '101.91', '101.90', '98.34']],
  ['story-10', '131.26', ['43.60', '30.10', '11.56', '-28.74']],
])('%s arrives at %s and at none of the wrong answers %j', async (visit, right, wrong) => {
  const written = await amountsOf(visit);
  expect(written).toContain(right);
  expect(wrong.filter((amount) => written.has(amount))).toEqual([]);
});
