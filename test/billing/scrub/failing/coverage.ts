import type { Claim } from '@medplum/fhirtypes';
import { fails, recode, there, warned, type Failing } from './case.ts';

const insured = (claim: Claim, id: string): unknown =>
  (there(claim.insurance[0]).coverage = { reference: `Coverage/${id}` });

/** What is wrong with coverage, payers and the plan. */
export const coverage: readonly Failing[] = [
  fails('focal-coverage', 'none', 'minimal', (c) => c.insurance[0] && (c.insurance[0].focal = false), [
    'Claim.insurance',
  ]),
  fails(
    'focal-coverage',
    'two',
    'minimal',
    (c) => c.insurance.push({ sequence: 2, focal: true, coverage: { reference: 'Coverage/gwen-ppo' } }),
    ['Claim.insurance'],
  ),
  fails(
    'payer-sequence',
    'the same twice',
    'minimal',
    (c) => c.insurance.push({ sequence: 1, focal: false, coverage: { reference: 'Coverage/gwen-ppo' } }),
    ['Claim.insurance[1].sequence'],
  ),
  fails('coverage-beneficiary', 'of another patient', 'minimal', (c) => insured(c, 'dana-ppo'), [
    'Claim.insurance[0].coverage',
  ]),
  fails(
    'coverage-payer',
    'another insurer',
    'minimal',
    (c) => (c.insurer = { reference: 'Organization/senior' }),
    ['Claim.insurer'],
  ),
  fails('coverage-payer', 'no insurer', 'minimal', (c) => delete c.insurer, ['Claim.insurer']),
  fails(
    'coverage-active',
    'ended before',
    'minimal',
    (_c, p) => (p.coverage('gwen-ppo').period = { end: '2026-03-10' }),
    ['Claim.item[0].serviced'],
  ),
  fails(
    'coverage-active',
    'begun after',
    'institutional',
    (_c, p) => (p.coverage('agnes-senior').period = { start: '2026-02-04' }),
    ['Claim.item[0].serviced', 'Claim.item[2].serviced'],
  ),
  fails('coverage-active', 'cancelled', 'minimal', (_c, p) => (p.coverage('gwen-ppo').status = 'cancelled'), [
    'Claim.insurance[0].coverage',
  ]),
  fails('payer-id', 'none', 'minimal', (_c, p) => delete p.organization('payer').identifier, [
    warned('Claim.insurer'),
  ]),
  fails('member-id', 'none', 'minimal', (_c, p) => delete p.coverage('gwen-ppo').subscriberId, [
    'Claim.insurance[0].coverage',
  ]),
  fails('member-id', 'an unknown coverage', 'minimal', (c) => insured(c, 'nobody'), [
    'Claim.insurance[0].coverage',
  ]),
  fails(
    'mbi-format',
    'a letter that looks like a digit',
    'institutional',
    (_c, p) => (p.coverage('agnes-senior').subscriberId = '3TR7WX8YO21'),
    ['Claim.insurance[0].coverage'],
  ),
  fails(
    'subscriber-known',
    'spouse of nobody',
    'minimal',
    (_c, p) => delete p.coverage('gwen-ppo').subscriber,
    ['Claim.insurance[0].coverage'],
  ),
  fails(
    'subscriber-known',
    'self of another',
    'minimal',
    (_c, p) => recode(p.coverage('gwen-ppo').relationship, 'self'),
    ['Claim.insurance[0].coverage'],
  ),
  fails(
    'subscriber-known',
    'no relationship',
    'minimal',
    (_c, p) => delete p.coverage('gwen-ppo').relationship,
    ['Claim.insurance[0].coverage'],
  ),
  fails('subscriber-known', 'no date of birth', 'minimal', (_c, p) => delete p.patient('marcus').birthDate, [
    warned('Claim.insurance[0].coverage'),
  ]),
  fails(
    'prior-payer-answer',
    'not on the second claim',
    'institutional',
    (c) =>
      (c.insurance = [
        { sequence: 1, focal: false, coverage: { reference: 'Coverage/agnes-senior' } },
        { sequence: 2, focal: true, coverage: { reference: 'Coverage/agnes-ppo' } },
      ]),
    ['Claim.insurance[0].claimResponse'],
  ),
  fails(
    'missing-authorization',
    'no number',
    'minimal',
    (_c, _p, i) => ({ ...i, plan: { authorization: new Set(['T1015']) } }),
    [warned('Claim.item[0].productOrService')],
  ),
  fails(
    'missing-authorization',
    'a number is there',
    'complete',
    (_c, _p, i) => ({ ...i, plan: { authorization: new Set(['T1015']) } }),
    [],
  ),
  fails('timely-filing', 'a year and a day', 'minimal', (c) => (c.created = '2027-03-12'), [
    warned('Claim.created'),
  ]),
  fails('timely-filing', 'a year to the day', 'minimal', (c) => (c.created = '2027-03-11'), []),
  fails(
    'timely-filing',
    'the days of the plan',
    'minimal',
    (c, _p, i) => ({
      ...i,
      claim: { ...c, created: '2026-09-08' },
      plan: { authorization: new Set(), filing: [{ days: 180 }] },
    }),
    [warned('Claim.created')],
  ),
];
