import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Endpoint, Organization, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { scripted } from '../firm/payerAtTheEnd.ts';
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
} from './dentalOffice.ts';

const day = '2026-06-03';
const payer = scripted();

describe.each(eachStore('counter'))('the counter of a pharmacy, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open, { gateways: payer.gateways } as never);
    await openCounter(office);
  });
  afterAll(() => office.close());

  const work = async (id: string): Promise<(string | undefined)[][]> =>
    (await office.find<Task>(`Task?focus=MedicationDispense/${id}`)).map((t) => [
      t.status,
      t.reasonCode?.text,
      t.for?.reference,
    ]);

  /** A dispense of the clinic's own pharmacy, in no Encounter. */
  const retail = (id: string, over: Parameters<typeof dispense>[2] = {}) => {
    const { context: _context, ...rest } = dispense(id, at(day, 'retail'), {
      performer: [{ actor: { reference: 'Organization/alder-street-clinic' } }],
      ...over,
    });
    return rest;
  };

  test('10.7 a dispense without encounter waits on the worklist, and is billed when it gets one', async () => {
    await office.put(patient('retail'), drugs('retail', 'retail'), retail('retail-1'));
    expect(await work('retail-1')).toEqual([['requested', 'no-encounter', 'Patient/retail']]);
    await office.put(chair('retail', day), prescription('retail-rx', at(day, 'retail')), {
      ...retail('retail-1'),
      context: { reference: 'Encounter/retail' },
    });
    expect(await work('retail-1')).toEqual([['completed', 'no-encounter', 'Patient/retail']]);
    expect((await office.claims('retail')).map((c) => c.total?.value)).toEqual([50.25]);
  });

  test('10.7 neighbour: written twice it is one Task; entered in error it is none', async () => {
    await office.put(patient('twice'), retail('twice-1'));
    await office.put({ ...retail('twice-1'), note: [{ text: 'again' }] });
    expect(await work('twice-1')).toHaveLength(1);
    await office.put({ ...retail('twice-1'), status: 'entered-in-error' });
    expect((await work('twice-1')).map(([status]) => status)).toEqual(['completed']);
  });

  test('10.7 neighbour: what a pharmacy elsewhere handed over is history, and no work', async () => {
    await office.put(retail('elsewhere', { performer: [{ actor: { display: 'Corner Pharmacy' } }] }));
    await office.put(retail('unknown', { performer: [{ actor: { reference: 'Organization/nowhere' } }] }));
    expect([await work('elsewhere'), await work('unknown')]).toEqual([[], []]);
  });

  test('10.7 a pharmacy claim goes to no gateway that carries none: 422, and nothing is posted', async () => {
    await office.put(
      patient('wired'),
      drugs('wired', 'wired'),
      chair('wired', day),
      prescription('wired-rx', at(day, 'wired')),
      dispense('wired-1', at(day, 'wired')),
    );
    const [claim] = await office.claims('wired', day);
    const endpoint: Endpoint & { id: string } = {
      resourceType: 'Endpoint',
      id: 'clearinghouse',
      status: 'active',
      connectionType: { system: 'https://claimwright.example/fhir/CodeSystem/gateway', code: 'simulator' },
      payloadType: [{ text: 'claims' }],
      address: 'urn:claimwright:simulator',
    };
    const juniper = await office.read<Organization>('Organization', 'juniper-ridge');
    await office.put(endpoint, { ...juniper, endpoint: [{ reference: 'Endpoint/clearinghouse' }] });
    payer.claimTypes = ['professional', 'institutional', 'oral'];
    const refused = await office.call(`Claim/${claim?.id ?? ''}/$submit`);
    expect([refused.status, refused.codes]).toEqual([422, ['claim-type-not-carried']]);
    expect((await office.read('Claim', claim?.id ?? '')).meta?.versionId).toBe('1');
    await office.put(
      patient('wired-tooth'),
      dental('wired-tooth', 'wired-tooth'),
      chair('wired-tooth', day),
      dentalProcedure('wired-tooth-1', at(day, 'wired-tooth'), 'D0120'),
    );
    const [tooth] = await office.claims('wired-tooth', day);
    expect((await office.submit(tooth, day)).outcome).toBe('complete');
    payer.claimTypes = ['pharmacy'];
    expect((await office.submit(claim, day)).outcome).toBe('complete');
    payer.claimTypes = ['institutional', 'oral', 'pharmacy', 'professional'];
    await office.put(juniper);
  });
});
