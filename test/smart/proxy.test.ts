import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Consent, ConsentProvision, Patient } from '@medplum/fhirtypes';
import type { Response } from 'supertest';
import type { Context } from '../../src/interaction/context.ts';
import { testContext } from '../context.ts';
import { minimal, put } from '../contract/caseTable.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from './asAccount.ts';
import { chartOf, directory } from './practices.ts';

const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const parent = 'RelatedPerson/parent-ann';
const proxy = { name: 'proxy', kind: 'user' as const, roles: ['proxy'], users: [parent] };
const self = { name: 'self', kind: 'user' as const, roles: ['patient'], users: ['Patient/ann'] };
const other = { ...proxy, name: 'other', users: ['RelatedPerson/second'] };

const observation = (id: string, label?: { system: string; code: string }) =>
  minimal({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: id },
    subject: { reference: 'Patient/ann' },
    ...(label ? { meta: { security: [label] } } : {}),
  });
const related = (id: string, more: object = {}) =>
  minimal({
    resourceType: 'RelatedPerson',
    id,
    active: true,
    patient: { reference: 'Patient/ann' },
    ...more,
  });
const conf = { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-AD-use', valueCode: 'CONF' };
const sensitive = ['hiv', 'part2', 'restricted', 'std'];

describe.each(eachStore('proxy'))('who acts for a patient on %s', (_, open) => {
  let context: Context;
  let server: AsAccount;
  beforeAll(async () => {
    const made = await testContext({ store: await open() });
    context = made;
    await put(
      context.store,
      ...directory(['alder']),
      ...chartOf('ann', 'alder'),
      ...chartOf('bob', 'alder'),
      related('second'),
      observation('plain'),
      observation('normal', { system: confidentiality, code: 'N' }),
      observation('hiv', { system: actCode, code: 'HIV' }),
      observation('std', { system: actCode, code: 'STD' }),
      observation('part2', { system: actCode, code: '42CFRPart2' }),
      observation('restricted', { system: confidentiality, code: 'R' }),
      minimal({
        resourceType: 'Patient',
        id: 'ann',
        address: [{ city: 'Salem' }, { city: 'Shelter', extension: [conf] }],
        telecom: [
          {
            system: 'phone',
            value: '555-0100',
            extension: [{ ...conf, url: conf.url.replace('AD', 'TEL') }],
          },
        ],
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Shelter</div>' },
      }),
    );
    server = new AsAccount(made);
    for (const account of [proxy, self, other]) await server.is(account);
  });
  afterAll(() => context.store.close());

  const ids = ({ body }: Response): string[] =>
    ((body as Bundle).entry ?? []).map(({ resource }) => resource?.id ?? '').sort();
  const seen = async (who: string, path = 'Observation?_count=100'): Promise<string[]> =>
    ids(await server.ask(who, 'get', path)).filter((id) => [...sensitive, 'plain', 'normal'].includes(id));
  const consent = async (
    id: string,
    provision: ConsentProvision,
    more: Partial<Consent> = {},
  ): Promise<void> => {
    const written = minimal({
      resourceType: 'Consent',
      id,
      status: 'active',
      scope: { coding: [{ code: 'patient-privacy' }] },
      category: [{ text: 'x' }],
      patient: { reference: 'Patient/ann' },
      provision,
      ...more,
    });
    await put(context.store, written);
    for (const account of [proxy, self, other]) await server.is(account);
  };
  const label = (code: string) => [{ system: actCode, code }];
  const actor = (reference: string) => [{ role: { text: 'x' }, reference: { reference } }];

  test('D.3 what is labelled sensitive is left out of proxy access, not of the patient’s own', async () => {
    expect(await seen('self')).toEqual([...sensitive, 'normal', 'plain'].sort());
    expect(await seen('proxy')).toEqual(['normal', 'plain']);
    for (const id of sensitive)
      for (const tail of ['', '/_history', '/_history/1'])
        expect([id, (await server.ask('proxy', 'get', `Observation/${id}${tail}`)).status]).toEqual([
          id,
          404,
        ]);
    expect(await seen('proxy', 'Patient/ann/$everything?_count=200')).toEqual(['normal', 'plain']);
    expect(await seen('proxy', 'Patient?_id=ann&_revinclude=Observation:subject')).toEqual([
      'normal',
      'plain',
    ]);
    expect(
      await seen('proxy', 'Observation?_security=http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV'),
    ).toEqual([]);
    expect(ids(await server.ask('proxy', 'get', 'Patient?_has:Observation:subject:_id=hiv'))).toEqual([]);
    const all = (await server.ask('proxy', 'get', 'Observation?_summary=count')).body as Bundle;
    expect(all.total).toBe(ids(await server.ask('proxy', 'get', 'Observation')).length);
  });

  test('D.3 a Consent lets who it names see the labels it names, for as long as it holds', async () => {
    await consent('c1', { type: 'permit', actor: actor(parent), securityLabel: label('HIV') });
    expect(await seen('proxy')).toEqual(['hiv', 'normal', 'plain']);
    expect(await seen('other')).toEqual(['normal', 'plain']);
    await consent('c2', { type: 'deny', securityLabel: label('HIV') });
    expect(await seen('proxy')).toEqual(['normal', 'plain']);
    await consent('c2', { type: 'deny', securityLabel: label('HIV') }, { status: 'inactive' });
    expect(await seen('proxy')).toEqual(['hiv', 'normal', 'plain']);
    await consent('c1', {
      type: 'permit',
      actor: actor(parent),
      securityLabel: label('HIV'),
      period: { end: '2020-01-01' },
    });
    expect(await seen('proxy')).toEqual(['normal', 'plain']);
  });

  test('D.3 neighbour: a Consent that names nobody, or no label, opens nothing', async () => {
    await consent('c3', { type: 'permit', securityLabel: label('STD') });
    await consent('c4', { type: 'permit', actor: actor(parent) });
    await consent(
      'c5',
      { type: 'permit', actor: actor(parent), securityLabel: label('STD') },
      { patient: { reference: 'Patient/bob' } },
    );
    expect(await seen('proxy')).toEqual(['normal', 'plain']);
  });

  test('D.3 neighbour: a part of a Consent takes who and until when from what it is part of', async () => {
    await consent('c6', {
      type: 'deny',
      actor: actor(parent),
      provision: [{ type: 'permit', securityLabel: label('STD') }],
    });
    expect(await seen('proxy')).toEqual(['normal', 'plain', 'std']);
    await consent('c6', {}, { status: 'inactive' });
  });

  test('D.3 a confidential address and telephone number are not shown to who acts for the patient, nor found', async () => {
    const shown = async (who: string, path: string): Promise<string> =>
      JSON.stringify((await server.ask(who, 'get', path)).body);
    for (const path of [
      'Patient/ann',
      'Patient/ann/_history',
      'Patient/ann/_history/2',
      'Patient',
      'Coverage?_include=Coverage:beneficiary',
      'Patient/_history',
      'Patient/ann/$everything',
      'Patient/ann?_elements=address',
    ]) {
      expect(await shown('self', path)).toContain('Shelter');
      const seenByProxy = await shown('proxy', path);
      expect([path, /Shelter|555-0100|CONF/.test(seenByProxy)]).toEqual([path, false]);
      expect(seenByProxy).toContain('Salem');
    }
    for (const criterion of [
      'address-city=Shelter',
      'address=Shelter',
      'telecom=555-0100',
      'phone=555-0100',
      '_content=Shelter',
      '_text=Shelter',
      '_filter=address-city eq Shelter',
    ]) {
      expect([criterion, ids(await server.ask('self', 'get', `Patient?${criterion}`))]).toEqual([
        criterion,
        ['ann'],
      ]);
      expect([criterion, ids(await server.ask('proxy', 'get', `Patient?${criterion}`))]).toEqual([
        criterion,
        [],
      ]);
    }
    expect(ids(await server.ask('proxy', 'get', 'Observation?subject:Patient.address-city=Shelter'))).toEqual(
      [],
    );
    expect(ids(await server.ask('proxy', 'get', 'Patient?_sort=address-city'))).toEqual(['ann']);
  });

  test.each([
    ['is not active', { active: false }],
    ['has ended', { period: { end: '2020-01-01' } }],
    ['has not begun', { period: { start: '2999-01-01' } }],
    ['is of another patient now', { patient: { reference: 'Patient/bob' } }],
  ])('D.3 neighbour: a relationship that %s opens nothing of the patient', async (_what, more) => {
    await put(context.store, related('second', more));
    await server.is(other);
    expect((await server.ask('other', 'get', 'Patient/ann')).status).toBe(404);
    await put(context.store, related('second'));
    await server.is(other);
    expect((await server.ask('other', 'get', 'Patient/ann')).status).toBe(200);
  });

  test('D.3 a Person stands for the patients and relationships that it links', async () => {
    const links = ['Patient/bob', parent].map((reference) => ({ target: { reference } }));
    await put(context.store, minimal({ resourceType: 'Person', id: 'kim', active: true, link: links }));
    await server.is({ ...proxy, name: 'kim', users: ['Person/kim'] });
    expect(ids(await server.ask('kim', 'get', 'Patient'))).toEqual(['ann', 'bob']);
    expect(await seen('kim')).toEqual(['normal', 'plain']);
  });

  test('D.3 neighbour: a patient does not become a proxy of somebody by writing it down', async () => {
    const { id: _id, ...mine } = related('mine');
    expect((await server.ask('self', 'post', 'RelatedPerson', mine)).status).toBe(403);
    const patient = (await server.ask('self', 'get', 'Patient/ann')).body as Patient;
    expect((await server.ask('self', 'put', 'Patient/ann', patient)).status).toBe(403);
  });
});
