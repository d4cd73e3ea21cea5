import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItem, Claim, Extension, Location, Organization } from '@medplum/fhirtypes';
import { ConfigError, readConfig } from '../../src/config.ts';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { coded, condition, coverage, hcpcs, patient, stay, visit, ward } from './visit.ts';

const zone = (valueCode: string): Extension => ({
  url: 'http://hl7.org/fhir/StructureDefinition/timezone',
  valueCode,
});

test('2.6 CLAIMWRIGHT_TIME_ZONE is an IANA name; New York is the default', () => {
  expect(readConfig({}).timeZone).toBe('America/New_York');
  expect(readConfig({ CLAIMWRIGHT_TIME_ZONE: 'America/Denver' }).timeZone).toBe('America/Denver');
  for (const wrong of ['Mars/Base', '+05:00', 'GMT+25', '-07:00']) {
    expect(() => readConfig({ CLAIMWRIGHT_TIME_ZONE: wrong })).toThrow(ConfigError);
  }
});

describe.each(eachStore('firm_zone'))('the time zone of the practice, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open, { timeZone: 'America/Denver', now: () => '2026-11-25T02:30:00Z' });
    await office.put(patient('a'), coverage('a', 'a'));
  });
  afterAll(() => office.close());

  const evening = { start: '2026-10-05T21:30:00-07:00', end: '2026-10-05T22:00:00-07:00' };
  async function served(name: string, more: Parameters<typeof visit>[3] = {}): Promise<string | undefined> {
    await office.put(visit(name, 'a', '2026-10-05', { period: evening, ...more }), condition('a', name));
    return (await office.claims(name))[0]?.item?.[0]?.servicedDate;
  }
  const clinic = () => office.read<Organization>('Organization', 'alder-street-clinic');
  const place = (id: string, ...extension: Extension[]): Location & { id: string } => ({
    resourceType: 'Location',
    id,
    status: 'active',
    ...(extension.length > 0 ? { extension } : {}),
    type: [
      coded('https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set', '11'),
    ],
  });
  const at = (id: string) => ({ location: [{ location: { reference: `Location/${id}` } }] });

  test('2.6 days are counted in the zone of the settings', async () => {
    expect(await served('settings')).toBe('2026-10-05');
  });

  test('2.6 nights are counted in the zone of the settings', async () => {
    const period = { start: '2026-10-05T22:00:00-07:00', end: '2026-10-06T10:00:00-07:00' };
    await office.put(stay('night', 'a', period, { location: [ward()] }), condition('a', 'night'));
    const charges = await office.charges('night');
    expect(charges.map((c) => [c.code.coding?.[0]?.code, c.occurrenceDateTime, c.quantity?.value])).toEqual([
      ['RB0120', '2026-10-05', 1],
    ]);
  });

  test('2.6 HL7’s timezone extension on the Organization wins over the settings', async () => {
    const before = await clinic();
    await office.put({ ...before, extension: [...(before.extension ?? []), zone('America/New_York')] });
    expect(await served('organization')).toBe('2026-10-06');
    await office.put({ ...before, extension: before.extension ?? [] });
  });

  test('2.6 one on the Location of the visit wins over the Organization', async () => {
    const before = await clinic();
    await office.put(
      { ...before, extension: [...(before.extension ?? []), zone('America/New_York')] },
      place('coast', zone('America/Los_Angeles')),
    );
    expect(await served('coast', at('coast'))).toBe('2026-10-05');
    await office.put({ ...before, extension: before.extension ?? [] });
  });

  test('2.6 neighbour: a room has the zone of the house that it is part of', async () => {
    await office.put(place('house', zone('America/New_York')), {
      ...place('room'),
      partOf: { reference: 'Location/house' },
    });
    expect(await served('room', at('room'))).toBe('2026-10-06');
  });

  test('2.6 neighbour: a zone that does not exist is refused, never an answer of 500', async () => {
    await office.put(place('mars', zone('Mars/Base')));
    await office.put(visit('mars', 'a', '2026-10-05', at('mars')), condition('a', 'mars'));
    for (const operation of ['$capture-charges', '$generate-claim', '$generate-invoice']) {
      const answer = await office.call(`Encounter/mars/${operation}`);
      expect([operation, answer.status, answer.codes]).toEqual([operation, 422, ['time-zone-unknown']]);
    }
  });

  test('2.6 neighbour: a charge that others entered with an instant is billed on the day of the place', async () => {
    const entered: ChargeItem & { id: string } = {
      resourceType: 'ChargeItem',
      id: 'instant',
      status: 'billable',
      code: coded(hcpcs, 'J3301'),
      subject: { reference: 'Patient/a' },
      context: { reference: 'Encounter/instant' },
      occurrenceDateTime: '2026-10-06T04:45:00Z',
      quantity: { value: 1 },
    };
    await office.put(
      visit('instant', 'a', '2026-10-05', { period: evening }),
      condition('a', 'instant'),
      entered,
    );
    const [claim] = await office.claims('instant');
    expect(claim?.item?.map((i) => i.servicedDate)).toEqual(['2026-10-05', '2026-10-05']);
  });

  test('2.6 neighbour: today, too, is that of the practice', async () => {
    const today = async (name: string): Promise<string | undefined> => {
      await office.put(visit(name, 'a', '2026-10-05', { period: evening }), condition('a', name));
      return (await office.call(`Encounter/${name}/$generate-claim`)).all<Claim>('claim')[0]?.created;
    };
    expect(await today('today')).toBe('2026-11-24'); // 19:30 in Denver
    const before = await clinic();
    await office.put({ ...before, extension: [...(before.extension ?? []), zone('Pacific/Auckland')] });
    expect(await today('auckland')).toBe('2026-11-25');
    const scrubbed = await office.call('Encounter/auckland/$generate-claim', [
      { name: 'businessDate', valueDate: '2026-11-26' },
    ]);
    expect([scrubbed.status, scrubbed.codes]).toEqual([400, ['business-date-in-future']]);
    await office.put({ ...before, extension: before.extension ?? [] });
  });
});
