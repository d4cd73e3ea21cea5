import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Claim, ClaimResponse, Invoice } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { booksOf } from '../fixture/booksOf.ts';
import { checkBooks } from '../fixture/invariant.ts';
import { openOffice, on, type Office } from '../firm/office.ts';
import { coded } from '../firm/visit.ts';
import { eachStore } from '../http/eachStore.ts';
import { runsOn } from '../runs.ts';
import {
  at,
  chair,
  dental,
  dentalProcedure,
  dispense,
  drugs,
  ndc,
  openCounter,
  patient,
  prescription,
  surface,
  tooth,
} from './dentalOffice.ts';
import { amountsOf, balanceOf, eobFaults, explanationsOf } from './explained.ts';

const day = '2026-06-03';

const second = (name: string) =>
  dental(`${name}-second`, name, {
    plan: 'senior-dental',
    order: 2,
    payor: [{ reference: 'Organization/federal-senior' }],
  });

describe.each(eachStore('roadBooks'))('the books of oral and pharmacy claims, on %s', (store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await openCounter(office);
  });
  afterAll(() => office.close());

  const accountOf = async (name: string): Promise<string> =>
    `Account/${(await office.find<Account>(`Account?subject=Patient/${name}`))[0]?.id ?? ''}`;

  /** Sends every claim of a visit, those to further payers too. */
  async function sendAll(name: string): Promise<ClaimResponse[]> {
    const answers: ClaimResponse[] = [];
    for (;;) {
      const drafts = await office.find<Claim>(`Claim?encounter=Encounter/${name}&status=draft`);
      if (drafts.length === 0) return answers;
      for (const draft of drafts) answers.push(await office.submit(draft, '2026-06-10'));
    }
  }

  /*
   * Crown 1,240.00. First payer: allowed 905.00, CO-45 335.00, PR-1 50.00, PR-2 50 % of 855.00 = 427.50, paid 427.50.
   * It leaves 477.50. Second payer: own allowed 850.00, own benefit 680.00; 850.00 - 427.50 = 422.50 is the smallest, so
   * it pays 422.50; OA-23 1,240.00 - 477.50 = 762.50; PR-2 477.50 - 422.50 = 55.00.
   */
  test('10.7 a second dental plan pays after the first, and the patient what both leave', async () => {
    const name = 'crown';
    await office.put(
      patient(name),
      dental(name, name),
      second(name),
      chair(name, day),
      dentalProcedure(`${name}-1`, at(day, name), 'D2740', { bodySite: [coded(tooth, '30')] }),
    );
    await office.claims(name, '2026-06-04');
    const [first, later] = await sendAll(name);
    expect(first?.item?.map((i) => amountsOf(i.adjudication))).toEqual([
      { submitted: 1240, eligible: 905, benefit: 427.5, 'CO-45': 335, 'PR-1': 50, 'PR-2': 427.5 },
    ]);
    expect(later?.item?.map((i) => amountsOf(i.adjudication))).toEqual([
      { submitted: 1240, eligible: 850, benefit: 422.5, 'OA-23': 762.5, 'PR-2': 55 },
    ]);
    const eobs = await explanationsOf(office, name);
    expect(eobs.map((e) => eobFaults(e, 'Oral'))).toEqual([[], []]);
    expect(amountsOf(eobs[1]?.total)).toEqual({
      submitted: 1240,
      eligible: 905,
      discount: 335,
      coinsurance: 55,
      priorpayerpaid: 427.5,
      paidtoprovider: 422.5,
      memberliability: 55,
    });
    const billed = await office.call(`ExplanationOfBenefit/${eobs[0]?.id ?? ''}/$generate-invoice`);
    expect(billed.all<Invoice>('invoice').map((i) => i.totalNet?.value)).toEqual([55]);
    expect(await balanceOf(office, name)).toEqual({ insurance: 0, patient: 55, total: 55 });
    checkBooks(await booksOf(office.context.store, await accountOf(name)));
  });

  interface Life {
    readonly teeth: readonly (readonly [code: string, tooth: string, sides: readonly string[]])[];
    readonly tablets: number; // 0: nothing dispensed
    readonly isBrand: boolean;
    readonly hasSecond: boolean;
    readonly isCovered: boolean; // for dental care; else the other plan pays
    readonly isChanged: boolean; // a service was charted by mistake, found before the claims are sent
    readonly paid: number; // cents, on each Invoice
  }
  const life: fc.Arbitrary<Life> = fc.record({
    teeth: fc.array(
      fc.tuple(
        fc.constantFrom('D0120', 'D1110', 'D2392', 'D2740', 'D9999'), // the last has no price: work for a coder
        fc.constantFrom('3', '14', '19', '30'),
        fc.subarray(['M', 'O', 'D']),
      ),
      { maxLength: 5 },
    ),
    tablets: fc.constantFrom(0, 1, 7.5, 30, 90, 333),
    isBrand: fc.boolean(),
    hasSecond: fc.boolean(),
    isCovered: fc.boolean(),
    isChanged: fc.boolean(),
    paid: fc.constantFrom(0, 1, 2500, 100_000),
  });

  /** One that goes the whole way, so that every run of the test does. */
  const whole: Life = {
    teeth: [['D2740', '3', []]],
    tablets: 30,
    ...{ isBrand: true, hasSecond: false, isCovered: true, isChanged: false, paid: 2500 },
  };

  let made = 0;
  test('10.7 the invariants of the ledger hold for generated dental visits and fills', async () => {
    const reached = { explained: 0, invoiced: 0 };
    await fc.assert(
      fc.asyncProperty(life, async (of) => {
        const name = `life-${(made++).toString()}`;
        const here = at(day, name);
        const procedures = of.teeth.map(([code, where, sides], i) =>
          dentalProcedure(`${name}-${i.toString()}`, here, code, {
            bodySite: [coded(tooth, where), ...sides.map((s) => coded(surface, s))],
          }),
        );
        const fill = dispense(`${name}-fill`, here, {
          medicationCodeableConcept: coded(ndc, of.isBrand ? '00071-0155-23' : '55111-0682-05'),
          quantity: { value: of.tablets, system: 'http://unitsofmeasure.org', code: '{tbl}' },
        });
        await office.put(
          patient(name),
          dental(name, name, of.isCovered ? {} : { type: { text: 'all benefits' } }),
          drugs(`${name}-rx`, name, of.isCovered ? {} : { order: 3 }),
          ...(of.hasSecond ? [second(name)] : []),
          chair(name, day),
          prescription(`${name}-rx`, here),
          ...procedures,
          ...(of.tablets > 0 ? [fill] : []),
        );
        const drafted = await office.call(`Encounter/${name}/$generate-claim`, [on('2026-06-04')]);
        expect([200, 422]).toContain(drafted.status);
        if (of.isChanged && procedures[0]) await office.put({ ...procedures[0], status: 'entered-in-error' });
        if (of.isChanged) await office.call(`Encounter/${name}/$capture-charges`);
        await sendAll(name); // a draft whose only charge was taken back is cancelled
        const account = await accountOf(name);
        if (account === 'Account/') return; // nothing was captured
        const check = async (): Promise<void> => {
          checkBooks(await booksOf(office.context.store, account));
        };
        await check();
        const explained = await explanationsOf(office, name);
        reached.explained += explained.length;
        for (const eob of explained)
          expect(eobFaults(eob, eob.type.coding?.[0]?.code === 'oral' ? 'Oral' : 'Pharmacy')).toEqual([]);
        const billed = await office.call('ExplanationOfBenefit/$generate-invoice', [
          { name: 'account', valueReference: { reference: account } },
        ]);
        reached.invoiced += billed.all<Invoice>('invoice').length;
        for (const { id = '' } of billed.all<Invoice>('invoice')) {
          if (of.paid === 0) break;
          await office.call(`Invoice/${id}/$record-payment`, [
            { name: 'amount', valueMoney: { value: of.paid / 100, currency: 'USD' } },
            { name: 'method', valueCode: 'card' },
            { name: 'reference', valueString: `${name} ${id}` },
          ]);
        }
        await check();
      }),
      { numRuns: runsOn(store, { usual: 10, long: 200 }), examples: [[whole]] },
    );
    expect(reached.explained).toBeGreaterThan(1);
    expect(reached.invoiced).toBeGreaterThan(0);
  });
});
