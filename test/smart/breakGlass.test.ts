import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import { testContext } from '../context.ts';
import { put } from '../contract/caseTable.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from './asAccount.ts';
import { chartOf, directory } from './practices.ts';

const coder = {
  name: 'coder',
  kind: 'user' as const,
  roles: ['coder'],
  users: ['Practitioner/dr-alder'],
  practices: ['alder'],
};

describe.each(eachStore('breakGlass'))('the glass on %s', (_, open) => {
  let context: OperationContext;
  let server: AsAccount;
  let clock = Date.now();
  beforeAll(async () => {
    context = await testContext({ store: await open(), now: () => new Date(clock).toISOString() });
    await put(
      context.store,
      ...directory(['alder', 'birch']),
      ...chartOf('ann', 'alder'),
      ...chartOf('bob', 'birch'),
    );
    server = new AsAccount(context);
    await server.is({ ...coder, name: 'auditor', roles: ['auditor'], practices: [] });
    await server.is({ ...coder, name: 'front-desk', roles: ['front-desk'] });
  });
  afterAll(() => context.store.close());

  const breakGlass = (who: string, patient: string, reason: string) =>
    server.ask(who, 'post', 'Patient/$break-glass', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueReference: { reference: patient } },
        { name: 'reason', valueString: reason },
      ],
    });
  const sees = async (path: string): Promise<number> => {
    await server.is(coder);
    return (await server.ask('coder', 'get', path)).status;
  };
  const reason = 'found unconscious, allergies asked for';

  test('D.3 a chart is opened for a reason, for an hour, and the auditor sees who and why', async () => {
    expect(await sees('Observation/laboratory-bob')).toBe(404);
    const broken = await breakGlass('coder', 'Patient/bob', reason);
    expect(broken.status).toBe(200);
    expect(await sees('Observation/laboratory-bob')).toBe(200);
    expect(await sees('Patient/bob')).toBe(200);
    expect(await sees('Claim/claim-bob')).toBe(404); // the chart, not the money of another practice
    const found = (await server.ask('auditor', 'get', 'AuditEvent?subtype=110127&patient=Patient/bob'))
      .body as Bundle;
    const event = found.entry?.[0]?.resource as AuditEvent;
    expect(event.agent[0]?.who?.identifier?.value).toBe('coder');
    expect(event.entity?.[0]?.detail?.[0]?.valueString).toBe(reason);
    expect(event.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('BTG');
    expect(event.period?.end).toBe(new Date(clock + 3_600_000).toISOString());
    expect((await server.ask('coder', 'get', `AuditEvent/${event.id ?? ''}`)).status).toBe(403);
    clock += 3_601_000;
    expect(await sees('Observation/laboratory-bob')).toBe(404);
  });

  test('D.3 neighbour: it counts at once, without anybody being told', async () => {
    const before = await server.accounts.of(coder);
    expect(await server.accounts.of(coder)).toBe(before);
    await breakGlass('coder', 'Patient/bob', reason);
    const opened = await server.accounts.of(coder);
    expect(opened.caller.opened).toEqual(['bob']);
    expect(await server.accounts.of(coder)).toBe(opened);
    expect((await server.accounts.of({ ...coder, name: 'another' })).caller.opened).toEqual([]);
    clock += 3_601_000;
  });

  test('D.3 neighbour: without a reason, a permission or a patient nothing is opened', async () => {
    const code = ({ body }: { body: unknown }) => codeOfIssue((body as OperationOutcome).issue[0] as never);
    expect(code(await breakGlass('coder', 'Patient/bob', 'because'))).toBe('reason-missing');
    expect((await breakGlass('coder', 'Patient/nowhere', reason)).status).toBe(404);
    expect((await breakGlass('coder', 'Claim/claim-bob', reason)).status).toBe(422);
    for (const who of ['auditor', 'front-desk'])
      expect((await breakGlass(who, 'Patient/bob', reason)).status).toBe(403);
    expect((await breakGlass('all', 'Patient/bob', reason)).status).toBe(422);
    expect(await sees('Observation/laboratory-bob')).toBe(404);
  });
});
