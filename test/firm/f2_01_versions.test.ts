import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  ClaimResponse,
  Coverage,
  ExplanationOfBenefit,
  PaymentReconciliation,
  Task,
} from '@medplum/fhirtypes';
import { shippedGateways } from '../../src/gateways.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import { eachStore } from '../http/eachStore.ts';
import { until } from '../until.ts';
import { openOffice, type Office } from './office.ts';
import { scripted } from './payerAtTheEnd.ts';
import { condition, coverage, patient, visit } from './visit.ts';

const day = '2026-06-01';
const payer = scripted();

/** Every reference inside of a resource that names a version. */
const versioned = (resource: unknown): string[] =>
  JSON.stringify(resource).match(/"reference":"[^"]*_history[^"]*"/g) ?? [];

describe.each(eachStore('f2_01_versions'))('on %s', (_store, open) => {
  let office: Office;
  const version = async (type: 'Patient' | 'Coverage' | 'Organization', id: string): Promise<string> =>
    `${type}/${id}/_history/${(await office.read(type, id)).meta?.versionId ?? ''}`;

  /** A patient with two coverages, and the claim of a visit, sent. */
  async function sent(id: string): Promise<Claim & { id: string }> {
    await office.put(
      patient(id),
      coverage(`${id}-1`, id),
      coverage(`${id}-2`, id, {
        order: 2,
        payor: [{ reference: 'Organization/state-family' }],
        plan: 'family-care',
      }),
      visit(`${id}-visit`, id, day),
      condition(id, `${id}-visit`),
    );
    const [claim] = await office.claims(`${id}-visit`, '2026-06-02');
    // a second version, so that a version is more than 1
    await office.put(patient(id, { telecom: [{ system: 'phone', value: '518-555-0100' }] }));
    await office.submit(claim, '2026-06-02');
    return office.read<Claim>('Claim', claim?.id ?? '');
  }

  beforeAll(async () => {
    payer.sent.splice(0);
    office = await openOffice(open, { gateways: payer.gateways } as Partial<OperationContext>);
  });
  afterAll(() => office.close());

  test('2.1 a sent claim refers to the exact versions of coverage, patient, payer and provider', async () => {
    const { insurer, provider, ...claim } = await sent('exact');
    expect(claim.patient.reference).toBe('Patient/exact/_history/2');
    for (const [reference, type, name] of [
      [insurer?.reference, 'Organization', 'juniper-ridge'],
      [provider.reference, 'Organization', 'alder-street-clinic'],
    ] as const) {
      expect(reference).toMatch(new RegExp(`^${type}/${name}/_history/\\d+$`));
    }
    expect(claim.insurance.map((i) => i.coverage.reference)).toEqual([
      'Coverage/exact-1/_history/1',
      'Coverage/exact-2/_history/1',
    ]);
    const transmission = payer.sent.find((t) => t.claim.id === claim.id);
    expect(transmission?.claim.patient).toEqual(claim.patient);
    expect(transmission?.claim.insurance).toEqual(claim.insurance);
    expect([transmission?.coverage.meta?.versionId, transmission?.payer]).toEqual([
      '1',
      'Organization/juniper-ridge',
    ]);
  });

  test('2.1 what comes of it refers to them as they are, and is found by them', async () => {
    const claim = await sent('found');
    const name = `Claim/${claim.id}`;
    const [eob] = await office.find<ExplanationOfBenefit>(`ExplanationOfBenefit?claim=${name}`);
    const [response] = await office.find<ClaimResponse>(`ClaimResponse?request=${name}`);
    const tasks = await office.find<Task>(`Task?focus=${name}`);
    const next = (await office.find<Claim>('Claim?patient=Patient/found&status=draft'))[0];
    const paid = (await office.find<PaymentReconciliation>('PaymentReconciliation?_count=1000')).find((r) =>
      r.detail?.some(({ request }) => request?.reference === name),
    );
    expect([eob, response, next, paid, ...tasks].filter((r) => r === undefined)).toEqual([]);
    expect(versioned([eob, response, next, tasks, paid])).toEqual([]);
    expect(eob?.insurance.map((i) => i.coverage.reference)).toEqual(['Coverage/found-1', 'Coverage/found-2']);
    for (const query of [
      'patient=Patient/found',
      'patient=found',
      'patient.birthdate=1970-05-05',
      'insurer=Organization/juniper-ridge&patient=found',
      'provider=Organization/alder-street-clinic&patient=found',
    ]) {
      expect([
        query,
        (await office.find<Claim>(`Claim?status=active&${query}`)).map((c) => c.id),
      ]).toContainEqual(expect.arrayContaining([claim.id]));
    }
  });

  test('2.1 neighbour: the answer, late or repeated, does not bring back an older version of a party', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    payer.send = async (_t, judge) => {
      await promise;
      return judge();
    };
    const sending = sent('late');
    await until(() => payer.sent.some((t) => t.claim.patient.reference?.startsWith('Patient/late')));
    await office.put(patient('late', { gender: 'other' }));
    await office.put(coverage('late-1', 'late', { period: { start: '2024-01-01' } }));
    resolve(undefined);
    const claim = await sending;
    payer.send = (_t, judge) => judge();
    expect([claim.patient.reference, claim.insurance[0]?.coverage.reference]).toEqual([
      'Patient/late/_history/2',
      'Coverage/late-1/_history/1',
    ]);
    expect((await office.read('Patient', 'late')) as { gender?: string }).toMatchObject({ gender: 'other' });
    expect((await office.read<Coverage>('Coverage', 'late-1')).period).toEqual({ start: '2024-01-01' });
    const again = await office.submit(claim);
    expect([again.outcome, payer.sent.filter((t) => t.claim.id === claim.id).length]).toEqual([
      'complete',
      1,
    ]);
  });

  test('2.1 neighbour: $generate-claim, $scrub and a plain PUT cope with a claim that names versions', async () => {
    const claim = await sent('again');
    const same = await office.claims('again-visit');
    expect(same[0]).toEqual(claim);
    const scrubbed = await office.call(`Claim/${claim.id}/$scrub`);
    expect([scrubbed.status, scrubbed.issues.filter((i) => i.severity === 'error')]).toEqual([200, []]);
    const other = { ...claim, patient: { reference: 'Patient/again' } };
    expect((await office.send('put', `Claim/${claim.id}`, other)).codes).toEqual(['kept-by-the-books']);
    expect((await office.send('put', `Claim/${claim.id}`, claim)).status).toBe(200);
    expect((await office.send('delete', 'Coverage/again-1')).status).toBe(409);
    const atType = await office.call('Claim/$submit', [{ name: 'resource', resource: claim }]);
    expect([atType.status, (atType.body as ClaimResponse).outcome]).toEqual([200, 'complete']);
  });

  test('2.1 neighbour: what a payer refused and is sent anew names the versions as they are then', async () => {
    payer.send = () => Promise.resolve({ is: 'refused', reason: 'member unknown' });
    const claim = await sent('mended');
    payer.send = (_t, judge) => judge();
    await office.put(coverage('mended-1', 'mended', { subscriberId: 'JRHOTHER1' }));
    const [task] = await office.find<Task>(`Task?focus=Claim/${claim.id}&code=submission-refused`);
    await office.put({ ...task, status: 'completed' } as Task & { id: string });
    expect((await office.submit(claim, '2026-06-03')).outcome).toBe('complete');
    const now = await office.read<Claim>('Claim', claim.id);
    expect(now.insurance[0]?.coverage.reference).toBe('Coverage/mended-1/_history/2');
    const last = payer.sent.filter((t) => t.claim.id === claim.id).at(-1);
    expect([last?.coverage.subscriberId, last?.claim.insurance[0]?.coverage.reference]).toEqual([
      'JRHOTHER1',
      'Coverage/mended-1/_history/2',
    ]);
    expect(await version('Coverage', 'mended-1')).toMatch(/_history\/[23]$/);
  });

  test('2.1 neighbour: the same claim under another number is a duplicate, whatever versions both name', async () => {
    const claim = await sent('twice');
    await office.put(patient('twice', { gender: 'unknown' }));
    const { id: _id, meta: _meta, identifier: _number, ...copy } = claim;
    expect(shippedGateways('simulator', office.context as OperationContext)).toBeDefined();
    const made = await office.send('post', 'Claim', {
      ...copy,
      status: 'draft',
      item: copy.item?.map(({ extension: _e, ...item }) => item),
      extension: undefined,
    });
    const second = made.body as Claim & { id: string };
    const scrubbed = await office.call(`Claim/${second.id}/$scrub`);
    expect(scrubbed.codes).toContain('duplicate-claim');
  });
});
