import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CodeSystem, Condition, Observation, Practitioner, ValueSet } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { put } from '../http/server.ts';
import { known, searching, type Searching } from './searching.ts';

const kinds = 'https://example.org/CodeSystem/kinds';
const exact = 'https://example.org/CodeSystem/exact';

const codeSystem = (url: string, caseSensitive: boolean | undefined): CodeSystem & { id: string } =>
  known<CodeSystem>({
    resourceType: 'CodeSystem',
    id: url.split('/').at(-1) ?? '',
    url,
    status: 'active',
    content: 'complete',
    ...(caseSensitive === undefined ? {} : { caseSensitive }),
    hierarchyMeaning: 'is-a',
    concept: [{ code: 'Animal', concept: [{ code: 'Dog' }, { code: 'CAT' }] }],
  });
const valueSet = known<ValueSet>({
  resourceType: 'ValueSet',
  id: 'pets',
  url: 'https://example.org/ValueSet/pets',
  status: 'active',
  compose: { include: [{ system: kinds, concept: [{ code: 'dog' }] }] },
});
const condition = (id: string, system: string, code: string): Condition & { id: string } =>
  known<Condition>({
    resourceType: 'Condition',
    id,
    subject: { reference: 'Patient/p' },
    code: { coding: [{ system, code }] },
  });
const practitioner = (id: string, email: string, phone: string): Practitioner & { id: string } =>
  known<Practitioner>({
    resourceType: 'Practitioner',
    id,
    telecom: [
      { system: 'email', value: email },
      { system: 'phone', value: phone },
    ],
  });

