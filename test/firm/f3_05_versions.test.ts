import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { known, searching, sentence, type Searching } from './searching.ts';

const url = 'http://e.org/Q';
const questionnaire = (id: string, version: string | undefined, of = url): Questionnaire & { id: string } =>
  known<Questionnaire>({
    resourceType: 'Questionnaire',
    id,
    url: of,
    status: 'active',
    ...(version ? { version } : {}),
  });
const answers = (id: string, named: string): QuestionnaireResponse & { id: string } =>
  known<QuestionnaireResponse>({
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: named,
  });

describe.each(eachStore('firm305'))('on %s', (_name, open) => {
  let at: Searching;
  const ids = (type: string, name: string, value: string): Promise<(string | undefined)[]> =>
    at.ids(`${type}?${name}=${encodeURIComponent(value)}`);

  afterEach(() => at.server.context.store.close());
  beforeEach(async () => {
    at = await searching(await open());
    await at.server.load(
      questionnaire('one', '1.0'),
      questionnaire('two', '2.0'),
      questionnaire('bare', undefined),
      questionnaire('longer', '1.0', `${url}s`),
      answers('of-any', url),
      answers('of-one', `${url}|1.0`),
      answers('of-one-one', `${url}|1.0.1`),
      answers('of-ten', `${url}|10`),
      answers('of-longer', `${url}s|1.0`),
      { resourceType: 'Patient', id: 'us', meta: { profile: ['http://x.org/p|6.1.0'] } },
    );
  });

  test('3.5 url|version finds the version', async () => {
    expect(await ids('Questionnaire', 'url', `${url}|1.0`)).toEqual(['one']);
    expect(await ids('Questionnaire', 'url', `${url}|2.0,${url}s`)).toEqual(['two', 'longer']);
    expect(await ids('Questionnaire', 'url', `${url}|3`)).toEqual([]);
    expect(await ids('Questionnaire', 'url', url)).toEqual(['one', 'two', 'bare']);
    expect(await ids('Questionnaire', '_filter', `url eq "${url}|1.0"`)).toEqual(['one']);
    expect(await ids('Questionnaire', '_filter', `url ne "${url}|1.0"`)).toEqual([
      'two',
      'bare',
      'longer',
      'medicare-secondary-payer', // the one of ours
    ]);
    expect(await ids('QuestionnaireResponse', 'questionnaire', `${url}|1.0`)).toEqual(['of-one']);
    expect(await ids('QuestionnaireResponse', 'questionnaire.url', `${url}|2.0`)).toEqual(['of-any']);
    expect(await ids('Patient', '_profile', 'http://x.org/p|6.1.0')).toEqual(['us']);
  });

  test('3.5 :below on canonicals finds all versions', async () => {
    const below = (value: string): Promise<(string | undefined)[]> =>
      ids('QuestionnaireResponse', 'questionnaire:below', value);
    expect(await below(url)).toEqual(['of-any', 'of-one', 'of-one-one', 'of-ten']);
    expect(await below(`${url}|1`)).toEqual(['of-one', 'of-one-one']);
    expect(await below(`${url}|1.0`)).toEqual(['of-one', 'of-one-one']);
    expect(await below(`${url}|10,${url}s`)).toEqual(['of-ten', 'of-longer']);
    expect(await ids('Patient', '_profile:below', 'http://x.org/p')).toEqual(['us']);
  });

  test('3.5 a refusal gives the true reason', async () => {
    const reason = async (search: string): Promise<string> => {
      const reply = await at.get(search);
      expect(reply.status).toBe(400);
      return sentence(reply);
    };
    expect(await reason(`QuestionnaireResponse?questionnaire:above=${url}`)).toContain(
      'means nothing of a canonical URL',
    );
    expect(await reason('Encounter?location:below=http://other.org/fhir/Location/1')).toContain(
      'no resource of this server',
    );
    expect(await reason('Encounter?subject:below=Patient/1')).toContain(
      'of no type whose resources are part of each other',
    );
  });

  test('3.5 neighbour: an update moves what a version is found by, a deletion takes it away', async () => {
    await at.server.load(questionnaire('two', '1.0'));
    expect(await ids('Questionnaire', 'url', `${url}|1.0`)).toEqual(['one', 'two']);
    expect(await ids('Questionnaire', 'url', `${url}|2.0`)).toEqual([]);
    await at.server.http.delete('/fhir/Questionnaire/one');
    expect(await ids('Questionnaire', 'url', `${url}|1.0`)).toEqual(['two']);
  });

  test('3.5 neighbour: a conditional create by url|version makes no second one', async () => {
    const again = await at.server.http
      .post('/fhir/Questionnaire')
      .set('Content-Type', 'application/fhir+json')
      .set('If-None-Exist', `url=${url}|1.0`)
      .send(JSON.stringify({ resourceType: 'Questionnaire', url, version: '1.0', status: 'active' }));
    expect([again.status, (again.body as Questionnaire).id]).toEqual([200, 'one']);
  });

  test('3.5 neighbour: a page of a canonical counts as the canonical, and a built-in definition has its version', async () => {
    await at.server.load(answers('page', `${url}#page`));
    expect(await ids('QuestionnaireResponse', 'questionnaire:below', url)).toContain('page');
    expect(await ids('QuestionnaireResponse', 'questionnaire:below', `${url}|1.0`)).not.toContain('page');
    expect(await ids('Device', 'url', `${url}|1.0`)).toEqual([]);
  });
});
