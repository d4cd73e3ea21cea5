import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Bundle, Claim, OperationOutcome, Patient } from '@medplum/fhirtypes';
import { Client as FhirKitClient } from 'fhir-kit-client';
import { createApp } from '../../src/app.ts';
import { testContext } from '../context.ts';
import { httpServer } from '../httpServer.ts';

/** Two clients that nobody here wrote, against a server that listens. */
let server: Server;
let origin: string;
beforeAll(async () => {
  server = httpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', createApp(await testContext({ publicUrl: `${origin}/fhir` })));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const patient: Patient = { resourceType: 'Patient', birthDate: '1980-12-31', name: [{ family: 'Quill' }] };

const claim: Claim = {
  resourceType: 'Claim',
  status: 'draft',
  type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
  use: 'claim',
  patient: { reference: 'Patient/p1' },
  created: '2026-01-05',
  provider: { reference: 'Organization/clinic' },
  priority: { coding: [{ code: 'normal' }] },
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/c1' } }],
};

describe('fhir-kit-client', () => {
  test('creates, reads, updates, searches, follows pages, deletes and asks for capabilities', async () => {
    const client = new FhirKitClient({ baseUrl: `${origin}/fhir` });
    const made = (await client.create({
      resourceType: 'Patient',
      body: patient as never,
    })) as unknown as Patient & { id: string };
    const read = (await client.read({ resourceType: 'Patient', id: made.id })) as unknown as Patient;
    expect(read).toEqual(made);
    const body = { ...made, active: true } as never;
    const updated = (await client.update({
      resourceType: 'Patient',
      id: made.id,
      body,
    })) as unknown as Patient;
    expect(updated.meta?.versionId).toBe('2');
    const version = await client.vread({ resourceType: 'Patient', id: made.id, version: '1' });
    expect((version as unknown as Patient).active).toBeUndefined();
    await client.create({ resourceType: 'Patient', body: patient as never });
    const searchParams = { birthdate: '1980-12-31', _count: '1' };
    const found = (await client.search({ resourceType: 'Patient', searchParams })) as unknown as Bundle;
    expect(found.entry?.[0]?.resource?.id).toBe(made.id);
    const next = (await client.nextPage({ bundle: found as never })) as unknown as Bundle;
    expect(next.entry).toHaveLength(1);
    const history = (await client.history({ resourceType: 'Patient', id: made.id })) as unknown as Bundle;
    expect(history.total).toBe(2);
    await client.delete({ resourceType: 'Patient', id: made.id });
    await expect(client.read({ resourceType: 'Patient', id: made.id })).rejects.toMatchObject({
      response: { status: 410 },
    });
    const statement = (await client.capabilityStatement()) as unknown as { fhirVersion: string };
    expect(statement.fhirVersion).toBe('4.0.1');
  });

  test('calls an operation', async () => {
    const client = new FhirKitClient({ baseUrl: `${origin}/fhir` });
    const input = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: claim }] };
    const outcome = await client.operation({ resourceType: 'Claim', name: '$scrub', input });
    expect((outcome as unknown as OperationOutcome).issue.length).toBeGreaterThan(0);
  });

  test('runs a transaction', async () => {
    const client = new FhirKitClient({ baseUrl: `${origin}/fhir` });
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: patient, request: { method: 'POST', url: 'Patient' } }],
    };
    const answer = (await client.transaction({ body: bundle as never })) as unknown as Bundle;
    expect(answer.entry?.[0]?.response?.status).toBe('201 Created');
  });
});

describe('MedplumClient', () => {
  test('creates, reads, updates, searches and deletes', async () => {
    const client = new MedplumClient({ baseUrl: origin, fhirUrlPath: 'fhir', fetch, cacheTime: 0 });
    const made = await client.createResource(patient);
    expect(await client.readResource('Patient', made.id)).toEqual(made);
    const updated = await client.updateResource<Patient>({ ...made, active: true });
    expect(updated.meta?.versionId).toBe('2');
    expect((await client.readHistory('Patient', made.id)).entry).toHaveLength(2);
    const found = await client.searchOne('Patient', { _id: made.id });
    expect(found?.active).toBe(true);
    const once = await client.createResourceIfNoneExist({ ...patient }, `_id=${made.id}`);
    expect(once.id).toBe(made.id);
    await client.deleteResource('Patient', made.id);
    await expect(client.readResource('Patient', made.id)).rejects.toMatchObject({
      outcome: { issue: [{ code: 'deleted' }] as OperationOutcome['issue'] },
    });
  });

  test('calls an operation', async () => {
    const client = new MedplumClient({ baseUrl: origin, fhirUrlPath: 'fhir', fetch, cacheTime: 0 });
    const outcome = await client.post<OperationOutcome>(client.fhirUrl('Claim', '$scrub'), claim);
    expect(outcome.resourceType).toBe('OperationOutcome');
    expect(outcome.issue.length).toBeGreaterThan(0);
  });

  test('runs a batch', async () => {
    const client = new MedplumClient({ baseUrl: origin, fhirUrlPath: 'fhir', fetch, cacheTime: 0 });
    const answer = await client.executeBatch({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ resource: patient, request: { method: 'POST', url: 'Patient' } }],
    });
    expect(answer.entry?.[0]?.response?.status).toBe('201 Created');
  });
});
