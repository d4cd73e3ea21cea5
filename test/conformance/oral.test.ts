import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClaimItem, ClaimResponse, ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { coded, condition, own } from '../firm/visit.ts';
import { validateResource } from '../../src/validation/validate.ts';
import {
  area,
  at,
  cdt,
  chair,
  dental,
  dentalProcedure,
  openCounter,
  patient,
  surface,
  tooth,
} from './dentalOffice.ts';
import { amountsOf, balanceOf, eobFaults, explanationsOf, infoOf } from './explained.ts';

const day = '2026-06-03';
const prosthesis = (replacement: boolean, placed?: string) => ({
  url: own('prosthesis'),
  extension: [
    { url: 'replacement', valueBoolean: replacement },
    ...(placed === undefined ? [] : [{ url: 'prior-placement', valueDate: placed }]),
  ],
});

/** Examination, cleaning, a filling of two surfaces, a crown that replaces another. */
async function molarVisit(office: Office, name: string): Promise<void> {
  const of = at(day, name);
  await office.put(
    patient(name),
    dental(name, name),
    chair(name, day),
    dentalProcedure(`${name}-1`, of, 'D0120'),
    dentalProcedure(`${name}-2`, of, 'D1110'),
    dentalProcedure(`${name}-3`, of, 'D2392', {
      bodySite: [coded(tooth, '14'), coded(surface, 'M'), coded(surface, 'O')],
    }),
    dentalProcedure(`${name}-4`, of, 'D2740', {
      bodySite: [coded(tooth, '30')],
      extension: [prosthesis(true, '2015-04-09')],
    }),
  );
}

