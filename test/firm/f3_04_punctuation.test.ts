import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { known, searching, type Searching } from './searching.ts';

const named = (id: string, family: string): Patient & { id: string } =>
  known<Patient>({ resourceType: 'Patient', id, name: [{ family }] });

describe.each(eachStore('firm304'))('on %s', (_name, open) => {
  let at: Searching;
  const ids = (name: string, value: string): Promise<(string | undefined)[]> =>
    at.ids(`Patient?${name}=${encodeURIComponent(value)}`);

  afterEach(() => at.server.context.store.close());
  beforeEach(async () => {
    at = await searching(await open());
    await at.server.load(
      named('ascii', "O'Brien"),
      named('curly', 'O\u2019Brien'),
      named('hyphen', 'Smith-Jones'),
      named('blanks', 'Mc  Donald'),
      known<Patient>({
        resourceType: 'Patient',
        id: 'city',
        address: [{ city: 'St. Louis', line: ['1 Main St., #4'] }],
      }),
      named('other', 'Brien'),
    );
  });

  test('3.4 punctuation does not count by default', async () => {
    for (const asked of ['obrien', "o'brien", 'O\u2019BRIEN', "O'Br", 'o-brien'])
      expect(await ids('family', asked)).toEqual(['ascii', 'curly']);
    for (const asked of ['smith-jones', 'smith jones', 'smithjones', 'Smith \u2013 J'])
      expect(await ids('family', asked)).toEqual(['hyphen']);
    for (const asked of ['St. Louis', 'st louis', 'ST LOUIS', 'st.lou'])
      expect(await ids('address-city', asked)).toEqual(['city']);
    expect(await ids('address', '1 main st #4')).toEqual(['city']);
  });

  test('3.4 white space does not count by default', async () => {
    for (const asked of ['mc donald', 'mc\tdonald', 'Mc  Donald', 'mcdonald', ' mc don'])
      expect(await ids('family', asked)).toEqual(['blanks']);
  });

  test('3.4 nor do they in :contains', async () => {
    expect(await ids('family:contains', "'brien")).toEqual(['ascii', 'curly', 'other']);
    expect(await ids('family:contains', 'c  d')).toEqual(['blanks']);
    expect(await ids('family:contains', 'h-j')).toEqual(['hyphen']);
    expect(await ids('address-city:contains', 't. l')).toEqual(['city']);
  });

  test('3.4 they do in :exact', async () => {
    expect(await ids('family:exact', "O'Brien")).toEqual(['ascii']);
    expect(await ids('family:exact', 'O\u2019Brien')).toEqual(['curly']);
    expect(await ids('family:exact', 'OBrien')).toEqual([]);
    expect(await ids('family:exact', 'Mc Donald')).toEqual([]);
    expect(await ids('family:exact', 'Mc  Donald')).toEqual(['blanks']);
  });

  test('3.4 neighbour: what is punctuation alone finds what is punctuation alone', async () => {
    await at.server.load(named('dash', '---'));
    expect(await ids('family', '-')).toEqual(['dash']);
    expect(await ids('family:contains', "'")).toEqual([]);
    expect(await ids('family:missing', 'false')).toContain('dash');
  });

  test('3.4 neighbour: _filter, chains and composed names mind it no more', async () => {
    await at.server.load({
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/curly' },
    });
    expect(await ids('_filter', 'family eq "obrien"')).toEqual(['ascii', 'curly']);
    expect(await ids('_filter', 'family co "hj"')).toEqual(['hyphen']);
    expect(await ids('_filter', 'family ew "c donald"')).toEqual(['blanks']);
    expect(await at.ids('Observation?subject:Patient.name=OBrien')).toEqual(['o']);
  });

  test('3.4 neighbour: sorting, paging and totals agree with what is found', async () => {
    const { body } = await at.get(
      'Patient?family=o%27brien,mc%20donald,smithjones&_sort=-family&_count=2&_total=accurate',
    );
    const { total, entry = [] } = body as Bundle;
    expect([total, entry.map(({ resource }) => resource?.id)]).toEqual([4, ['hyphen', 'ascii']]);
    expect(await at.ids('Patient?_sort=family&family:missing=false')).toEqual([
      'other',
      'blanks',
      'ascii',
      'curly',
      'hyphen',
    ]);
  });
});
