import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { condition, coded, coverage, own, stay } from '../firm/visit.ts';
import { validateResource } from '../../src/validation/validate.ts';
import {
  at,
  chair,
  compound,
  dispense,
  drugs,
  ndc,
  openCounter,
  patient,
  prescription,
} from './dentalOffice.ts';
import { amountsOf, balanceOf, eobFaults, explanationsOf, infoOf } from './explained.ts';

const day = '2026-06-03';
const ml = (value: number) => ({ value, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' });

const tablets = (value: number) => ({
  value,
  system: 'http://unitsofmeasure.org',
  code: '{tbl}',
});

/** A fill at the counter of the clinic, of its prescription. */
async function filled(
  office: Office,
  name: string,
  over: Parameters<typeof dispense>[2] = {},
): Promise<void> {
  const of = at(day, name);
  await office.put(
    patient(name),
    drugs(name, name),
    chair(name, day),
    prescription(`${name}-rx`, of),
    dispense(`${name}-1`, of, over),
  );
}

describe.each(eachStore('pharmacy'))('dispensed drugs, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await openCounter(office);
  });
  afterAll(() => office.close());

  /*
   * 30 tablets at 1.35 = 40.50, dispensing fee 9.75: charge 50.25.
   * Plan juniper-rx: 30 at 0.42 = 12.60, dispensing fee 1.75: allowed 14.35, CO-45 35.90; copay of a generic 10.00
   * (PR-3), paid 4.35.
   */
  test('10.7 a dispense goes from NDC to EOB Pharmacy, Invoice and ledger', async () => {
    await filled(office, 'tablets');
    const claims = await office.claims('tablets', '2026-06-03');
    expect(claims.map((c) => [c.type.coding?.[0]?.code, c.total?.value, c.diagnosis])).toEqual([
      ['pharmacy', 50.25, undefined],
    ]);
    const [claim] = claims;
    const [line] = claim?.item ?? [];
    expect([line?.productOrService.coding, line?.quantity?.value, line?.quantity?.code]).toEqual([
      [{ system: ndc, code: '55111068205' }],
      30,
      '1',
    ]);
    expect(claim?.prescription).toEqual({
      reference: 'MedicationRequest/tablets-rx',
      identifier: { value: 'RX-tablets-1' },
    });
    expect(claim?.careTeam?.map((m) => [m.role?.coding?.[0]?.code, m.provider.reference])).toEqual([
      ['prescribing', 'Practitioner/ruth-abernathy'],
    ]);
    const scrubbed = await office.call(`Claim/${claim?.id ?? ''}/$scrub`);
    expect(scrubbed.issues.filter((i) => i.severity === 'error')).toEqual([]);
    const response = await office.submit(claim, '2026-06-03');
    expect(response.item?.map((i) => amountsOf(i.adjudication))).toEqual([
      {
        submitted: 50.25,
        eligible: 14.35,
        benefit: 4.35,
        'ingredient-cost': 12.6,
        'dispensing-fee': 1.75,
        'CO-45': 35.9,
        'PR-3': 10,
      },
    ]);
    const [eob] = await explanationsOf(office, 'tablets');
    expect(eobFaults(eob, 'Pharmacy')).toEqual([]);
    expect(validateResource(eob as ExplanationOfBenefit)).toEqual([]);
    expect(amountsOf(eob?.total)).toEqual({
      submitted: 50.25,
      eligible: 14.35,
      discount: 35.9,
      copay: 10,
      drugcost: 14.35,
      paidtoprovider: 4.35,
      memberliability: 10,
    });
    const codeOf = (category: string) => infoOf(eob, category)[0]?.code?.coding?.[0]?.code;
    const countOf = (category: string) => infoOf(eob, category)[0]?.valueQuantity?.value;
    expect([
      ['dawcode', 'compoundcode', 'brandgenericindicator', 'rxorigincode'].map(codeOf),
      ['dayssupply', 'refillnum', 'refillsauthorized'].map(countOf),
    ]).toEqual([
      ['0', '1', '2', '3'],
      [30, 1, 3],
    ]);
    const answer = await office.call(`ExplanationOfBenefit/${eob?.id ?? ''}/$generate-invoice`);
    expect(answer.all<Invoice>('invoice').map((i) => i.totalNet?.value)).toEqual([10]);
    expect(await balanceOf(office, 'tablets')).toEqual({ insurance: 0, patient: 10, total: 10 });
  });

  /*
   * Compound of 90 mL: 30 tablets at 1.35 = 40.50 and its fee 9.75; 90 mL at 0.32 = 28.80; making 22.50: 101.55.
   * Plan: 30 at 0.42 = 12.60; 90 at 0.21 = 18.90; making 15.00; fee 1.75: allowed 48.25, CO-45 53.30;
   * copay of a generic 10.00, paid 38.25.
   */
  test('10.7 a compound is one line with its ingredients below', async () => {
    await filled(office, 'suspension', {
      medicationReference: { reference: '#mix' },
      contained: [
        {
          resourceType: 'Medication',
          id: 'mix',
          ingredient: [
            {
              itemCodeableConcept: coded(ndc, '55111-0682-05'),
              strength: { numerator: tablets(1), denominator: ml(3) },
            },
            {
              itemCodeableConcept: coded(ndc, '00054-3721-44'),
              strength: { numerator: ml(1), denominator: ml(1) },
            },
          ],
        },
      ],
      quantity: ml(90),
    });
    const [claim] = await office.claims('suspension', '2026-06-03');
    const [line] = claim?.item ?? [];
    expect([
      claim?.item?.length,
      line?.productOrService.coding,
      line?.quantity?.value,
      line?.net?.value,
    ]).toEqual([1, [{ system: compound, code: 'compound' }], 90, 101.55]);
    expect(line?.detail?.map((d) => [d.productOrService.coding?.[0]?.code, d.quantity?.value])).toEqual([
      ['55111068205', 30],
      ['00054372144', 90],
    ]);
    const response = await office.submit(claim, '2026-06-03');
    expect(response.item?.map((i) => amountsOf(i.adjudication))).toEqual([
      {
        submitted: 101.55,
        eligible: 48.25,
        benefit: 38.25,
        'ingredient-cost': 46.5,
        'dispensing-fee': 1.75,
        'CO-45': 53.3,
        'PR-3': 10,
      },
    ]);
    const [eob] = await explanationsOf(office, 'suspension');
    expect(eobFaults(eob, 'Pharmacy')).toEqual([]);
    const explained = {
      submitted: 101.55,
      eligible: 48.25,
      discount: 53.3,
      copay: 10,
      drugcost: 48.25,
      paidtoprovider: 38.25,
      memberliability: 10,
    };
    expect([eob?.item?.[0]?.adjudication, eob?.total].map(amountsOf)).toEqual([explained, explained]);
    expect(infoOf(eob, 'compoundcode')[0]?.code?.coding?.[0]?.code).toBe('2');
  });

  const category = (code: string) => ({
    category: coded('http://terminology.hl7.org/CodeSystem/medicationdispense-category', code),
  });

  /*
   * A drug that the plan does not list: PR-204 for the whole charge of 30 x 11.20 + 9.75 = 345.75, NCPDP reject 70. The
   * plan of medical care judges it: it has no fee for an NDC.
   */
  test('10.7 a fill that is refused says why in the code of pharmacies, and the patient owes it', async () => {
    await filled(office, 'refused', { medicationCodeableConcept: coded(ndc, '00071-0155-23') });
    await office.put(drugs('refused', 'refused', { plan: 'juniper-ppo-1500' }));
    const [claim] = await office.claims('refused', day);
    const response = await office.submit(claim, day);
    expect(response.item?.map((i) => amountsOf(i.adjudication))).toEqual([
      { submitted: 345.75, eligible: 0, benefit: 0, 'PR-204': 345.75 },
    ]);
    const [eob] = await explanationsOf(office, 'refused');
    expect(eobFaults(eob, 'Pharmacy')).toEqual([]);
    const reject = eob?.item?.[0]?.adjudication?.find((a) => a.category.coding?.[0]?.code === 'rejectreason');
    expect([reject?.reason?.coding, eob?.payment?.type?.coding?.[0]?.code]).toEqual([
      [{ system: 'http://terminology.hl7.org/CodeSystem/NCPDPRejectCode', code: '70' }],
      'denied',
    ]);
    expect(amountsOf(eob?.total)).toMatchObject({ noncovered: 345.75, memberliability: 345.75, drugcost: 0 });
  });

  /* A brand: 30 x 11.20 + 9.75 = 345.75; plan 30 x 8.15 + 1.75 = 246.25; copay of a brand 40.00. */
  test('10.7 neighbour: the plan says what is a brand, whatever the pharmacy says', async () => {
    await filled(office, 'brand', { medicationCodeableConcept: coded(ndc, '00071-0155-23') });
    const [claim] = await office.claims('brand', day);
    const response = await office.submit(claim, day);
    expect(amountsOf(response.item?.[0]?.adjudication)).toMatchObject({ eligible: 246.25, 'PR-3': 40 });
  });

  test('10.7 neighbour: without number the earlier fills are counted, and no substitution is DAW 1', async () => {
    const of = at(day, 'counted');
    const indicator = coded('http://terminology.hl7.org/CodeSystem/NCPDPBrandGenericIndicator', '2');
    const unnumbered = { extension: [{ url: own('brand-generic'), valueCodeableConcept: indicator }] };
    await filled(office, 'counted', unnumbered);
    await office.put(
      prescription('counted-rx', of, { substitution: { allowedBoolean: false } }),
      dispense(
        'counted-0',
        { ...of, at: '2026-05-04T10:00:00-04:00' },
        {
          ...unnumbered,
          context: { reference: 'Encounter/counted-before' },
        },
      ),
    );
    const [claim] = await office.claims('counted', day);
    const said = (name: string) => infoOf(claim, name)[0];
    expect([said('refillnum')?.valueQuantity?.value, said('dawcode')?.code?.coding?.[0]?.code]).toEqual([
      1,
      '1',
    ]);
  });

  test('10.7 neighbour: a fill without days supply is told by the scrub and not sent', async () => {
    await filled(office, 'endless');
    const { daysSupply: _none, ...without } = dispense('endless-1', at(day, 'endless'));
    await office.put(without);
    const [claim] = await office.claims('endless', day);
    const refused = await office.call(`Claim/${claim?.id ?? ''}/$submit`);
    expect([refused.status, refused.codes]).toEqual([422, ['fill-details']]);
  });

  test('10.7 neighbour: what went to the ward is no fill, what was taken home is', async () => {
    await filled(office, 'ward', category('inpatient'));
    await office.put(dispense('ward-2', at(day, 'ward'), category('discharge')));
    const answer = await office.call('Encounter/ward/$generate-claim');
    expect(answer.text('not-billable')).toContain('MedicationDispense/ward-1');
    expect(answer.all<Claim>('claim').map((c) => c.prescription?.identifier?.value)).toEqual(['RX-ward-2']);
  });

  test('10.7 neighbour: a fill of a stay without a performer is compared and sent in the form of the stay', async () => {
    const of = at(day, 'stayed');
    const span = { start: `${day}T08:00:00-04:00`, end: '2026-06-04T10:00:00-04:00' };
    const { participant: _nobody, ...encounter } = stay('stayed', 'stayed', span);
    await office.put(
      patient('stayed'),
      drugs('stayed', 'stayed'),
      coverage('stayed-visit', 'stayed'),
      encounter,
      condition('stayed', 'stayed'),
      prescription('stayed-rx', of),
      dispense('stayed-1', of, category('discharge')),
    );
    const claims = await office.claims('stayed', '2026-06-05');
    const fill = claims.find((c) => c.type.coding?.[0]?.code === 'pharmacy');
    expect(claims.map((c) => c.type.coding?.[0]?.code).sort()).toEqual(['institutional', 'pharmacy']);
    await office.put({ ...encounter, length: { value: 2, unit: 'd' } }); // newer than the draft: it is compared
    expect((await office.call(`Claim/${fill?.id ?? ''}/$scrub`)).codes).not.toContain('provider-missing');
    expect((await office.submit(fill, '2026-06-05')).outcome).toBe('complete');
  });
});
