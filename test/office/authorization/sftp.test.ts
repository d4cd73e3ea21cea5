import { expect, test } from '@jest/globals';
import type { ClaimResponse, Coverage, OrganizationAffiliation, Patient } from '@medplum/fhirtypes';
import { openStore } from '../../../src/store/openStore.ts';
import { system } from '../../../src/terminology/system.ts';
import { openRoad, sftpMailbox } from '../../payer/x12/road.ts';
import { actionsOf, itemOf, requestOf } from './authorizingOffice.ts';

test('2 a 278 goes over SFTP to the payer, and its decision comes back as a file', async () => {
  const clock = { now: () => new Date().toISOString(), base: 'http://127.0.0.1:8080/fhir' };
  const road = await openRoad(() => openStore('sqlite::memory:', clock), await sftpMailbox());
  try {
    road.setDay('2026-06-05');
    const name = 'OrganizationAffiliation/alder-street-clinic-juniper-ridge';
    const route = await road.read<OrganizationAffiliation>(name);
    const code = { coding: [{ system: system.transaction, code: '278' }] };
    await road.put({ ...route, code: [...(route.code ?? []), code] });
    const patient: Patient = {
      ...{ resourceType: 'Patient', id: 'over-sftp', birthDate: '1970-05-05', gender: 'female' },
      name: [{ family: 'Marlow', given: ['Ada'] }],
    };
    const coverage: Coverage = {
      ...{ resourceType: 'Coverage', id: 'over-sftp', status: 'active', subscriberId: 'JRH100871102' },
      relationship: { coding: [{ system: system.subscriberRelationship, code: 'self' }] },
      subscriber: { reference: 'Patient/over-sftp' },
      beneficiary: { reference: 'Patient/over-sftp' },
      payor: [{ reference: 'Organization/juniper-ridge' }],
    };
    for (const resource of [patient, coverage]) await road.put(resource);
    const request = { ...requestOf('over-sftp', 'over-sftp'), created: '2026-06-05' };
    const period = { start: '2026-06-01', end: '2026-06-30' };
    await road.put({ ...request, item: [{ ...itemOf(1, 'J1745', 10), servicedPeriod: period }] });
    const queued = await road.call<ClaimResponse>('Claim/over-sftp/$submit');
    expect(queued.outcome).toBe('queued');
    await road.exchange();
    await road.payers();
    await road.exchange();
    const [answer, ...more] = await road.search<ClaimResponse>('ClaimResponse?request=Claim/over-sftp');
    expect(more).toEqual([]);
    expect(answer && [actionsOf(answer), answer.meta?.versionId]).toEqual([[[1, 'A1', true]], '2']);
  } finally {
    await road.close();
  }
});
