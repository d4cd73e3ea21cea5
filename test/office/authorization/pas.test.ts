import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  CapabilityStatement,
  Claim,
  ClaimResponse,
  Coverage,
  Parameters,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { system } from '../../../src/terminology/system.ts';
import { eachStore } from '../../http/eachStore.ts';
import { post } from '../../http/server.ts';
import { AsAccount } from '../../smart/asAccount.ts';
import {
  actionsOf,
  itemOf,
  openAuthorizing,
  requestOf,
  type AuthorizingOffice,
} from './authorizingOffice.ts';

const ehr = 'https://ehr.example/fhir';
const pas = (name: string): string => `http://hl7.org/fhir/us/davinci-pas/StructureDefinition/${name}`;
const patient: Patient = {
  ...{ resourceType: 'Patient', id: 'beneficiary', birthDate: '1961-02-03', gender: 'male' },
  name: [{ family: 'Quillon', given: ['Bram'] }],
};

interface Asking {
  readonly member?: string;
  readonly family?: string;
  readonly items?: Claim['item'];
  readonly number: string;
  readonly version?: string;
  readonly profile?: string;
  readonly related?: Claim;
}

/** A Bundle as an EHR sends it: every reference is to resources of its own server. */
function bundleOf({
  member = 'FORCEDPAID9',
  family = 'Quillon',
  items,
  number,
  version = '',
  profile = 'claim',
  related,
}: Asking): Bundle {
  const claim: Claim = {
    ...requestOf('request', 'beneficiary'),
    meta: { profile: [pas(`profile-${profile}`) + version] },
    identifier: [{ system: 'https://ehr.example/trace', value: number }],
    status: 'active',
    insurer: { reference: 'Organization/insurer' },
    provider: { reference: 'Organization/requestor' },
    insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/insurance' } }],
    item: items ?? [itemOf(1, 'J1745', 10)],
    ...(related
      ? {
          related: [
            {
              claim: { reference: 'Claim/before' },
              relationship: { coding: [{ system: system.relatedClaim, code: 'prior' }] },
            },
          ],
        }
      : {}),
  };
  const coverage: Coverage = {
    ...{ resourceType: 'Coverage', id: 'insurance', status: 'active', subscriberId: member },
    subscriber: { reference: 'Patient/beneficiary' },
    beneficiary: { reference: 'Patient/beneficiary' },
    relationship: { coding: [{ system: system.subscriberRelationship, code: 'self' }] },
    payor: [{ reference: 'Organization/insurer' }],
  };
  const all: Resource[] = [
    claim,
    ...(related ? [{ ...related, id: 'before' }] : []),
    { ...patient, name: [{ family, given: ['Bram'] }] },
    coverage,
    {
      ...{ resourceType: 'Organization', id: 'insurer', name: 'Faraway Health' },
      identifier: [{ system: system.payerId, value: 'FAR01' }],
    },
    {
      ...{ resourceType: 'Organization', id: 'requestor', name: 'Elsewhere Clinic' },
      identifier: [{ system: system.npi, value: '1234567893' }],
    },
  ];
  return {
    resourceType: 'Bundle',
    meta: {
      profile: [
        pas(
          profile === 'claim-inquiry' ? 'profile-pas-inquiry-request-bundle' : 'profile-pas-request-bundle',
        ),
      ],
    },
    identifier: { system: 'https://ehr.example/transaction', value: number },
    type: 'collection',
    timestamp: '2026-06-05T12:00:00Z',
    entry: all.map((resource) => ({
      fullUrl: `${ehr}/${resource.resourceType}/${resource.id ?? ''}`,
      resource,
    })),
  };
}

const responseIn = (bundle: Bundle | undefined): ClaimResponse => {
  const first = bundle?.entry?.[0]?.resource;
  if (first?.resourceType !== 'ClaimResponse') throw new Error(JSON.stringify(bundle).slice(0, 500));
  return first;
};

