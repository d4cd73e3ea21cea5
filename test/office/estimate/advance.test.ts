import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { openWorld, type World } from '../../claim/world.ts';
import { coded, coverage, hcpcs, patient } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const line = (sequence: number, code: string, value: number, net: number) => ({
  sequence,
  productOrService: coded(hcpcs, code),
  servicedDate: '2026-12-16',
  quantity: { value },
  net: { value: net, currency: 'USD' as const },
});
/** A good-faith estimate as PCT sends it: patient and coverage by URLs of the sender. */
const gfe = (name: string, over: Partial<Claim> = {}): Bundle => {
  const claim: Claim = {
    resourceType: 'Claim',
    status: 'active',
    type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
    use: 'predetermination',
    patient: { reference: 'urn:uuid:patient' },
    created: '2026-11-20',
    billablePeriod: { start: '2026-12-16', end: '2026-12-16' },
    insurer: { reference: 'urn:uuid:payer' },
    provider: { reference: 'urn:uuid:provider' },
    priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
    insurance: [{ sequence: 1, focal: true, coverage: { reference: 'urn:uuid:coverage' } }],
    item: [line(1, 'T1015', 1, 168.45), line(2, 'J3301', 4, 39)],
    total: { value: 207.45, currency: 'USD' },
    ...over,
  };
  const { beneficiary: _of, subscriber: _by, payor: _payor, ...insured } = coverage('c', name);
  const parties: readonly (readonly [string, Resource])[] = [
    ['patient', { ...patient(name), id: 'p' }],
    [
      'coverage',
      {
        ...insured,
        subscriberId: `JRH${name.toUpperCase()}`,
        beneficiary: { reference: 'urn:uuid:patient' },
        payor: [{ reference: 'urn:uuid:payer' }],
      },
    ],
    [
      'payer',
      {
        resourceType: 'Organization',
        id: 'y',
        name: 'Juniper',
        identifier: [{ system: 'https://www.cms.gov/payer-id', value: 'JRH01' }],
      },
    ],
    [
      'provider',
      {
        resourceType: 'Organization',
        id: 'v',
        name: 'Alder Street Clinic',
        identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1781200468' }],
      },
    ],
  ];
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { fullUrl: 'urn:uuid:claim', resource: claim },
      ...parties.map(([id, resource]) => ({ fullUrl: `urn:uuid:${id}`, resource })),
    ],
  };
};
const explanationsIn = (body: unknown): ExplanationOfBenefit[] =>
  ((body as Bundle).entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'ExplanationOfBenefit' ? [resource] : [],
  );
const liability = (explanation: ExplanationOfBenefit | undefined): number | undefined =>
  explanation?.total?.find((t) => t.category.coding?.some((c) => c.code === 'memberliability'))?.amount.value;

