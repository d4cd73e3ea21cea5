import { beforeAll, expect, test } from '@jest/globals';
import type {
  Bundle,
  Claim,
  Coverage,
  Invoice,
  MedicationAdministration,
  Resource,
} from '@medplum/fhirtypes';
import fc from 'fast-check';
import { seed } from '../../src/command/seed.ts';
import { balance } from '../../src/billing/ledger/index.ts';
import { cents, toDecimal } from '../../src/datatypes/cents.ts';
import type { Context } from '../../src/interaction/context.ts';
import { find, updateResource } from '../../src/interaction/repository.ts';
import { called, businessDate, payment, type Called } from '../fixture/called.ts';
import { booksOf } from '../fixture/booksOf.ts';
import { checkBooks } from '../fixture/invariant.ts';
import { kneeVisit } from '../fixture/kneeVisit.ts';
import { isLong, runsOf } from '../runs.ts';
import { soundContext } from './practice.ts';

let context: Context;
beforeAll(async () => {
  context = await soundContext();
  await seed(context);
}, 300_000);

const hcpcs = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const drugs = ['J3301', 'J7325', 'J1885', 'J1745'] as const; // the last one needs an authorisation: denied

/** One visit from the chart to the last payment. */
interface Life {
  readonly drug: (typeof drugs)[number];
  readonly dose: number; // mg
  readonly copay: number; // cents paid at check-in
  readonly changed: boolean; // a drug was charted by mistake, found before submission
  readonly payments: readonly number[]; // cents
  readonly bounced: boolean; // the last of them
  readonly writtenOff: boolean;
  readonly refunded: boolean; // what was overpaid, before the payment bounced
  readonly revoked: boolean; // the write-off
}

const life: fc.Arbitrary<Life> = fc.record({
  drug: fc.constantFrom(...drugs),
  dose: fc.integer({ min: 1, max: 90 }),
  copay: fc.constantFrom(0, 0, 1000, 2500, 9900),
  changed: fc.boolean(),
  payments: fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 3 }),
  bounced: fc.boolean(),
  writtenOff: fc.boolean(),
  refunded: fc.boolean(),
  revoked: fc.boolean(),
});

/** Every history meets a denial: the drug needs an authorisation that the claim has not. */
const refused: Life = {
  drug: 'J1745',
  dose: 40,
  copay: 2500,
  changed: false,
  payments: [5000, 4000],
  bounced: true,
  writtenOff: true,
  refunded: true,
  revoked: true,
};

const write = (...resources: (Resource & { id: string })[]): Promise<void> =>
  context.store.transaction(async (tx) => {
    for (const resource of resources) await updateResource(context, tx, resource);
  });

const resourcesOf = (bundle: Bundle): (Resource & { id: string })[] =>
  (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.id === undefined ? [] : [{ ...resource, id: resource.id }],
  );

const retiree = (patient: string): Coverage & { id: string } => ({
  resourceType: 'Coverage',
  id: `${patient}-second`,
  status: 'active',
  subscriberId: `JRH-2-${patient}`,
  subscriber: { reference: `Patient/${patient}` },
  beneficiary: { reference: `Patient/${patient}` },
  relationship: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }],
  },
  payor: [{ reference: 'Organization/juniper-ridge' }],
  order: 2,
  period: { start: '2025-01-01' },
  class: [
    {
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-class', code: 'plan' }] },
      value: 'juniper-ppo-1500',
    },
  ],
});

const drugGiven = (visit: string, of: Life, id: string): MedicationAdministration & { id: string } => ({
  resourceType: 'MedicationAdministration',
  id,
  status: 'completed',
  medicationCodeableConcept: { coding: [{ system: hcpcs, code: of.drug }] },
  subject: { reference: `Patient/${visit.split('-')[0] ?? ''}` },
  context: { reference: `Encounter/${visit}` },
  effectiveDateTime: '2026-05-04T09:25:00-04:00',
  dosage: { dose: { value: of.dose, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } },
});

let made = 0;

/** Calls and checks the books of the Account afterwards, whatever came of it. */
async function step(
  account: string | undefined,
  path: string,
  parameters: Parameters<typeof called>[2],
): Promise<Called> {
  const answer = await called(context, path, parameters);
  expect([200, 409, 422]).toContain(answer.status);
  if (account !== undefined) checkBooks(await booksOf(context.store, account));
  return answer;
}