describe.each(eachStore('oral'))('dental services, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await openCounter(office);
  });
  afterAll(() => office.close());

  /*
   * Plan juniper-dental: deductible 50.00, 20 %, crowns 50 %, D0120 and D1110 preventive, at most 600.00 a year.
   * line        charge   allowed   CO-45   PR-1   PR-2    PR-119  paid
   * D0120        52.00     38.00   14.00                           38.00
   * D1110        98.00     74.50   23.50                           74.50
   * D2392       215.50    168.25   47.25  50.00   23.65            94.60   20 % of 118.25
   * D2740     1,240.00    905.00  335.00         452.50   59.60   392.90   600.00 - 207.10 paid before = 392.90 of 452.50
   * sum       1,605.50  1,185.75  419.75  50.00  476.15   59.60   600.00   patient 585.75
   */
  test('10.7 a dental visit goes from Procedures to EOB Oral, Invoice and ledger', async () => {
    await molarVisit(office, 'molar');
    const claims = await office.claims('molar', '2026-06-04');
    expect(claims.map((c) => [c.type.coding?.[0]?.code, c.total?.value])).toEqual([['oral', 1605.5]]);
    const [claim] = claims;
    expect(claim?.item?.map(placed)).toEqual([
      ['D0120', undefined, []],
      ['D1110', undefined, []],
      ['D2392', '14', ['M', 'O']],
      ['D2740', '30', []],
    ]);
    expect(infoOf(claim, 'prosthesis')).toEqual([{ timingDate: '2015-04-09', valueBoolean: true }]);
    const response: ClaimResponse = await office.submit(claim, '2026-06-05');
    expect(response.item?.map((i) => amountsOf(i.adjudication))).toEqual([
      { submitted: 52, eligible: 38, benefit: 38, 'CO-45': 14 },
      { submitted: 98, eligible: 74.5, benefit: 74.5, 'CO-45': 23.5 },
      { submitted: 215.5, eligible: 168.25, benefit: 94.6, 'CO-45': 47.25, 'PR-1': 50, 'PR-2': 23.65 },
      { submitted: 1240, eligible: 905, benefit: 392.9, 'CO-45': 335, 'PR-2': 452.5, 'PR-119': 59.6 },
    ]);
    const [eob] = await explanationsOf(office, 'molar');
    expect(eobFaults(eob, 'Oral')).toEqual([]);
    expect(validateResource(eob as ExplanationOfBenefit)).toEqual([]);
    expect(amountsOf(eob?.total)).toEqual({
      submitted: 1605.5,
      eligible: 1126.15, // 600.00 + 50.00 + 476.15
      discount: 419.75,
      noncovered: 59.6,
      deductible: 50,
      coinsurance: 476.15,
      paidtoprovider: 600,
      memberliability: 585.75,
    });
    expect(eob?.provider.reference).toBe('Practitioner/ruth-abernathy');
    expect(eob?.payee?.party?.reference).toBe('Organization/alder-street-clinic');
    const answer = await office.call(`ExplanationOfBenefit/${eob?.id ?? ''}/$generate-invoice`);
    const [invoice] = answer.all<Invoice>('invoice');
    expect([
      invoice?.totalNet?.value,
      invoice?.lineItem?.map((l) => l.priceComponent?.[0]?.amount?.value),
    ]).toEqual([585.75, [215.5, 1240]]);
    expect(await balanceOf(office, 'molar')).toEqual({ insurance: 0, patient: 585.75, total: 585.75 });
  });

  test('10.7 more teeth, areas, orthodontics and missing teeth stand where C4BB has them', async () => {
    const of = at(day, 'bridge');
    await office.put(
      patient('bridge'),
      dental('bridge', 'bridge'),
      chair('bridge', day),
      {
        ...condition('bridge', 'bridge', 'K08.109'),
        bodySite: [coded(tooth, '19')],
      },
      dentalProcedure('bridge-1', of, 'D2392', {
        bodySite: [coded(tooth, '3'), coded(tooth, '5'), coded(surface, 'D')],
      }),
      dentalProcedure('bridge-2', of, 'D1110', {
        bodySite: [coded(area, '10'), coded(tooth, '5')],
        extension: [
          {
            url: own('orthodontics'),
            extension: [
              { url: 'months', valuePositiveInt: 18 },
              { url: 'appliance-placed', valueDate: '2026-01-12' },
            ],
          },
        ],
      }),
    );
    const [claim] = await office.claims('bridge', '2026-06-04');
    expect(claim?.item?.map((i) => [...placed(i), i.informationSequence])).toEqual([
      ['D2392', '3', ['D'], [1]],
      ['D1110', '10', [], [1]],
    ]);
    await office.submit(claim, '2026-06-05');
    const [eob] = await explanationsOf(office, 'bridge');
    expect(eobFaults(eob, 'Oral')).toEqual([]);
    expect([
      infoOf(eob, 'additionalbodysite').map((s) => s.code?.coding?.[0]?.code),
      infoOf(eob, 'missingtoothnumber').map((s) => s.code?.coding?.[0]?.code),
      infoOf(eob, 'orthodontics').map((s) => [s.timingDate, s.valueQuantity?.value]),
      eob?.item?.map((i) => [i.bodySite?.coding?.[0]?.code, i.informationSequence]),
      eob?.diagnosis?.map((d) => d.diagnosisCodeableConcept?.coding?.[0]?.code),
    ]).toEqual([
      ['5'],
      ['19'],
      [['2026-01-12', 18]],
      [
        ['3', [1]],
        ['10', [1]],
      ],
      ['K08.109'],
    ]);
  });

  test('10.7 neighbour: two prostheses are two claims, each with its own', async () => {
    const of = at(day, 'crowns');
    await office.put(
      patient('crowns'),
      dental('crowns', 'crowns'),
      chair('crowns', day),
      dentalProcedure('crowns-1', of, 'D0120'),
      dentalProcedure('crowns-2', of, 'D2740', {
        bodySite: [coded(tooth, '30')],
        extension: [prosthesis(true, '2015-04-09')],
      }),
      dentalProcedure('crowns-3', of, 'D2740', {
        bodySite: [coded(tooth, '31')],
        extension: [prosthesis(false)],
      }),
    );
    const claims = await office.claims('crowns', '2026-06-04');
    expect(
      claims.map((c) => [
        c.item?.map((i) => placed(i)[1]),
        infoOf(c, 'prosthesis').map((s) => s.valueBoolean),
      ]),
    ).toEqual([
      [[undefined, '30'], [true]],
      [['31'], [false]],
    ]);
  });

  test('10.7 neighbour: a surface of no tooth and an unknown tooth are told by the scrub', async () => {
    const of = at(day, 'nowhere');
    await office.put(
      patient('nowhere'),
      dental('nowhere', 'nowhere'),
      chair('nowhere', day),
      dentalProcedure('nowhere-1', of, 'D2392', { bodySite: [coded(surface, 'M')] }),
      dentalProcedure('nowhere-2', of, 'D2740', { bodySite: [coded(tooth, '99')] }),
    );
    const [claim] = await office.claims('nowhere', '2026-06-04');
    const refused = await office.call(`Claim/${claim?.id ?? ''}/$submit`);
    expect([refused.status, [...refused.codes].sort()]).toEqual([422, ['tooth-number', 'tooth-surface']]);
  });

  test('10.7 neighbour: a price that depends on the payer asks for the payer of dental care', async () => {
    const money = (value: number) => ({ value, currency: 'USD' as const });
    const of = at(day, 'agreed');
    await office.put(
      {
        resourceType: 'ChargeItemDefinition',
        id: 'agreed-price',
        url: 'https://practice.example/price/D1206',
        status: 'active',
        code: coded(cdt, 'D1206'),
        propertyGroup: [
          { priceComponent: [{ type: 'base', amount: money(60) }] },
          {
            applicability: [
              { language: 'text/fhirpath', expression: "%payer = 'Organization/federal-senior'" },
            ],
            priceComponent: [{ type: 'base', amount: money(45) }],
          },
        ],
      },
      patient('agreed'),
      dental('agreed-medical', 'agreed', { type: { text: 'medical' } }),
      dental('agreed', 'agreed', { payor: [{ reference: 'Organization/federal-senior' }] }),
      chair('agreed', day),
      dentalProcedure('agreed-1', of, 'D1206'),
    );
    expect((await office.charges('agreed')).map((c) => c.priceOverride?.value)).toEqual([45]);
    await office.send('delete', 'ChargeItemDefinition/agreed-price');
  });
});

const placed = ({ productOrService, bodySite, subSite }: ClaimItem) => [
  productOrService.coding?.[0]?.code,
  bodySite?.coding?.[0]?.code,
  (subSite ?? []).map((s) => s.coding?.[0]?.code),
];