describe.each(eachStore('office_advance'))('advance explanations of benefits, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
    await world.put(patient('uma'), coverage('uma', 'uma'), patient('vic'), coverage('vic', 'vic'));
  });
  afterAll(() => world.close());

  test('12.3 a payer answers an estimate with what it would decide, and keeps nothing', async () => {
    const asked = await world.send('post', 'Claim/$gfe-submit', gfe('uma'));
    expect(asked.status).toBe(200);
    const [explanation] = explanationsIn(asked.body);
    expect(explanation).toMatchObject({
      use: 'predetermination',
      patient: { reference: 'Patient/uma' },
      insurer: { reference: 'Organization/juniper-ridge' },
      provider: { reference: 'Organization/alder-street-clinic' },
    });
    const urls = ((asked.body as Bundle).entry ?? []).map(({ fullUrl = '' }) =>
      fullUrl.split('/').slice(-2).join('/'),
    );
    for (const one of [explanation?.patient, explanation?.insurer, explanation?.provider, explanation?.claim])
      expect(urls).toContain(one?.reference);
    const again = await world.send('post', 'Claim/$gfe-submit', gfe('uma'));
    expect(liability(explanationsIn(again.body)[0])).toBe(liability(explanation)); // nothing was used up
    for (const type of ['Claim', 'ClaimResponse', 'ExplanationOfBenefit'])
      expect(await world.find(`${type}?patient=Patient/uma`)).toEqual([]);
  });

  test('12.3 what the payer says in advance is what it decides on the claim, and what the practice estimated', async () => {
    const [explanation] = explanationsIn((await world.send('post', 'Claim/$gfe-submit', gfe('vic'))).body);
    const own = await world.call('Claim/$estimate', [
      { name: 'patient', valueReference: { reference: 'Patient/vic' } },
      { name: 'practice', valueReference: { reference: 'Organization/alder-street-clinic' } },
      { name: 'date', valueDate: '2026-12-16' },
      ...[
        ['T1015', 1],
        ['J3301', 4],
      ].map(([code, units]) => ({
        name: 'item',
        part: [
          { name: 'code', valueCoding: { system: hcpcs, code: String(code) } },
          { name: 'quantity', valueInteger: Number(units) },
        ],
      })),
    ]);
    const estimated = own
      .all<ClaimResponse>('response')[0]
      ?.total?.find((t) => t.category.coding?.some((c) => c.code === 'memberliability'));
    expect(liability(explanation)).toBe(estimated?.amount.value);
    await world.billed('vic');
    const [decided] = await world.find<ExplanationOfBenefit>('ExplanationOfBenefit?patient=Patient/vic');
    expect(liability(explanation)).toBe(liability(decided));
    // two estimates in one Bundle: the second has less of the deductible left
    const two = gfe('uma');
    const drug = { item: [line(1, 'J3301', 400, 3900)], total: { value: 3900, currency: 'USD' as const } };
    const [first] = gfe('uma', drug).entry ?? [];
    two.entry = [
      { ...first, fullUrl: 'urn:uuid:a' },
      { ...first, fullUrl: 'urn:uuid:b' },
      ...(two.entry ?? []).slice(1),
    ];
    const both = explanationsIn((await world.send('post', 'Claim/$gfe-submit', two)).body).map(liability);
    expect(both).toHaveLength(2);
    expect(both[1]).toBeLessThan(both[0] ?? 0);
  });

  test('12.3 neighbour: what is no estimate, a stranger, and whose patient it is not', async () => {
    const none = await world.send('post', 'Claim/$gfe-submit', gfe('uma', { use: 'claim' }));
    expect([none.status, none.codes]).toEqual([400, ['not-an-estimate']]);
    const stranger = await world.send('post', 'Claim/$gfe-submit', gfe('zed'));
    expect([stranger.status, stranger.codes]).toEqual([422, ['patient-unknown']]);
    const server = new AsAccount(world.context);
    const user = { kind: 'user' as const, users: ['Practitioner/three'] };
    await server.is({ ...user, name: 'else', roles: ['biller'], practices: ['bellwater-hospital'] });
    await server.is({ ...user, name: 'coder', roles: ['coder'], practices: ['alder-street-clinic'] });
    const hidden = await server.ask('else', 'post', 'Claim/$gfe-submit', gfe('uma'));
    expect([hidden.status, JSON.stringify(hidden.body).includes('patient-unknown')]).toEqual([422, true]);
    expect((await server.ask('coder', 'post', 'Claim/$gfe-submit', gfe('uma'))).status).toBe(403);
    const one = await world.read<Patient>('Patient', 'vic');
    await world.put(
      Object.assign(one, { managingOrganization: { reference: 'Organization/alder-street-clinic' } }),
    );
    await server.is({ ...user, name: 'own', roles: ['biller'], practices: ['alder-street-clinic'] });
    const own = await server.ask('own', 'post', 'Claim/$gfe-submit', gfe('vic'));
    expect([own.status, explanationsIn(own.body).length]).toEqual([200, 1]);
  });
});
