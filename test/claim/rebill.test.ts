import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Consent, Coverage, ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { condition, coverage, drug, patient, visit } from '../firm/visit.ts';
import { day, later, openWorld, sent, type World } from './world.ts';

const named = (id: string) => ({ name: 'coverage', valueReference: { reference: `Coverage/${id}` } });
const encounter = (id: string) => ({ resourceType: 'Encounter', id }) as const;

describe.each(eachStore('claim_rebill'))('$rebill, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const chart = async (name: string, ...covered: (Coverage & { id: string })[]): Promise<void> => {
    const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
    await world.put(
      patient(name),
      ...covered,
      visit(name, name, day),
      condition(name, name),
      drug(`${name}-drug`, of),
    );
  };
  const pay = (invoice: Invoice | undefined, value: number) =>
    world.act(invoice as Invoice, 'record-payment', [
      { name: 'amount', valueMoney: { value, currency: 'USD' } },
      { name: 'method', valueCode: 'cash' },
    ]);

  test('5 after self-pay: the Invoice is cancelled, the payment kept as credit, the charges go to the payer', async () => {
    await chart('own');
    const billed = await world.act(encounter('own'), 'generate-invoice', [], sent);
    const [invoice] = billed.all<Invoice>('invoice');
    expect(invoice?.totalNet?.value).toBe(207.45);
    await pay(invoice, 100);
    await world.put(coverage('own-found', 'own'));
    const rebilled = await world.act(encounter('own'), 'rebill', [named('own-found')], later(2));
    const [claim] = rebilled.all<Claim>('claim');
    expect([rebilled.status, claim?.status, claim?.total?.value]).toEqual([200, 'draft', 207.45]);
    expect(rebilled.all<Invoice>('invoice').map((i) => [i.id, i.status])).toEqual([
      [invoice?.id, 'cancelled'],
    ]);
    expect(await world.standing('own')).toEqual({
      cash: 10000,
      'receivable-unbilled': 20745,
      revenue: -20745,
      'unapplied-patient-credit': -10000,
    });
    expect((await world.submit(claim, later(3))).disposition).toBe('Processed as primary');
    const again = await world.act(encounter('own'), 'rebill', [named('own-found')], later(4));
    expect([again.status, again.codes]).toEqual([409, ['claim-state']]);
    expect(await world.faults()).toEqual([]);
  });

  test('5 after a denial that the patient was billed for: the claim is withdrawn, the payment kept as credit', async () => {
    await chart('ended', coverage('ended', 'ended', { subscriberId: 'JRH-ended' }));
    await world.put({
      resourceType: 'Basic',
      id: 'ended-enrolled',
      code: { coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/basic', code: 'enrollment' }] },
      identifier: [{ system: 'https://claimwright.example/fhir/sid/member-id', value: 'JRH-ended' }],
      author: { reference: 'Organization/juniper-ridge' },
      subject: { reference: 'Patient/ended' },
      extension: [
        {
          url: 'https://claimwright.example/fhir/StructureDefinition/enrolled-period',
          valuePeriod: { start: '2025-01-01', end: '2026-04-30' },
        },
      ],
    });
    const [claim] = await world.claims('ended', sent);
    expect((await world.submit(claim, sent)).disposition).toBe('Denied');
    for (const task of await world.tasks(`Claim/${claim?.id ?? ''}`))
      if (task.code?.coding?.[0]?.code === 'find-coverage') await world.put({ ...task, status: 'completed' });
    const [eob] = await world.find<ExplanationOfBenefit>(
      `ExplanationOfBenefit?claim=Claim/${claim?.id ?? ''}`,
    );
    const [invoice] = (await world.act(eob as ExplanationOfBenefit, 'generate-invoice')).all<Invoice>(
      'invoice',
    );
    expect(invoice?.totalNet?.value).toBe(207.45);
    await pay(invoice, 7.45);
    const early = await world.act(encounter('ended'), 'rebill', [named('ended')], later(2));
    await world.put(
      coverage('ended', 'ended', {
        subscriberId: 'JRH-ended',
        period: { start: '2025-01-01', end: '2026-04-30' },
      }),
      coverage('ended-new', 'ended', {
        payor: [{ reference: 'Organization/federal-senior' }],
        plan: 'senior-basic',
      }),
    );
    expect(early.status).toBe(200); // to the same payer again, where that is what the office wants
    const wrong = await world.act(encounter('ended'), 'rebill', [named('ended')], later(3));
    expect([wrong.status, wrong.codes]).toEqual([422, ['coverage-not-first']]);
    const rebilled = await world.act(encounter('ended'), 'rebill', [named('ended-new')], later(3));
    const [draft] = rebilled.all<Claim>('claim');
    expect([rebilled.status, draft?.insurance[0]?.coverage.reference]).toEqual([200, 'Coverage/ended-new']);
    expect([
      await world.state({ id: claim?.id ?? '' }),
      (await world.read<Invoice>('Invoice', invoice?.id ?? '')).status,
    ]).toEqual(['withdrawn', 'cancelled']);
    expect((await world.standing('ended'))['unapplied-patient-credit']).toBe(-745);
    expect(await world.faults()).toEqual([]);
  });

  test('5 a hipaa-self-pay Consent stops claim, submission and $rebill, and the patient is billed', async () => {
    await chart('private', coverage('private', 'private'));
    const [draft] = await world.claims('private', sent);
    const consent: Consent & { id: string } = {
      resourceType: 'Consent',
      id: 'private-consent',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: 'Patient/private' },
      policyRule: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes', code: 'hipaa-self-pay' },
        ],
      },
      provision: {
        type: 'deny',
        data: [{ meaning: 'related', reference: { reference: 'Encounter/private' } }],
      },
    };
    await world.put(consent);
    const sentOff = await world.act(draft as Claim, 'submit');
    expect([sentOff.status, sentOff.codes]).toEqual([422, ['hipaa-self-pay']]);
    const generated = await world.act(encounter('private'), 'generate-claim');
    expect([generated.all<Claim>('claim'), generated.codes.includes('hipaa-self-pay')]).toEqual([[], true]);
    const refused = await world.act(encounter('private'), 'rebill', [named('private')]);
    expect([refused.status, refused.codes]).toEqual([422, ['hipaa-self-pay']]);
    const billed = await world.act(encounter('private'), 'generate-invoice');
    expect(billed.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(207.45);
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: a Consent on one charge leaves the rest to the payer; withdrawn, it stops nothing', async () => {
    await chart('part', coverage('part', 'part'));
    const charges = await world.charges('part');
    const secret = charges.find((c) => c.priceOverride?.value === 39);
    const consent: Consent & { id: string } = {
      resourceType: 'Consent',
      id: 'part-consent',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: 'Patient/part' },
      policyRule: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes', code: 'hipaa-self-pay' },
        ],
      },
      provision: {
        type: 'deny',
        data: [{ meaning: 'instance', reference: { reference: `ChargeItem/${secret?.id ?? ''}` } }],
      },
    };
    await world.put(consent);
    const [claim] = await world.claims('part', sent);
    expect(claim?.total?.value).toBe(168.45);
    const billed = await world.act(encounter('part'), 'generate-invoice');
    expect(billed.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(39);
    await chart('open', coverage('open', 'open'));
    await world.put({
      ...consent,
      id: 'open-consent',
      status: 'inactive',
      patient: { reference: 'Patient/open' },
    });
    expect((await world.claims('open', sent))[0]?.total?.value).toBe(207.45);
    expect(await world.faults()).toEqual([]);
  });
});
