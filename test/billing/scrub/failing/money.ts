import type { Claim } from '@medplum/fhirtypes';
import { concept, fails, lineOf, own, warned, type Failing } from './case.ts';

const quantity = (claim: Claim, index: number, value: number): unknown =>
  (lineOf(claim, index).quantity = { value });

const charged = `extension('${own('charge-item')}')`;

/** What is wrong with units, amounts and charges, and what was billed before. */
export const money: readonly Failing[] = [
  fails('units', 'none', 'minimal', (c) => delete lineOf(c).quantity, ['Claim.item[0].quantity']),
  fails('units', 'zero', 'minimal', (c) => quantity(c, 0, 0), ['Claim.item[0].quantity']),
  fails('units', 'four decimals', 'ambulance', (c) => quantity(c, 1, 11.4001), ['Claim.item[1].quantity']),
  fails('units-fraction', 'half a visit', 'minimal', (c) => quantity(c, 0, 1.5), [
    warned('Claim.item[0].quantity'),
  ]),
  fails(
    'money-usd',
    'euros',
    'minimal',
    (c) => [
      (c.total = { value: 168.45, currency: 'EUR' }),
      (lineOf(c).net = { value: 168.45, currency: 'EUR' }),
    ],
    ['Claim.total.currency', 'Claim.item[0].net.currency'],
  ),
  fails('money-cents', 'a price of 10.005', 'minimal', (c) => (lineOf(c).unitPrice = { value: 10.005 }), [
    'Claim.item[0].unitPrice',
  ]),
  fails(
    'money-cents',
    'a total of binary floats, and none',
    'minimal',
    (c) => [(c.total = { value: 410.20000000000005 }), (lineOf(c).net = {})],
    ['Claim.total', 'Claim.item[0].net'],
  ),
  fails(
    'negative-amount',
    'a credit',
    'minimal',
    (c) => [(c.total = { value: -1 }), (lineOf(c).net = { value: -1 })],
    ['Claim.total', 'Claim.item[0].net'],
  ),
  fails(
    'negative-amount',
    'zero is allowed',
    'minimal',
    (c) => [(c.total = { value: 0 }), (lineOf(c).net = { value: 0 })],
    [],
  ),
  fails(
    'unpriced-charge',
    'a charge without price',
    'complete',
    (_c, p) => delete p.charge('c2').priceOverride,
    [`Claim.item[1].${charged}[0]`],
  ),
  fails(
    'unpriced-charge',
    'a charge of a part of a cent',
    'complete',
    (_c, p) => (p.charge('c5').priceOverride = { value: 10.005, currency: 'USD' }),
    [`Claim.item[3].${charged}[1]`],
  ),
  fails('unpriced-charge', 'a line without amount', 'complete', (c) => delete lineOf(c, 2).net, [
    'Claim.item[2].net',
  ]),
  fails('charge-current', 'taken back', 'complete', (_c, p) => (p.charge('c1').status = 'entered-in-error'), [
    `Claim.item[0].${charged}[0]`,
  ]),
  fails(
    'charge-current',
    'of another patient',
    'complete',
    (_c, p) => (p.charge('c1').subject = { reference: 'Patient/gwen' }),
    [`Claim.item[0].${charged}[0]`],
  ),
  fails(
    'charge-current',
    'nowhere',
    'complete',
    (_c, _p, i) => ({ ...i, known: new Map([...i.known].filter(([key]) => key !== 'ChargeItem/c3')) }),
    [`Claim.item[2].${charged}[0]`],
  ),
  fails(
    'line-amount',
    'not the sum of its charges',
    'complete',
    (_c, p) => (p.charge('c4').priceOverride = { value: 14.86 }),
    ['Claim.item[3].net'],
  ),
  fails('line-amount', 'not units times price', 'ambulance', (c) => (lineOf(c, 1).net = { value: 208.04 }), [
    'Claim.item[1].net',
  ]),
  fails('claim-total', 'a cent too much', 'complete', (c) => (c.total = { value: 592.21 }), ['Claim.total']),
  fails('claim-total', 'none', 'complete', (c) => delete c.total, ['Claim.total']),
  fails(
    'duplicate-line',
    'the same visit twice',
    'minimal',
    (c) => c.item?.push({ ...lineOf(c), sequence: 2 }),
    [warned('Claim.item[1]')],
  ),
  fails(
    'duplicate-line',
    'said to be repeated',
    'minimal',
    (c) => c.item?.push({ ...lineOf(c), sequence: 2, modifier: [concept('76')] }),
    [],
  ),
  fails(
    'duplicate-claim',
    'billed before',
    'ambulance',
    (c, _p, i) => ({ ...i, earlier: [{ ...c, id: 'earlier', status: 'active', item: [lineOf(c, 1)] }] }),
    [warned('Claim.item[1]')],
  ),
  fails(
    'duplicate-claim',
    'billed before to another payer',
    'ambulance',
    (c, _p, i) => ({
      ...i,
      earlier: [{ ...c, id: 'earlier', status: 'active', insurer: { reference: 'Organization/payer' } }],
    }),
    [],
  ),
  fails(
    'duplicate-claim',
    'the claim it replaces',
    'ambulance',
    (c, _p, i) => ({
      ...i,
      claim: { ...c, related: [{ claim: { reference: 'Claim/earlier' } }] },
      earlier: [{ ...c, id: 'earlier', status: 'active' }],
    }),
    [],
  ),
];
