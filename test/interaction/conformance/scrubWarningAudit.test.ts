import { beforeEach, expect, test } from '@jest/globals';
import type { AuditEvent, Organization } from '@medplum/fhirtypes';
import { find } from '../../../src/interaction/repository.ts';
import { extension } from '../../../src/terminology/system.ts';
import { put, testServer, type TestServer } from '../../http/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});

const practice = (...codes: string[]): Organization & { id: string } => ({
  resourceType: 'Organization',
  id: 'clinic',
  name: 'Clinic',
  ...(codes.length > 0
    ? { extension: codes.map((valueCode) => ({ url: extension.scrubWarning, valueCode })) }
    : {}),
});
const audited = async (): Promise<unknown[]> =>
  (await find<AuditEvent>(server.context.store, 'AuditEvent', {})).map(({ action, agent, entity }) => [
    action,
    agent[0]?.who?.display,
    entity?.[0]?.what?.reference,
    entity?.[0]?.detail?.map(({ type, valueString }) => `${type}: ${String(valueString)}`),
  ]);

test('a rule that becomes a warning, or stops being one, is audited with who did it', async () => {
  await put(server.http, practice());
  expect(await audited()).toEqual([]);
  await put(server.http, practice('npi-check-digit'));
  await put(server.http, practice('npi-check-digit'));
  await put(server.http, practice('timely-filing'));
  expect(await audited()).toEqual([
    ['U', 'anonymous', 'Organization/clinic', ['scrub-warning added: npi-check-digit']],
    [
      'U',
      'anonymous',
      'Organization/clinic',
      ['scrub-warning added: timely-filing', 'scrub-warning removed: npi-check-digit'],
    ],
  ]);
});

test('an update that is refused leaves no trace', async () => {
  await put(server.http, practice());
  const stale = await server.http
    .put('/fhir/Organization/clinic')
    .set({ 'Content-Type': 'application/fhir+json', 'If-Match': 'W/"7"' })
    .send(JSON.stringify(practice('npi-check-digit')));
  expect(stale.status).toBe(412);
  expect(await audited()).toEqual([]);
});

test('the AuditEvent is sound', async () => {
  await put(server.http, practice('npi-check-digit'));
  const [event] = await find<AuditEvent>(server.context.store, 'AuditEvent', {});
  expect(server.context.validate(event)).toEqual([]);
});