describe.each(eachStore('firm303'))('on %s', (_name, open) => {
  let at: Searching;
  const ids = (search: string): Promise<(string | undefined)[]> => at.ids(search);

  afterEach(() => at.server.context.store.close());
  beforeEach(async () => {
    at = await searching(await open());
    await at.server.load(
      codeSystem(kinds, false),
      codeSystem(exact, true),
      valueSet,
      practitioner('roe', 'Jane.Roe@Clinic.Example', '555-CALL'),
      practitioner('doe', 'a.doe@clinic.example', '+1 555'),
      { resourceType: 'Patient', id: 'p', generalPractitioner: [{ reference: 'Practitioner/roe' }] },
      condition('dog-1', kinds, 'Dog'),
      condition('dog-2', kinds, 'dog'),
      condition('dog-3', kinds, 'DOG'),
      condition('cat', kinds, 'cat'),
      condition('exact-1', exact, 'Dog'),
      condition('exact-2', exact, 'dog'),
    );
  });

  test('3.3 contact points compare without case', async () => {
    for (const code of ['email', 'telecom'])
      for (const asked of ['jane.roe@clinic.example', 'JANE.ROE@CLINIC.EXAMPLE', 'Jane.Roe@Clinic.Example'])
        expect(await ids(`Practitioner?${code}=${asked}`)).toEqual(['roe']);
    expect(await ids('Practitioner?phone=555-call')).toEqual(['roe']);
    expect(await ids('Practitioner?email:not=jane.roe@CLINIC.example')).toEqual(['doe']);
    expect(await ids('Practitioner?_filter=email eq "jane.roe@CLINIC.example"')).toEqual(['roe']);
    expect(await ids('Practitioner?_filter=email ne "jane.roe@CLINIC.example"')).toEqual(['doe']);
    expect(await ids('Patient?general-practitioner:Practitioner.email=jane.roe@clinic.example')).toEqual([
      'p',
    ]);
    expect(
      await ids('Practitioner?_has:Patient:general-practitioner:_id=p&email=JANE.roe@clinic.example'),
    ).toEqual(['roe']);
    expect(await ids('Practitioner?_sort=email')).toEqual(['doe', 'roe']);
    expect(await ids('Practitioner?_sort=-email&_count=1')).toEqual(['roe']);
  });

  test('3.3 codes of a stored CodeSystem that is not case sensitive compare without case', async () => {
    const dogs = ['dog-1', 'dog-2', 'dog-3'];
    for (const code of ['dog', 'Dog', 'dOG'])
      expect(await ids(`Condition?code=${kinds}|${code}`)).toEqual(dogs);
    expect(await ids(`Condition?code=${kinds}|dog&_total=accurate&_count=0`)).toEqual([]);
    expect(await ids(`Condition?code:not=${kinds}|dOG`)).toEqual(['cat', 'exact-1', 'exact-2']);
    expect(await ids('Condition?code=dOG')).toEqual(dogs);
    expect(await ids('Condition?code=Dog')).toEqual([...dogs, 'exact-1']);
    expect(await ids(`Condition?code=|Dog`)).toEqual([]);
    expect(await ids('Condition?code:in=https://example.org/ValueSet/pets')).toEqual(dogs);
    expect(await ids('Condition?code:not-in=https://example.org/ValueSet/pets')).toEqual([
      'cat',
      'exact-1',
      'exact-2',
    ]);
    expect(await ids(`Condition?code:below=${kinds}|animal`)).toEqual([...dogs, 'cat']);
    expect(await ids(`Condition?_filter=code ne "${kinds}|dOg"`)).toEqual(['cat', 'exact-1', 'exact-2']);
    expect(await ids(`Patient?_has:Condition:patient:code=${kinds}|dOg`)).toEqual(['p']);
    expect(await ids('Condition?code:missing=true')).toEqual([]);
    expect(await ids('Condition?_sort=code')).toEqual([
      'dog-3',
      'dog-1',
      'exact-1',
      'cat',
      'dog-2',
      'exact-2',
    ]);
  });

  test('3.3 codes of a case sensitive CodeSystem, and of one that is not known, compare with case', async () => {
    expect(await ids(`Condition?code=${exact}|dog`)).toEqual(['exact-2']);
    expect(await ids(`Condition?code=${exact}|DOG`)).toEqual([]);
    await at.server.load(condition('unknown', 'https://example.org/other', 'Dog'));
    expect(await ids('Condition?code=https://example.org/other|dog')).toEqual([]);
  });

  test('3.3 neighbour: a CodeSystem that is changed or deleted is minded at once', async () => {
    await put(at.server.http, codeSystem(exact, false));
    expect(await ids(`Condition?code=${exact}|DOG`)).toEqual(['exact-1', 'exact-2']);
    await put(at.server.http, codeSystem(kinds, undefined));
    expect(await ids(`Condition?code=${kinds}|dOG`)).toEqual([]);
    await at.server.http.delete('/fhir/CodeSystem/exact');
    expect(await ids(`Condition?code=${exact}|DOG`)).toEqual([]);
  });

  test('3.3 neighbour: a part of a composite, a changed code and a chain keep to it', async () => {
    const observation = known<Observation>({
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { coding: [{ system: kinds, code: 'CAT' }] },
      subject: { reference: 'Patient/p' },
      valueQuantity: { value: 3 },
    });
    await at.server.load(observation);
    expect(await ids(`Observation?code-value-quantity=${kinds}|cat$3`)).toEqual(['o']);
    expect(await ids(`Observation?code-value-quantity=${kinds}|cat$4`)).toEqual([]);
    await at.server.load({ ...observation, code: { coding: [{ system: kinds, code: 'Dog' }] } });
    expect(await ids(`Observation?code=${kinds}|cat`)).toEqual([]);
    expect(await ids(`Observation?code=${kinds}|DOG`)).toEqual(['o']);
  });

  test('3.3 neighbour: versions and paths, which are strings, compare without case, ids do not', async () => {
    await at.server.load({ ...valueSet, id: 'v', version: '1.0-Beta' });
    expect(await ids('ValueSet?version=1.0-BETA')).toEqual(['v']);
    expect(await ids('Practitioner?_id=ROE')).toEqual([]);
    expect(await ids('Practitioner?email:in=https://example.org/ValueSet/pets')).toEqual([]);
  });
});
