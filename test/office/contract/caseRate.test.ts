import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Basic,
  Claim,
  Contract,
  MeasureReport,
  Parameters,
  ParametersParameter,
  Task,
} from '@medplum/fhirtypes';
import { differences } from '../../../src/billing/contract/compare.ts';
import { expectedLines, wholeClaim } from '../../../src/billing/contract/expected.ts';
import { ratesText, readRates } from '../../../src/billing/contract/rates.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { openWorld, type World } from '../../claim/world.ts';
import { on, type Said } from '../../firm/office.ts';
import { condition, coverage, drug, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';

const stay = (over: Partial<Claim> = {}): Claim =>
  ({
    resourceType: 'Claim',
    subType: { coding: [{ code: 'inpatient' }] },
    billablePeriod: { start: '2026-05-02', end: '2026-05-06' },
    supportingInfo: [
      {
        sequence: 1,
        category: { coding: [{ code: 'drg' }] },
        code: { coding: [{ system: system.msDrg, code: '470' }] },
      },
    ],
    item: [
      { sequence: 1, productOrService: {}, net: { value: 7386, currency: 'USD' } },
      {
        sequence: 2,
        productOrService: { coding: [{ code: 'J1745' }] },
        net: { value: 900, currency: 'USD' },
      },
    ],
    ...over,
  }) as unknown as Claim;
const visitOf = (...codes: readonly string[]): Claim =>
  ({
    resourceType: 'Claim',
    billablePeriod: { start: '2026-05-02', end: '2026-05-02' },
    item: codes.map((code, i) => ({
      sequence: i + 1,
      productOrService: { coding: [{ code }] },
      servicedDate: '2026-05-02',
      net: { value: 100, currency: 'USD' },
    })),
  }) as unknown as Claim;
const expected = (content: string, claim: Claim): (readonly [number, number])[] =>
  expectedLines(claim, () => ({ contract: 'Contract/1', rates: readRates(content).rates })).map(
    ({ item, amount }) => [item, amount] as const,
  );

describe('12.6 rates for a case', () => {
  const head = 'code,per,price,percent\n';
  test.each([
    [
      'of a stay by its DRG, above the charge too',
      `${head}DRG470,case,12000,\n*,day,1500,`,
      stay(),
      [[0, 1_200_000]],
    ],
    ['of every stay by its nights', `${head}DRG471,case,12000,\n*,day,1500,`, stay(), [[0, 600_000]]],
    ['a share of the charge of a stay', `${head}*,case,,80`, stay(), [[0, 662_880]]],
    [
      'a stay of one day is one',
      `${head}*,day,1500,`,
      stay({ billablePeriod: { start: '2026-05-02', end: '2026-05-02' } }),
      [[0, 150_000]],
    ],
    [
      'of a visit by a service that is on it',
      `${head}T1015,case,150,\nJ3301,,3,`,
      visitOf('J3301', 'T1015'),
      [[0, 15_000]],
    ],
    ['none: each line has its own', `${head}*,day,1500,\nJ3301,,3,`, visitOf('J3301', 'T1015'), [[1, 300]]],
  ])('%s', (_name, content, claim, lines) => {
    expect(expected(content, claim)).toEqual(lines);
  });

  test('neighbour: what all of the answer allows is held against it, said by line or as a whole', () => {
    const whole = [{ item: wholeClaim, amount: cents(15_000), rule: '' }];
    const by = (...allowed: readonly (readonly [number, number])[]) =>
      differences(
        whole,
        allowed.map(([sequence, amount]) => ({ sequence, allowed: cents(amount), denied: cents(0) })),
      ).map(({ short, over }) => [short, over]);
    expect(by([1, 9_000], [2, 5_000])).toEqual([[1_000, 0]]);
    expect(by([wholeClaim, 16_000])).toEqual([[0, 1_000]]);
    expect(by()).toEqual([]);
  });

  test('neighbour: rows that make no sense are named; a schedule reads as it was written', () => {
    const { faults } = readRates(
      'code,modifier,per,price,percent\nDRG470,,,100,\nDRG47,,case,100,\nT1015,TC,case,100,\nT1015,,day,,50\nT1015,,week,5,\n*,,,5,',
    );
    expect(faults.map((said) => /line \d/.exec(said)?.[0])).toEqual([
      ...['line 2', 'line 3', 'line 4', 'line 5', 'line 6', 'line 7'],
    ]);
    const { rates } = readRates('code,per,price\nDRG470,case,12000\nT1015,case,150\nT1015,,130');
    expect(rates).toHaveLength(3);
    expect(readRates(ratesText(rates))).toEqual({ rates, faults: [] });
  });
});

const promptPay: Basic & { id: string } = {
  resourceType: 'Basic',
  id: 'prompt-pay',
  code: { coding: [{ system: system.basic, code: 'prompt-pay' }] },
  extension: [
    {
      url: extension.promptPay,
      extension: [
        { url: 'payer', valueReference: { reference: 'Organization/juniper-ridge' } },
        { url: 'period', valuePeriod: { start: '2020-01-01' } },
        { url: 'source', valueString: 'an example' },
        { url: 'days', valuePositiveInt: 30 },
        { url: 'rate', valueDecimal: 18 },
      ],
    },
  ],
};

const practice = 'Organization/alder-street-clinic';

describe.each(eachStore('office_case_rate'))('rates for a case and networks, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const load = (content: string, ...more: readonly ParametersParameter[]): Promise<Said> =>
    world.call(`${practice}/$load-contract`, [
      { name: 'payer', valueReference: { reference: 'Organization/juniper-ridge' } },
      { name: 'start', valueDate: '2026-01-01' },
      { name: 'content', valueString: content },
      ...more,
    ]);
  const figures = async (claim: string): Promise<Record<string, unknown>> => {
    const [kept] = await world.find<Task>(`Task?code=payment-expected&focus=Claim/${claim}`);
    return Object.fromEntries((kept?.output ?? []).map((o) => [o.id ?? '', o.valueMoney?.value]));
  };

  test('12.6 a case is compared as a whole with what its lines were allowed', async () => {
    expect((await load('code,per,price\nT1015,case,300.00\n')).codes).toEqual(['created']);
    const claim = await world.billed('pam');
    const kept = await figures(claim.id);
    expect(kept['line-0']).toBe(300);
    expect(Object.keys(kept).filter((name) => name.startsWith('line-'))).toEqual(['line-0']);
    expect(kept.short).toBe(Math.round((300 - Number(kept.met)) * 100) / 100);
    const [work] = await world.find<Task>(`Task?code=underpayment&focus=Claim/${claim.id}`);
    expect(work?.description).toContain('the claim: expected 300.00');
    expect(await world.faults()).toEqual([]);
  });

  test('12.6 the schedule of a network counts for who is in it, beside that of all', async () => {
    const network: ParametersParameter = { name: 'network', valueString: 'Ridge Select' };
    const loaded = await load('code,price\nT1015,77.00\n', network);
    expect(loaded.codes).toEqual(['created']);
    expect(loaded.all<Contract>('contract')[0]?.scope?.text).toBe('Ridge Select');
    const again = await load('code,price\nT1015,78.00\n', network);
    expect([again.status, again.codes]).toEqual([409, ['contract-overlaps']]);
    const claim = await world.billed('quin');
    expect((await figures(claim.id))['line-0']).toBe(300);
    const inNetwork = await world.billed('rae', { network: 'Ridge Select' });
    expect((await figures(inNetwork.id))['line-1']).toBe(77);
  });

  test('12.6 what a payer decides late owes interest: the nightly work says so, the report adds it up', async () => {
    await world.put(promptPay);
    const at = '2026-06-03T09:10:00-04:00';
    await world.put(
      ...[patient('sol'), coverage('sol', 'sol'), visit('sol', 'sol', '2026-06-03'), condition('sol', 'sol')],
      drug('sol-drug', { patient: 'sol', encounter: 'sol', at }),
    );
    const [claim] = await world.claims('sol', '2026-06-05');
    const sentTo = await world.call(`Claim/${claim?.id ?? ''}/$submit`, [
      on('2026-06-05'),
      { name: 'answeredOn', valueDate: '2026-10-31' },
    ]);
    expect(sentTo.status).toBe(200);
    const night = await world.call('$run-nightly', [{ name: 'work', valueCode: 'late-pay' }]);
    expect(night.status).toBe(200);
    const [kept] = await world.find<Task>(`Task?code=late-paid&focus=Claim/${claim?.id ?? ''}`);
    const of = (name: string): number => kept?.output?.find(({ id }) => id === name)?.valueMoney?.value ?? 0;
    expect(of('paid')).toBeGreaterThan(0);
    // due on July 5: 118 days late at 18 %
    expect(of('interest')).toBe(Math.round((of('paid') * 18 * 118 * 100) / 36_500) / 100);
    const [told] = await world.find<Task>(`Task?code=interest-due&focus=Claim/${claim?.id ?? ''}`);
    expect([told?.status, told?.owner?.reference]).toEqual(['requested', practice]);
    const put = await world.send('put', `Task/${kept?.id ?? ''}`, {
      ...kept,
      output: kept?.output?.slice(1),
    });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    await world.call('$run-nightly', [{ name: 'work', valueCode: 'late-pay' }]);
    expect(await world.find<Task>(`Task?code=interest-due&focus=Claim/${claim?.id ?? ''}`)).toHaveLength(1);
  });

  test('12.6 a Measure tells of it by payer, and opens to its entries', async () => {
    const query = `subject=${practice}&periodStart=2026-01&periodEnd=2026-12`;
    const { status, body } = await world.send(
      'get',
      `Measure/underpayments/$evaluate-measure?${query}&stratifier=payer`,
    );
    expect(status).toBe(200);
    const report = body as MeasureReport;
    const group = (code: string) => report.group?.find((g) => g.code?.coding?.[0]?.code === code);
    const all = await world.find<Task>('Task?code=payment-expected,late-paid');
    const total = (...ids: readonly string[]): number =>
      Math.round(
        all
          .flatMap(({ output = [] }) => output)
          .filter(({ id = '' }) => ids.some((one) => id === one || (one === 'line-' && id.startsWith(one))))
          .reduce((sum, { valueMoney }) => sum + (valueMoney?.value ?? 0), 0) * 100,
      ) / 100;
    for (const [figure, id] of [
      ['expected', 'line-'],
      ['found', 'found'],
      ['short', 'short'],
      ['late', 'paid'],
      ['interest', 'interest'],
    ] as const)
      expect([figure, group(figure)?.measureScore?.value]).toEqual([figure, total(id)]);
    expect(total('interest')).toBeGreaterThan(0);
    expect(group('found')?.stratifier?.[0]?.stratum?.map((s) => s.value?.text)).toHaveLength(1);
    const entries = await world.send('get', `Measure/underpayments/$entries?${query}&figure=interest`);
    const parts = (entries.body as Parameters).parameter ?? [];
    expect(parts.find(({ name }) => name === 'amount')?.valueMoney?.value).toBe(total('interest'));
    expect(parts.filter(({ name }) => name === 'entry')).toHaveLength(1);
  });
});