describe.each(eachStore('office-authorization-pas'))('PAS as server, on %s', (_store, open) => {
  let office: AuthorizingOffice;
  beforeAll(async () => {
    office = await openAuthorizing(open);
  });
  afterAll(() => office.close());
  const submit = async (asking: Asking): Promise<Bundle> => {
    const { status, text } = await post(office.http, '/Claim/$submit', bundleOf(asking));
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    return JSON.parse(text) as Bundle;
  };
  const inquire = async (asking: Asking): Promise<Bundle | Parameters> => {
    const body = bundleOf({ ...asking, profile: 'claim-inquiry' });
    const { status, text } = await post(office.http, '/Claim/$inquire', body);
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    return JSON.parse(text) as Bundle | Parameters;
  };

  test('2 7.1.1 7.1.3 7.2.1 a Bundle is answered with a Bundle: the ClaimResponse first, every reference to an entry; again, the same', async () => {
    const said = await submit({ number: 'T-1' });
    const response = responseIn(said);
    expect([said.type, said.meta?.profile]).toEqual(['collection', [pas('profile-pas-response-bundle')]]);
    expect(said.identifier?.value).toContain('ClaimResponse/');
    expect(actionsOf(response)).toEqual([[1, 'A1', true]]);
    const urls = (said.entry ?? []).map(({ fullUrl = '' }) => fullUrl.split('/').slice(-2).join('/'));
    for (const { reference = '' } of [
      response.patient,
      response.insurer,
      response.requestor ?? {},
      response.request ?? {},
    ])
      expect(urls).toContain(reference);
    expect(responseIn(await submit({ number: 'T-1' })).id).toBe(response.id);
    expect((await office.found<Claim>('Claim?use=preauthorization')).length).toBe(1);
  });

  test('2 neighbour: the same Claim beside another patient is another request: each is told of their own only', async () => {
    const first = responseIn(await submit({ number: 'T-same', member: 'FORCEDPAID5', family: 'Orrin' }));
    const second = responseIn(await submit({ number: 'T-same', member: 'FORCEDPAID6', family: 'Wexley' }));
    expect(second.patient.reference).not.toBe(first.patient.reference);
    expect(second.request?.reference).not.toBe(first.request?.reference);
    const again = responseIn(await submit({ number: 'T-same', member: 'FORCEDPAID5', family: 'Orrin' }));
    expect(again.id).toBe(first.id);
  });

  test.each([
    ['A3', 'FORCEDDENIED7'],
    ['A4', 'FORCEDPENDED7'],
    ['A6', 'FORCEDPARTIAL7'],
  ])('2 7.1.3 7.1.4 neighbour: %s is answered by rule', async (action, member) => {
    const response = responseIn(await submit({ number: `T-${action}`, member }));
    expect((actionsOf(response)[0] as unknown[])[1]).toBe(action);
  });

  test('2 7.1.1 $inquire answers in Parameters by 2.2.1 and in one Bundle by 2.0.1; a pended one is decided meanwhile', async () => {
    await submit({ number: 'T-wait', member: 'FORCEDPENDED8' });
    const claim = (await office.found<Claim>('Claim?identifier=T-wait'))[0];
    await office.answered(`Claim/${claim?.id ?? ''}`, (r) => (actionsOf(r)[0] as unknown[])[1] === 'A1');
    const said = await inquire({ number: 'T-wait', member: 'FORCEDPENDED8' });
    expect(said.resourceType).toBe('Parameters');
    const [first, ...more] = (said as Parameters).parameter ?? [];
    expect([first?.name, more]).toEqual(['return', []]);
    expect(actionsOf(responseIn(first?.resource as Bundle))).toEqual([[1, 'A1', true]]);
    const old = await inquire({ number: 'T-wait', member: 'FORCEDPENDED8', version: '|2.0.1' });
    expect([old.resourceType, responseIn(old as Bundle).id]).toEqual([
      'Bundle',
      responseIn(first?.resource as Bundle).id,
    ]);
    expect(await inquire({ number: 'T-wait', member: 'NOBODY1' })).toEqual({ resourceType: 'Parameters' });
  });

  test('2 7.3.2 an update and a cancel name the request before, and count instead of it', async () => {
    const first = bundleOf({ number: 'T-2', member: 'FORCEDPAID8' });
    await submit({ number: 'T-2', member: 'FORCEDPAID8' });
    const related = first.entry?.[0]?.resource as Claim;
    const changed = responseIn(
      await submit({
        ...{ number: 'T-3', member: 'FORCEDPAID8', related },
        items: [itemOf(1, 'J1745', 20, 'S'), itemOf(2, 'J3301', 4, '3')],
      }),
    );
    expect(actionsOf(changed)).toEqual([
      [1, 'A1', true],
      [2, 'C', false],
    ]);
    const claim = await office.get<Claim>(changed.request?.reference ?? '');
    expect(claim.related?.[0]?.claim?.reference).toMatch(/^Claim\//);
  });

  test('2.3.15 the CapabilityStatement names $inquire by the canonical of PAS, and $submit by that of R4', async () => {
    const { rest } = await office.get<CapabilityStatement>('metadata');
    const operations = rest?.[0]?.resource?.find(({ type }) => type === 'Claim')?.operation ?? [];
    expect(operations).toEqual(
      expect.arrayContaining([
        {
          name: 'inquire',
          definition: 'http://hl7.org/fhir/us/davinci-pas/OperationDefinition/Claim-inquiry',
        },
        { name: 'submit', definition: 'http://hl7.org/fhir/OperationDefinition/Claim-submit' },
      ]),
    );
  });

  test('2 who does not see a patient is told the same as of one who is not there, and asks for nobody', async () => {
    const accounts = new AsAccount(office.background);
    await accounts.is({
      ...{ name: 'bellwater', kind: 'user', roles: ['biller'], users: [], practices: ['bellwater-hospital'] },
    });
    const before = (await office.found<Claim>('Claim?use=preauthorization')).length;
    // Bram Quillon is known here, of another practice; nobody knows this member
    const hidden = bundleOf({ number: 'T-hidden' });
    const unknown = bundleOf({ number: 'T-nobody', member: 'NOBODY77' });
    const told = await Promise.all(
      [hidden, unknown].map(async (body) => {
        const { status, text } = await accounts.ask('bellwater', 'post', 'Claim/$submit', body);
        return `${status.toString()} ${text}`;
      }),
    );
    expect(told[0]).toBe(told[1]);
    expect(told[0]).toContain('422');
    expect(told[0]).toContain('patient-unknown');
    const inquiry = bundleOf({ number: 'T-1', profile: 'claim-inquiry' });
    const { status, text } = await accounts.ask('bellwater', 'post', 'Claim/$inquire', inquiry);
    expect([status, (JSON.parse(text) as Parameters).parameter ?? []]).toEqual([200, []]);
    expect((await office.found<Claim>('Claim?use=preauthorization')).length).toBe(before);
  });

  test('2.5.11 7.1.2 what is no request is refused, and nothing is stored', async () => {
    const before = (await office.found<Claim>('Claim?use=preauthorization')).length;
    for (const path of ['/Claim/$submit', '/Claim/$inquire']) {
      const { status, text } = await post(office.http, path, { ...bundleOf({ number: 'T-9' }), entry: [] });
      expect([path, status, text.includes('OperationOutcome')]).toEqual([path, 422, true]);
      expect(text).not.toContain('"ClaimResponse"');
    }
    expect((await office.found<Claim>('Claim?use=preauthorization')).length).toBe(before);
  });
});
