import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Observation, Patient } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import { confinement } from '../../src/store/access/access.ts';
import type { SearchPage } from '../../src/store/store.ts';
import { eachStore } from '../http/eachStore.ts';
import { known, searching, type Searching } from './searching.ts';

const patient = (gender: Patient['gender']): Patient & { id: string } =>
  known<Patient>({ resourceType: 'Patient', id: 'v', ...(gender ? { gender } : {}) });
const observation = (id: string, reference: string): Observation & { id: string } =>
  known<Observation>({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'x' },
    subject: { reference },
  });

describe.each(eachStore('firm301'))('on %s', (_name, open) => {
  let at: Searching;
  /** Type/id, version and mode of each entry of a searchset. */
  const entries = async (search: string): Promise<string[]> => {
    const { status, body } = await at.get(search);
    expect(status).toBe(200);
    return ((body as Bundle).entry ?? []).map(
      ({ resource, search: as }) =>
        `${as?.mode ?? ''} ${resource?.resourceType ?? ''}/${resource?.id ?? ''} ${resource?.meta?.versionId ?? ''}`,
    );
  };

  afterEach(() => at.server.context.store.close());
  beforeEach(async () => {
    at = await searching(await open());
    await at.server.load(
      patient('male'),
      patient('female'),
      observation('of-one', 'Patient/v/_history/1'),
      observation('of-two', 'Patient/v/_history/2'),
      observation('of-none', 'Patient/v/_history/9'),
      observation('of-any', 'Patient/v'),
    );
  });

  test('3.1 _include of a reference to a version gives that version', async () => {
    expect(await entries('Observation?_id=of-one&_include=Observation:subject')).toEqual([
      'match Observation/of-one 1',
      'include Patient/v 1',
    ]);
    const { body } = await at.get('Observation?_id=of-one&_include=Observation:subject');
    const included = (body as Bundle).entry?.[1];
    expect((included?.resource as Patient).gender).toBe('male');
    expect(included?.fullUrl).toMatch(/\/fhir\/Patient\/v$/);
    expect(await entries('Observation?_id=of-two&_include=*')).toEqual([
      'match Observation/of-two 1',
      'include Patient/v 2',
    ]);
    expect(await entries('Observation?_id=of-any&_include=Observation:patient')).toEqual([
      'match Observation/of-any 1',
      'include Patient/v 2',
    ]);
  });

  test('3.1 several versions of one resource stand beside each other, each once', async () => {
    const found = await entries('Observation?_include=Observation:subject');
    expect(found.filter((one) => one.startsWith('include')).sort()).toEqual([
      'include Patient/v 1',
      'include Patient/v 2',
    ]);
    const withMatch = await entries('?_type=Observation,Patient&_include=Observation:subject');
    expect(withMatch.filter((one) => one.includes('Patient')).sort()).toEqual([
      'include Patient/v 1',
      'match Patient/v 2',
    ]);
  });

  test('3.1 a reference to a version that is not there matches nothing', async () => {
    expect(await entries('Observation?_id=of-none&_include=Observation:subject')).toEqual([
      'match Observation/of-none 1',
    ]);
    expect(await at.ids('Observation?subject=Patient/v/_history/3')).toEqual([]);
  });

  test('3.1 a version that is asked for finds what refers to it, none finds what refers to any', async () => {
    expect(await at.ids('Observation?subject=Patient/v/_history/1')).toEqual(['of-one']);
    expect(await at.ids('Observation?patient=Patient/v/_history/2,Patient/v/_history/9')).toEqual([
      'of-two',
      'of-none',
    ]);
    expect(await at.ids('Observation?subject=Patient/v')).toEqual(['of-one', 'of-two', 'of-none', 'of-any']);
    expect(await at.ids('Observation?_filter=subject eq Patient/v/_history/1')).toEqual(['of-one']);
    expect(await at.ids('Patient?_has:Observation:subject:_id=of-one')).toEqual(['v']);
  });

  test('3.1 neighbour: an update that names a version, or another, or none, is still found', async () => {
    for (const reference of ['Patient/v/_history/2', 'Patient/v', 'Patient/v/_history/1']) {
      await at.server.load(observation('of-any', reference));
      expect(await at.ids('Observation?_id=of-any&subject=Patient/v')).toEqual(['of-any']);
    }
    expect(await at.ids('Observation?_id=of-any&subject=Patient/v/_history/2')).toEqual([]);
  });

  test('3.1 neighbour: a deleted patient is included in the version that is named, not as deleted', async () => {
    await at.server.load(observation('of-three', 'Patient/v/_history/3'));
    const gone = ['of-any', 'of-two'];
    for (const id of gone) await at.server.http.delete(`/fhir/Observation/${id}`);
    for (const id of ['of-none', 'of-one', 'of-three'])
      await at.server.load(observation(id, `https://elsewhere.org/fhir/Patient/v`));
    expect((await at.server.http.delete('/fhir/Patient/v')).status).toBe(204);
    await at.server.load(
      observation('of-one', 'Patient/v/_history/1'),
      observation('of-three', 'Patient/v/_history/3'),
    );
    expect(await entries('Observation?_id=of-one&_include=Observation:subject')).toEqual([
      'match Observation/of-one 3',
      'include Patient/v 1',
    ]);
    expect(await entries('Observation?_id=of-three&_include=Observation:subject')).toEqual([
      'match Observation/of-three 3',
    ]);
  });

  test('3.1 neighbour: what a version refers to is included by :iterate', async () => {
    await at.server.load(
      { resourceType: 'Organization', id: 'old', name: 'Old' },
      { resourceType: 'Organization', id: 'new', name: 'New' },
      { ...patient('male'), managingOrganization: { reference: 'Organization/old' } },
      { ...patient('male'), managingOrganization: { reference: 'Organization/new' } },
      observation('of-old', 'Patient/v/_history/3'),
    );
    const found = await entries(
      'Observation?_id=of-old&_include=Observation:subject&_include:iterate=Patient:organization',
    );
    expect(found).toEqual([
      'match Observation/of-old 1',
      'include Patient/v 3',
      'include Organization/old 1',
    ]);
  });

  test('3.1 neighbour: a version written in another way, or with our own base, is no trap', async () => {
    const own = at.server.context.publicUrl;
    await at.server.load(
      observation('absolute', `${own}/Patient/v/_history/1`),
      observation('odd', 'Patient/v/_history/01'),
      observation('word', 'Patient/v/_history/first'),
    );
    expect(await entries('Observation?_id=absolute&_include=Observation:subject')).toEqual([
      'match Observation/absolute 1',
      'include Patient/v 1',
    ]);
    for (const id of ['odd', 'word'])
      expect(await entries(`Observation?_id=${id}&_include=Observation:subject`)).toEqual([
        `match Observation/${id} 1`,
      ]);
  });

  test('3.1 neighbour: who sees one patient gets the versions of that one only', async () => {
    const { store } = at.server.context;
    await at.server.load(
      { resourceType: 'Patient', id: 'w', gender: 'other' },
      { ...observation('focused', 'Patient/v/_history/1'), focus: [{ reference: 'Patient/w/_history/1' }] },
    );
    const access = confinement({
      patients: ['v'],
      types: { Patient: { see: 'patient' }, Observation: { see: 'patient' } },
    });
    const pairs = [
      ['_id', 'focused'],
      ['_include', 'Observation:subject'],
      ['_include', 'Observation:focus'],
    ] as const;
    const query = parsePairs('Observation', pairs, { registry: store.registry });
    const names = ({ included }: SearchPage): string[] =>
      included.map(({ type, id, version }) => `${type}/${id}/${version}`).sort();
    expect(names(await store.search(query))).toEqual(['Patient/v/1', 'Patient/w/1']);
    expect(names(await store.as(access).search(query))).toEqual(['Patient/v/1']);
  });
});
