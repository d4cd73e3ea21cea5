import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, PaymentReconciliation, Provenance } from '@medplum/fhirtypes';
import { passOn } from '../../src/operation/label/passOn.ts';
import { eachStore } from '../http/eachStore.ts';
import { story1 } from '../payer/stories.ts';
import { desk, story1Lines, type Desk } from './remittance.ts';

const hiv = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };

test('D.5 a remittance and each of its claims leave a Provenance, by the server for the practice', async () => {
  const d = await desk();
  const clps = [];
  for (const name of ['one', 'two']) clps.push({ number: await d.sent(name), lines: story1Lines });
  await d.post({ trace: 'T1', clps });
  const all = await d.all<Provenance>('Provenance');
  const of = (activity: string): Provenance[] => all.filter((one) => one.activity?.text === activity);
  const types = (one: Provenance | undefined): string[] =>
    [...new Set(one?.target.map(({ reference = '' }) => reference.split('/')[0] ?? ''))].sort();
  expect(of('receipt of a remittance').map(types)).toEqual([['PaymentReconciliation']]);
  const posted = of('posting of a remittance');
  expect(posted.map(types)).toEqual(
    ['one', 'two'].map(() => ['ClaimResponse', 'ExplanationOfBenefit', 'Task']),
  );
  for (const [i, name] of ['one', 'two'].entries()) {
    const sources = (posted[i]?.entity ?? []).map(({ what }) => what.reference ?? '');
    expect(sources.some((reference) => reference.startsWith(`Claim/${name}/`))).toBe(true);
    expect(posted[i]?.agent[0]?.who.display).toBe('Claimwright');
  }
});

describe.each(eachStore('posting-origin'))('the end of an 835, on %s', (_, open) => {
  let d: Desk;
  beforeAll(async () => {
    d = await desk({ store: await open() });
    const numbers = [await d.sent('plain'), await d.sent('labelled', story1, { meta: { security: [hiv] } })];
    const clps = numbers.map((number) => ({ number, lines: story1Lines }));
    await d.post({ trace: 'T1', clps, plb: [['L6', '', -4.5]] });
  });
  afterAll(() => d.context.store.close());
  const payment = async (): Promise<PaymentReconciliation> => {
    const [found] = await d.all<PaymentReconciliation>('PaymentReconciliation');
    if (!found) throw new Error('no payment');
    return found;
  };

  test('D.5 what became of its claims and adjustments is a step of its own, with the version before', async () => {
    const { id = '', outcome } = await payment();
    expect([outcome, await d.stands('interest-income')]).toEqual(['complete', -4.5]);
    const ends = (await d.all<Provenance>('Provenance')).filter(
      ({ activity }) => activity?.text === 'outcome of a remittance',
    );
    expect(ends.map(({ target }) => target.map(({ reference }) => reference))).toEqual([
      [`PaymentReconciliation/${id}/_history/2`],
    ]);
    expect(ends[0]?.entity).toEqual([
      { role: 'revision', what: { reference: `PaymentReconciliation/${id}/_history/1` } },
    ]);
    expect(ends[0]?.agent.map(({ who }) => who.display ?? who.reference)).toEqual([
      'Claimwright',
      'Organization/alder-street-clinic',
    ]);
  });

  test('D.3 a payment has the sensitive labels of the claims that it pays', async () => {
    expect((await payment()).meta?.security).toEqual([hiv]);
  });

  test('D.3 neighbour: a label that comes later goes on to the payment of an 835 too', async () => {
    const sud = { ...hiv, code: 'SUD' };
    const [claim] = (await d.all<Claim>('Claim')).filter(({ id }) => id === 'plain');
    const visits = (claim?.item ?? []).flatMap(({ encounter = [] }) =>
      encounter.flatMap(({ reference }) => reference ?? []),
    );
    expect(visits.length).toBeGreaterThan(0);
    await d.context.store.transaction((tx) => passOn(d.context, tx, { visits, labels: [sud] }));
    expect((await payment()).meta?.security).toEqual([hiv, sud]);
  });
});
