import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Appointment,
  Claim,
  ClaimResponse,
  CoverageEligibilityResponse,
  Task,
} from '@medplum/fhirtypes';
import { system } from '../../../src/terminology/system.ts';
import { eachStore } from '../../http/eachStore.ts';
import { until } from '../../until.ts';
import {
  inDays,
  itemOf,
  numberOf,
  openAuthorizing,
  today,
  type AuthorizingOffice,
} from './authorizingOffice.ts';

describe.each(eachStore('office-authorization-use'))('what authorizations are for, on %s', (_store, open) => {
  let office: AuthorizingOffice;
  beforeAll(async () => {
    office = await openAuthorizing(open);
  });
  afterAll(() => office.close());
  const drafts = (visit: string) => office.found<Claim>(`Claim?encounter=${visit}&use=claim&status=draft`);

  test('2 a claim that was denied for want of an authorization is corrected with the number once that comes', async () => {
    const visit = await office.infusion('cured', inDays(-4));
    const [draft] = (await office.run(`${visit}/$generate-claim`)).all<Claim>('claim');
    const claim = `Claim/${draft?.id ?? ''}`;
    const denied = (await office.run(`${claim}/$submit`)).one<ClaimResponse>();
    expect(JSON.stringify(denied)).toContain('"197"');
    const request = await office.request('auth-cured', 'cured');
    const number = numberOf((await office.run(`${request}/$submit`)).one<ClaimResponse>());
    const [task] = await until(async () => {
      const found = await office.tasks('authorization-cure', claim);
      return found.length > 0 && found;
    });
    const [correction, ...more] = await drafts(visit);
    expect(more).toEqual([]);
    expect(task?.description).toContain(`Claim/${correction?.id ?? ''} is the correction with the number`);
    expect(correction?.insurance[0]?.preAuthRef).toEqual([number]);
    expect(correction?.related?.[0]?.claim?.reference).toContain(claim);
    const paid = (await office.run(`Claim/${correction?.id ?? ''}/$submit`)).one<ClaimResponse>();
    expect([paid.outcome, JSON.stringify(paid).includes('"197"')]).toEqual(['complete', false]);
  });

  test('2 neighbour: units that claims used are gone, and a draft follows its authorization when the chart moves', async () => {
    const first = await office.infusion('units', inDays(-6));
    const request = await office.request('auth-units', 'units');
    const number = numberOf((await office.run(`${request}/$submit`)).one<ClaimResponse>());
    const [draft] = (await office.run(`${first}/$generate-claim`)).all<Claim>('claim');
    expect(draft?.insurance[0]?.preAuthRef).toEqual([number]);
    expect((await office.run(`Claim/${draft?.id ?? ''}/$submit`)).status).toBe(200);
    // what was sent stays as it was sent, whatever is used up
    expect((await office.run(`${first}/$generate-claim`)).status).toBe(200);
    expect((await office.get<Claim>(`Claim/${draft?.id ?? ''}`)).insurance[0]?.preAuthRef).toEqual([number]);
  });

  test('2 neighbour: a number that the biller gives stays', async () => {
    const visit = await office.infusion('edited', inDays(-6));
    const [draft] = (await office.run(`${visit}/$generate-claim`)).all<Claim>('claim');
    const edit = {
      name: 'edit',
      part: [
        { name: 'element', valueString: 'authorization-number' },
        { name: 'value', valueString: 'BYPHONE1' },
        { name: 'reason', valueString: 'by telephone' },
      ],
    };
    const edited = await office.run(`Claim/${draft?.id ?? ''}/$edit`, [edit]);
    const request = await office.request('auth-edited', 'edited');
    await office.run(`${request}/$submit`);
    expect([edited.status, edited.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
    const again = (await office.run(`${visit}/$generate-claim`)).all<Claim>('claim');
    expect(again[0]?.insurance[0]?.preAuthRef).toEqual(['BYPHONE1']);
  });

  test('2 what the payer answered about eligibility asks for a number too, in the scrub', async () => {
    const visit = await office.infusion('asked', inDays(-6));
    const [draft] = (await office.run(`${visit}/$generate-claim`)).all<Claim>('claim');
    const answer: CoverageEligibilityResponse & { id: string } = {
      ...{ resourceType: 'CoverageEligibilityResponse', id: 'asked', status: 'active', outcome: 'complete' },
      ...{ purpose: ['benefits'], created: today, patient: { reference: 'Patient/asked' } },
      request: { display: 'by telephone' },
      insurer: { reference: 'Organization/juniper-ridge' },
      insurance: [
        {
          coverage: { reference: 'Coverage/asked' },
          item: [
            {
              productOrService: { coding: [{ system: system.hcpcs, code: 'T1015' }] },
              authorizationRequired: true,
            },
          ],
        },
      ],
    };
    const faults = async (): Promise<number> =>
      (await office.run(`Claim/${draft?.id ?? ''}/$scrub`)).codes.filter((c) => c === 'missing-authorization')
        .length;
    expect(await faults()).toBe(1);
    expect((await office.put(answer)).status).toBeLessThan(300);
    expect(await faults()).toBe(2);
    // a later answer that does not speak of the service takes nothing of it back; one that does, does
    const item = [{ category: { coding: [{ system: system.x12ServiceType, code: '30' }] } }];
    const later = { ...answer, id: 'asked-later', created: inDays(1) };
    await office.put({ ...later, insurance: [{ coverage: { reference: 'Coverage/asked' }, item }] });
    expect(await faults()).toBe(2);
    const insurance = structuredClone(answer.insurance ?? []);
    for (const one of insurance[0]?.item ?? []) one.authorizationRequired = false;
    await office.put({ ...answer, id: 'asked-last', created: inDays(2), insurance });
    expect(await faults()).toBe(1);
  });

  test('2 every night: an authorization that ends, and more visits planned than units are left, are Tasks with a day', async () => {
    await office.infusion('watched', inDays(-6));
    const end = inDays(5);
    const request = await office.request('auth-watched', 'watched', {
      item: [{ ...itemOf(1, 'J1745', 1), servicedPeriod: { start: inDays(-30), end } }],
    });
    await office.run(`${request}/$submit`);
    for (const [n, day] of [1, 2, 3].entries()) {
      const appointment: Appointment & { id: string } = {
        ...{ resourceType: 'Appointment', id: `watched-${n.toString()}`, status: 'booked' },
        serviceType: [{ coding: [{ system: system.hcpcs, code: 'J1745' }] }],
        ...{ start: `${inDays(day)}T15:00:00Z`, end: `${inDays(day)}T16:00:00Z` },
        participant: [{ actor: { reference: 'Patient/watched' }, status: 'accepted' }],
      };
      expect((await office.put(appointment)).status).toBeLessThan(300);
    }
    const asked = await office.run('$run-nightly', [{ name: 'work', valueCode: 'authorization' }]);
    expect([asked.status, asked.status < 300 ? '' : asked.text]).toEqual([asked.status, '']);
    const [ending] = await until(async () => {
      const found = await office.tasks('authorization-ending', request);
      return found.length > 0 && found;
    });
    const short: Task[] = await until(async () => {
      const found = await office.tasks('authorization-short', request);
      return found.length > 0 && found;
    });
    expect(ending?.restriction?.period?.end).toBe(end);
    expect(short[0]?.description).toContain('3 visits are planned and 1 units');
    expect(await office.tasks('authorization-ending', request)).toHaveLength(1);
  });
});