/** Lives one visit; answers with the Account. */
async function live(name: string, of: Life, second: boolean): Promise<string> {
  const day = '2026-05-04';
  const visit = `${name}-visit`;
  const on = (d: string) => businessDate(d);
  await write(...resourcesOf(kneeVisit(name, day)), drugGiven(visit, of, `${visit}-drug`));
  if (second) await write(retiree(name));
  const captured = await step(undefined, `Encounter/${visit}/$capture-charges`, [on(day)]);
  expect(captured.codes).toContain('account-created');
  const charge = captured.all<Resource & { account?: { reference?: string }[] }>('charge')[0];
  const account = charge?.account?.[0]?.reference ?? '';
  const encounter = { name: 'encounter', valueReference: { reference: `Encounter/${visit}` } };
  if (of.copay > 0) {
    await step(account, `${account}/$record-payment`, [
      ...payment(dollars(of.copay), `copay ${name}`),
      encounter,
      on(day),
    ]);
  }
  if (of.changed) await write({ ...drugGiven(visit, of, `${visit}-drug`), status: 'entered-in-error' });
  const claimed = await step(account, `Encounter/${visit}/$generate-claim`, [on('2026-05-05')]);
  const claims = claimed.all<Claim>('claim').map((c) => c.id ?? '');
  for (let claim = claims.pop(); claim !== undefined; claim = claims.pop()) {
    await step(account, `Claim/${claim}/$submit`, [on('2026-05-06')]);
    const drafts = await find<Claim>(context.store, 'Claim', {
      encounter: `Encounter/${visit}`,
      status: 'draft',
    });
    claims.push(...drafts.map((d) => d.id ?? ''));
  }
  checkBooks(await booksOf(context.store, account));
  const billed = await step(account, 'ExplanationOfBenefit/$generate-invoice', [
    { name: 'account', valueReference: { reference: account } },
    on('2026-05-20'),
  ]);
  const [invoice] = billed.all<Invoice>('invoice');
  if (invoice) await settle(account, `Invoice/${invoice.id ?? ''}`, of);
  return account;
}

async function settle(account: string, invoice: string, of: Life): Promise<void> {
  let last: string | undefined;
  for (const amount of of.payments) {
    const paid = await step(account, `${invoice}/$record-payment`, [
      ...payment(dollars(amount), `payment ${++made}`),
      businessDate('2026-06-01'),
    ]);
    last = paid.all('receipt')[0]?.id;
  }
  const unapplied = balance(await context.store.journal(account), { account: 'unapplied-patient-credit' });
  if (of.refunded && unapplied < 0) {
    await step(account, `${account}/$refund`, [
      ...payment(dollars(0 - unapplied), `refund ${++made}`),
      businessDate('2026-06-01'),
    ]);
  }
  if (of.bounced && last !== undefined) {
    const reason = { name: 'reason', valueString: 'bounced' };
    await step(account, `PaymentNotice/${last}/$reverse`, [reason, businessDate('2026-06-02')]);
  }
  if (!of.writtenOff) return;
  const reason = { name: 'reason', valueCode: 'small-balance' };
  await step(account, `${invoice}/$write-off`, [
    ...payment(1, '').slice(0, 1),
    reason,
    businessDate('2026-06-03'),
  ]);
  const credit = await step(account, `${account}/$apply-credit`, [businessDate('2026-06-04')]);
  expect(credit.status).toBe(200);
  if (!of.revoked) return;
  const [entry] = (await context.store.journal(account)).filter((e) => e.reason === 'write-off');
  if (!entry) return;
  const reference = { name: 'reference', valueString: entry.reference ?? '' };
  const back = await step(account, `${invoice}/$reverse-write-off`, [reference, businessDate('2026-06-05')]);
  expect(back.codes).toEqual(['reversed']);
}

const dollars = (amount: number): number => toDecimal(cents(amount));

test(
  'generated visits go down the whole road, from chart to last payment, with every money invariant held at every step',
  async () => {
    let denied = 0;
    let invoiced = 0;
    await fc.assert(
      fc.asyncProperty(life, fc.boolean(), async (of, second) => {
        const account = await live(`road${++made}`, of, second);
        const { journal } = await booksOf(context.store, account);
        if (journal.some((e) => e.reason === 'claim-denied')) denied += 1;
        if (journal.some((e) => e.reason === 'invoice-issued')) invoiced += 1;
        expect(journal.some((e) => e.reason === 'claim-submitted')).toBe(true);
      }),
      {
        numRuns: runsOf({ usual: 25, long: 300 }),
        endOnFailure: true,
        examples: [
          [refused, false],
          [refused, true],
        ],
      },
    );
    expect(invoiced).toBeGreaterThan(0);
    expect(denied).toBeGreaterThan(0);
  },
  isLong ? 1_200_000 : 300_000,
);
