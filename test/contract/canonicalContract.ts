import { describe, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import { caseTable, minimal, put, type Case, type Known, type Subject } from './caseTable.ts';

const form = 'http://example.org/Questionnaire/form';
const lib = 'http://example.org/Library/lib';

const questionnaire = (id: string, url: string, more: Record<string, unknown>): Known =>
  minimal({ resourceType: 'Questionnaire', id, url, status: 'active', ...more });
const answers = (id: string, named: string, status = 'completed'): Known =>
  minimal({ resourceType: 'QuestionnaireResponse', id, status, questionnaire: named });
const library = (id: string, more: Record<string, unknown>): Known =>
  minimal({ resourceType: 'Library', id, status: 'active', type: { text: 'x' }, ...more });

/** Answers come before what they answer, so that nothing could be looked up when they were written. */
const chart: readonly Known[] = [
  answers('any', form),
  answers('first', `${form}|1`),
  answers('second', `${form}|2`),
  answers('part', `${form}|2#page`),
  answers('none', `${form}|3`, 'stopped'),
  answers('other', `${form}s`, 'stopped'),
  answers('local', 'Questionnaire/one'),
  questionnaire('one', form, { version: '1', title: 'First form' }),
  questionnaire('two', form, { version: '2', title: 'Second form', derivedFrom: [`${form}|1`] }),
  questionnaire('bare', `${form}s`, { title: 'Another' }),
  minimal({ resourceType: 'PlanDefinition', id: 'plan', status: 'draft', library: [lib] }),
  minimal({
    resourceType: 'PlanDefinition',
    id: 'literal',
    status: 'active',
    relatedArtifact: [
      { type: 'depends-on', resource: 'Library/base' },
      { type: 'derived-from', resource: `${lib}|9` },
      { type: 'composed-of', resource: form },
    ],
  }),
  library('lib', {
    url: lib,
    version: '9',
    title: 'Lib',
    relatedArtifact: [{ type: 'depends-on', resource: 'http://example.org/Library/base' }],
  }),
  library('base', { url: 'http://example.org/Library/base', title: 'Base' }),
  minimal({ resourceType: 'Device', id: 'device', url: lib, deviceName: [{ name: 'Dev', type: 'other' }] }),
];

const cases: readonly Case[] = [
  [
    'a version names that version, none names all, a fragment is no part of it',
    'QuestionnaireResponse',
    [['questionnaire.title', 'second']],
    ['any', 'second', 'part'],
  ],
  [
    'with a type, and a literal reference',
    'QuestionnaireResponse',
    [['questionnaire:Questionnaire.title', 'first']],
    ['any', 'first', 'local'],
  ],
  ['the whole URL counts', 'QuestionnaireResponse', [['questionnaire.title', 'another']], ['other']],
  [
    '_has',
    'Questionnaire',
    [['_has:QuestionnaireResponse:questionnaire:status', 'completed']],
    ['one', 'two'],
  ],
  [
    '_has of another',
    'Questionnaire',
    [['_has:QuestionnaireResponse:questionnaire:status', 'stopped']],
    ['bare'],
  ],
  [
    '_has beside another criterion',
    'Questionnaire',
    [
      ['title', 'second'],
      ['_has:QuestionnaireResponse:questionnaire:_id', 'part'],
    ],
    ['two'],
  ],
  [
    '_has of a version that none has',
    'Questionnaire',
    [['_has:QuestionnaireResponse:questionnaire:_id', 'none']],
    [],
  ],
  [
    'both kinds of one parameter',
    'PlanDefinition',
    [['depends-on:Library.status', 'active']],
    ['plan', 'literal'],
  ],
  ['without a type, of many', 'PlanDefinition', [['depends-on.title', 'lib']], ['plan']],
  [
    'where a Device answers is no name of it',
    'PlanDefinition',
    [['depends-on:Device.device-name', 'Dev']],
    [],
  ],
  ['two steps', 'PlanDefinition', [['depends-on:Library.depends-on:Library.title', 'base']], ['plan']],
  [
    '_has through several types',
    'Library',
    [['_has:PlanDefinition:depends-on:status', 'draft,active']],
    ['lib', 'base'],
  ],
  [
    '_has in _has',
    'Library',
    [['_has:Library:depends-on:_has:PlanDefinition:depends-on:status', 'draft']],
    ['base'],
  ],
  ['url|version is the one of that version', 'Questionnaire', [['url', `${form}\\|1`]], ['one']],
  ['url|version of none', 'Questionnaire', [['url', `${form}\\|9`]], []],
  [
    'url with a version, or another without',
    'Questionnaire',
    [['url', `${form}|2,${form}s`]],
    ['two', 'bare'],
  ],
  ['a Device has none', 'Device', [['url', `${lib}|9`]], []],
  ['below a version', 'PlanDefinition', [['derived-from:below', `${lib}|9`]], ['literal']],
];

export function canonicalContract(store: Subject): void {
  caseTable('canonical URLs are followed', store, chart, cases);

  describe('what canonical URLs name is included', () => {
    const included = async (type: ResourceType, ...pairs: [string, string][]): Promise<string[]> => {
      const page = await store().search(parsePairs(type, pairs));
      return page.included.map((row) => `${row.type}/${row.id}`).sort();
    };

    describe('reading', () => {
      store.keep((kept) => put(kept, ...chart));
      test.each<[string, ResourceType, [string, string][], string[]]>([
        [
          'any version',
          'QuestionnaireResponse',
          [['_id', 'any']],
          ['Questionnaire/one', 'Questionnaire/two'],
        ],
        ['one version', 'QuestionnaireResponse', [['_id', 'part']], ['Questionnaire/two']],
        ['no such version', 'QuestionnaireResponse', [['_id', 'none']], []],
        ['a literal reference', 'QuestionnaireResponse', [['_id', 'local']], ['Questionnaire/one']],
      ])('_include: %s', async (_, type, pairs, expected) => {
        expect(await included(type, ...pairs, ['_include', 'QuestionnaireResponse:questionnaire'])).toEqual(
          expected,
        );
        expect(await included(type, ...pairs, ['_include', '*'])).toEqual(expected);
        const typed = 'QuestionnaireResponse:questionnaire:Questionnaire';
        expect(await included(type, ...pairs, ['_include', typed])).toEqual(expected);
      });

      test('_include of one that is followed further, and of all', async () => {
        const further: [string, string][] = [
          ['_id', 'plan'],
          ['_include', 'PlanDefinition:depends-on'],
        ];
        expect(await included('PlanDefinition', ...further)).toEqual(['Library/lib']);
        expect(
          await included('PlanDefinition', ...further, ['_include:iterate', 'Library:depends-on']),
        ).toEqual(['Library/base', 'Library/lib']);
        expect(
          await included('PlanDefinition', ['_id', 'literal'], ['_include', 'PlanDefinition:*']),
        ).toEqual(['Library/base', 'Library/lib', 'Questionnaire/one', 'Questionnaire/two']);
      });

      test('_revinclude, of one parameter and of all', async () => {
        const naming = ['any', 'local'].map((id) => `QuestionnaireResponse/${id}`);
        const one: [string, string] = ['_id', 'one'];
        const back = 'QuestionnaireResponse:questionnaire';
        expect(await included('Questionnaire', one, ['_revinclude', back])).toEqual([
          ...naming.slice(0, 1),
          'QuestionnaireResponse/first',
          ...naming.slice(1),
        ]);
        expect(await included('Questionnaire', ['_id', 'two'], ['_revinclude', back])).toEqual(
          ['any', 'part', 'second'].map((id) => `QuestionnaireResponse/${id}`),
        );
        expect(await included('Questionnaire', ['_id', 'two'], ['_revinclude', '*'])).toEqual([
          'PlanDefinition/literal',
          ...['any', 'part', 'second'].map((id) => `QuestionnaireResponse/${id}`),
        ]);
        expect(
          await included(
            'Library',
            ['_id', 'base'],
            ['_revinclude', 'Library:depends-on'],
            ['_revinclude:iterate', 'PlanDefinition:depends-on'],
          ),
        ).toEqual(['Library/lib', 'PlanDefinition/literal', 'PlanDefinition/plan']);
      });
    });

    test('what it names changes with either of them', async () => {
      await put(store(), ...chart);
      const title: [string, string] = ['questionnaire.title', 'another'];
      const found = async (): Promise<string[]> =>
        (await store().search(parsePairs('QuestionnaireResponse', [title]))).matches.map(({ id }) => id);
      await put(store(), answers('none', `${form}s|7`), answers('other', form));
      expect(await found()).toEqual([]);
      await put(store(), questionnaire('bare', `${form}s`, { title: 'Another', version: '7' }));
      expect(await found()).toEqual(['none']);
      await store().transaction((tx) => tx.delete('Questionnaire', 'bare'));
      expect(await found()).toEqual([]);
      expect(
        await included(
          'QuestionnaireResponse',
          ['_id', 'none'],
          ['_include', 'QuestionnaireResponse:questionnaire'],
        ),
      ).toEqual([]);
    });
  });
}
