import { MedplumClient } from '@medplum/core';
import type {
  Bundle,
  ClaimResponse,
  ExplanationOfBenefit,
  Invoice,
  Parameters,
  Resource,
} from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client as FhirKitClient } from 'fhir-kit-client';
import { startServer, type RunningServer } from '../server.ts';
import { kneeVisit } from '../fixture/kneeVisit.ts';

/** The walk-through of the README with two clients nobody here wrote. */
let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  server.remove();
});

const first = <T extends Resource>(bundle: unknown): T => (bundle as Bundle).entry?.[0]?.resource as T;
const named = <T extends Resource>(answer: unknown, name: string): T =>
  (answer as Parameters).parameter?.find((p) => p.name === name)?.resource as T;
const payment = (reference: string): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'amount', valueMoney: { value: 41.72, currency: 'USD' } },
    { name: 'method', valueCode: 'card' },
    { name: 'reference', valueString: reference },
  ],
});
const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

describe('the walk-through', () => {
  test('works with fhir-kit-client', async () => {
    const client = new FhirKitClient({ baseUrl: server.base });
    await client.transaction({ body: kneeVisit('kit', yesterday) as never });
    const operation = (resourceType: string, id: string, name: string, input?: object): Promise<unknown> =>
      client.operation({
        resourceType,
        id,
        name,
        method: 'POST',
        input: (input ?? { resourceType: 'Parameters' }) as never,
      });

    const claim = named<Resource & { id: string }>(
      await operation('Encounter', 'kit-visit', 'generate-claim'),
      'claim',
    );
    expect(await client.read({ resourceType: 'Claim', id: claim.id })).toMatchObject({
      total: { value: 207.45 },
    });
    expect(await operation('Claim', claim.id, 'submit')).toMatchObject({
      payment: { amount: { value: 96.87 } },
    });
    const found = await client.search({
      resourceType: 'ExplanationOfBenefit',
      searchParams: { claim: `Claim/${claim.id}` },
    });
    const eob = first<ExplanationOfBenefit>(found);
    const invoice = named<Invoice>(
      await operation('ExplanationOfBenefit', eob.id ?? '', 'generate-invoice'),
      'invoice',
    );
    expect(invoice.totalNet?.value).toBe(41.72);
    await operation('Invoice', invoice.id ?? '', 'record-payment', payment('kit-1'));
    expect(await client.read({ resourceType: 'Invoice', id: invoice.id ?? '' })).toMatchObject({
      status: 'balanced',
    });
  });

  test('works with the MedplumClient', async () => {
    const client = new MedplumClient({ baseUrl: `${server.origin}/`, fhirUrlPath: 'fhir', fetch });
    await client.executeBatch(kneeVisit('med', yesterday));
    const claim = named<Resource & { id: string }>(
      await client.post(client.fhirUrl('Encounter', 'med-visit', '$generate-claim'), {
        resourceType: 'Parameters',
      }),
      'claim',
    );
    expect((await client.readResource('Claim', claim.id)).total?.value).toBe(207.45);
    const response: ClaimResponse = await client.post(client.fhirUrl('Claim', claim.id, '$submit'), {
      resourceType: 'Parameters',
    });
    expect(response.payment?.amount.value).toBe(96.87);
    const eob = await client.searchOne('ExplanationOfBenefit', { claim: `Claim/${claim.id}` });
    const answer: unknown = await client.post(
      client.fhirUrl('ExplanationOfBenefit', eob?.id ?? '', '$generate-invoice'),
      { resourceType: 'Parameters' },
    );
    const invoice = named<Invoice>(answer, 'invoice');
    expect(invoice.totalNet?.value).toBe(41.72);
    await client.post(client.fhirUrl('Invoice', invoice.id ?? '', '$record-payment'), payment('med-1'));
    client.invalidateAll();
    expect((await client.readResource('Invoice', invoice.id ?? '')).status).toBe('balanced');
    const made = await client.createResource({ resourceType: 'Patient', name: [{ family: 'Client' }] });
    expect((await client.readResource('Patient', made.id)).name?.[0]?.family).toBe('Client');
  });
});
