import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  ChargeItem,
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  MedicationDispense,
  Procedure,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { sweepChart } from '../../src/operation/sweep/sweepChart.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { scripted } from '../firm/payerAtTheEnd.ts';
import { coded, condition } from '../firm/visit.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import {
  at,
  chair,
  dental,
  dentalProcedure,
  dispense,
  drugs,
  openCounter,
  patient,
  prescription,
  tooth,
} from './dentalOffice.ts';
import { balanceOf, explanationsOf } from './explained.ts';

const day = '2026-06-03';

/** One service on each road, and how its chart is said otherwise afterwards. */
const roads = {
  oral: {
    price: 215.5,
    chart: (name: string): (Resource & { id: string })[] => [
      dental(name, name),
      dentalProcedure(`${name}-1`, at(day, name), 'D2392', { bodySite: [coded(tooth, '14')] }),
    ],
    otherwise: (name: string): Resource & { id: string } =>
      dentalProcedure(`${name}-1`, at(day, name), 'D2392', { bodySite: [coded(tooth, '15')] }),
    says: (claim: Claim | undefined) => claim?.item?.[0]?.bodySite?.coding?.[0]?.code,
    before: '14',
    after: '15',
    source: (name: string) => ['Procedure', `${name}-1`] as const,
  },
  pharmacy: {
    price: 50.25,
    chart: (name: string): (Resource & { id: string })[] => [
      drugs(name, name),
      prescription(`${name}-rx`, at(day, name)),
      dispense(`${name}-1`, at(day, name)),
    ],
    otherwise: (name: string): Resource & { id: string } =>
      dispense(`${name}-1`, at(day, name), { daysSupply: { value: 15 } }),
    says: (claim: Claim | undefined) =>
      claim?.supportingInfo?.find((s) => s.category.coding?.[0]?.code === 'dayssupply')?.valueQuantity?.value,
    before: 30,
    after: 15,
    source: (name: string) => ['MedicationDispense', `${name}-1`] as const,
  },
} as const;
type Road = keyof typeof roads;
const both: readonly Road[] = ['oral', 'pharmacy'];

describe.each(eachStore('roadQuestions'))('what happens to both roads, on %s', (_name, open) => {
  const payer = scripted();
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open, { gateways: payer.gateways } as never);
    await openCounter(office);
  });
  afterAll(() => office.close());

  const charted = async (road: Road, name: string): Promise<void> =>
    office.put(patient(name), chair(name, day), ...roads[road].chart(name));
  const drafted = async (road: Road, name: string): Promise<Claim | undefined> => {
    await charted(road, name);
    return (await office.claims(name, day))[0];
  };

  test.each(both)('10.7 %s: a plain PUT on what stands in the books is 409', async (road) => {
    const name = `put-${road}`;
    const claim = await drafted(road, name);
    const [charge] = await office.find<ChargeItem>(`ChargeItem?context=Encounter/${name}`);
    const cheaper = { ...charge, priceOverride: { value: 1, currency: 'USD' } };
    expect((await office.send('put', `ChargeItem/${charge?.id ?? ''}`, cheaper)).codes).toEqual([
      'kept-by-the-books',
    ]);
    const response = await office.submit(claim, day);
    const sent = await office.read<Claim>('Claim', claim?.id ?? '');
    const [eob] = await explanationsOf(office, name);
    for (const [path, body] of [
      [`Claim/${sent.id}`, { ...sent, total: { value: 1, currency: 'USD' } }],
      [`ClaimResponse/${response.id ?? ''}`, { ...response, disposition: 'otherwise' }],
      [`ExplanationOfBenefit/${eob?.id ?? ''}`, { ...eob, disposition: 'otherwise' }],
    ] as const)
      expect([path, (await office.send('put', path, body)).codes]).toEqual([path, ['kept-by-the-books']]);
  });

  test.each(both)('10.7 %s: a draft that its chart has left is 422, then follows it', async (road) => {
    const name = `chart-${road}`;
    const { says, before, after, otherwise } = roads[road];
    const claim = await drafted(road, name);
    expect(says(claim)).toBe(before);
    await office.put(otherwise(name));
    const refused = await office.call(`Claim/${claim?.id ?? ''}/$submit`);
    expect([refused.status, [...new Set(refused.codes)]]).toEqual([422, ['draft-out-of-date']]);
    const [again] = await office.claims(name, day);
    expect([again?.id, says(again)]).toEqual([claim?.id, after]);
    expect((await office.submit(again, day)).outcome).toBe('complete');
  });

  test.each(both)(
    '10.7 %s: a chart that changes after the claim was sent is work for people',
    async (road) => {
      const name = `late-${road}`;
      const claim = await drafted(road, name);
      await office.submit(claim, day);
      const [type, id] = roads[road].source(name);
      const source = await office.read<Procedure | MedicationDispense>(type, id);
      await office.put({ ...source, status: 'entered-in-error' });
      const captured = await office.call(`Encounter/${name}/$capture-charges`);
      expect(captured.codes).toContain('charge-review');
      expect((await office.call(`Encounter/${name}/$generate-claim`)).status).toBe(409);
      const tasks = await office.find<Task>(`Task?encounter=Encounter/${name}&code=charge-review`);
      expect(tasks.map((t) => t.status)).toEqual(['requested']);
    },
  );

  test.each(both)('10.7 %s: who may see less, sees less', async (road) => {
    const name = `eyes-${road}`;
    const claim = await drafted(road, name);
    await office.submit(claim, day);
    const [eob] = await explanationsOf(office, name);
    const asking = new AsAccount(office.context);
    const user = (of: string, role: string, more: object) =>
      asking.is({ name: of, kind: 'user', roles: [role], users: [], ...more } as never);
    await user('own', 'patient', { users: [`Patient/${name}`] });
    await user('other', 'patient', { users: ['Patient/somebody-else'] });
    await user('biller', 'biller', { practices: ['alder-street-clinic'] });
    await user('elsewhere', 'biller', { practices: ['bellwater-hospital'] });
    for (const [who, status] of [
      ['own', 200],
      ['other', 404],
      ['biller', 200],
      ['elsewhere', 404],
    ] as const) {
      const seen = await asking.ask(who, 'get', `ExplanationOfBenefit/${eob?.id ?? ''}`);
      const found = await asking.ask(who, 'get', `ExplanationOfBenefit?patient=Patient/${name}`);
      const total = ((found.body as { entry?: unknown[] }).entry ?? []).length;
      expect([who, seen.status, total]).toEqual([who, status, status === 200 ? 1 : 0]);
    }
    const called = await asking.ask('elsewhere', 'post', `Claim/${claim?.id ?? ''}/$submit`, {
      resourceType: 'Parameters',
    });
    expect([403, 404]).toContain(called.status);
  });

  test.each(both)('10.7 %s: an answer that comes late, or twice, is one answer', async (road) => {
    const name = `slow-${road}`;
    const claim = await drafted(road, name);
    payer.send = () => Promise.resolve({ is: 'accepted' });
    payer.find = (_id, judge) => judge();
    const first = await office.submit(claim, day);
    payer.send = (_t, judge) => judge();
    const again = await office.submit(claim, day);
    expect([first.outcome, again.id, again.meta?.versionId]).toEqual([
      'complete',
      first.id,
      first.meta?.versionId,
    ]);
    const answers = await office.find<ClaimResponse>(`ClaimResponse?request=Claim/${claim?.id ?? ''}`);
    const eobs = await office.find<ExplanationOfBenefit>(
      `ExplanationOfBenefit?claim=Claim/${claim?.id ?? ''}`,
    );
    expect([answers.length, eobs.length]).toEqual([1, 1]);
    expect((await balanceOf(office, name))['insurance']).toBe(0);
  });

  test.each(both)('10.7 %s: a visit entered in error takes its charges and draft with it', async (road) => {
    const name = `never-${road}`;
    const claim = await drafted(road, name);
    expect(claim?.total?.value).toBe(roads[road].price);
    await office.put({ ...chair(name, day), status: 'entered-in-error' });
    const undone = await office.call(`Encounter/${name}/$capture-charges`);
    expect(undone.codes).toContain('visit-withdrawn');
    expect((await office.read<Claim>('Claim', claim?.id ?? '')).status).toBe('cancelled');
    expect(await balanceOf(office, name)).toEqual({ insurance: 0, patient: 0, total: 0 });
    await office.put(chair(name, day));
    const [anew] = await office.claims(name, day);
    expect([anew?.id === claim?.id, anew?.total?.value]).toEqual([false, roads[road].price]);
  });

  test.each(both)(
    '10.7 %s: captured twice is charged once; type asks for it, and for nothing else',
    async (road) => {
      const name = `asked-${road}`;
      await charted(road, name);
      await office.charges(name);
      expect((await office.charges(name)).map((c) => c.priceOverride?.value)).toEqual([roads[road].price]);
      const type = (valueCode: string) =>
        office.call(`Encounter/${name}/$generate-claim`, [{ name: 'type', valueCode }]);
      expect((await type(road)).all<Claim>('claim').map((c) => c.type.coding?.[0]?.code)).toEqual([road]);
      const other = await type(road === 'oral' ? 'pharmacy' : 'oral');
      expect([other.status, other.codes]).toEqual([422, ['claim-form-empty']]);
      // a claim of the visit's own form is never made of them
      expect((await type('professional')).all<Claim>('claim').map((c) => c.type.coding?.[0]?.code)).toEqual([
        road,
      ]);
    },
  );

  test.each(both)('10.7 %s: the sweep brings a draft up to date that nobody asked about', async (road) => {
    const name = `swept-${road}`;
    const since = Date.parse('2026-01-01');
    const claim = await drafted(road, name);
    await office.put(roads[road].otherwise(name));
    await sweepChart(office.context, { at: since, seen: new Map() });
    const swept = await office.read<Claim>('Claim', claim?.id ?? '');
    expect([swept.status, roads[road].says(swept)]).toEqual(['draft', roads[road].after]);
  });

  test('10.7 neighbour: a visit, a filling and a fill are three claims to three coverages', async () => {
    const name = 'three';
    const { type: _none, ...encounter } = chair(name, day) as ReturnType<typeof chair> & { type?: unknown };
    await office.put(
      patient(name),
      condition(name, name),
      { ...encounter, type: [coded('https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'T1015')] },
      dental(`${name}-dental`, name),
      drugs(`${name}-drugs`, name),
      { ...dental(`${name}-medical`, name, { plan: 'juniper-ppo-1500' }), type: { text: 'medical' } },
      dentalProcedure(`${name}-1`, at(day, name), 'D0120'),
      prescription(`${name}-rx`, at(day, name)),
      dispense(`${name}-2`, at(day, name)),
    );
    const claims = await office.claims(name, day);
    expect(
      claims.map((c) => [c.type.coding?.[0]?.code, c.insurance.map((i) => i.coverage.reference)]).sort(),
    ).toEqual([
      ['oral', ['Coverage/three-dental']],
      ['pharmacy', ['Coverage/three-drugs']],
      ['professional', ['Coverage/three-medical']],
    ]);
  });
});
