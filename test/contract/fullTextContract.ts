import { describe, expect, test } from '@jest/globals';
import { parsePairs } from '../../src/search/parse.ts';
import { caseTable, minimal, put, type Case, type Subject } from './caseTable.ts';

const narrative = (html: string): object => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>`,
});
export const textChart = [
  minimal({
    resourceType: 'Condition',
    id: 'knee',
    text: narrative('<p>Chronic <b>knee</b> pain&#160;&amp; swelling</p><!-- hidden -->'),
    code: { text: 'Gonarthrosis' },
    subject: { reference: 'Patient/ann' },
  }),
  minimal({
    resourceType: 'Condition',
    id: 'hip',
    text: narrative('Acute hip pain'),
    code: { text: 'Coxarthrosis' },
  }),
  minimal({
    resourceType: 'Condition',
    id: 'bare',
    code: { coding: [{ code: 'M17.11', display: 'Knee, Gonarthrose übel' }] },
  }),
  minimal({
    resourceType: 'Patient',
    id: 'ann',
    name: [{ family: 'Ames' }],
    text: narrative('knee of a patient'),
  }),
];

export const textCases: readonly Case[] = [
  ['a word of the narrative', 'Condition', [['_text', 'knee']], ['knee']],
  ['whatever the case', 'Condition', [['_text', 'KNEE']], ['knee']],
  ['all words', 'Condition', [['_text', 'pain chronic']], ['knee']],
  ['a whole word', 'Condition', [['_text', 'kne']], []],
  ['the beginning of a word', 'Condition', [['_text', 'kne*']], ['knee']],
  ['a phrase', 'Condition', [['_text', '"knee pain"']], ['knee']],
  ['a phrase in another order', 'Condition', [['_text', '"pain knee"']], []],
  ['a phrase and a word', 'Condition', [['_text', '"hip pain" acute']], ['hip']],
  ['a phrase that goes on', 'Condition', [['_text', '"hip pa"*']], ['hip']],
  ['alternatives', 'Condition', [['_text', 'swelling,acute']], ['knee', 'hip']],
  ['alternatives in words', 'Condition', [['_text', 'swelling OR acute']], ['knee', 'hip']],
  [
    'both of two',
    'Condition',
    [
      ['_text', 'pain'],
      ['_text', 'hip'],
    ],
    ['hip'],
  ],
  ['what is not shown', 'Condition', [['_text', 'hidden']], []],
  ['names of tags', 'Condition', [['_text', 'xhtml']], []],
  ['what stands outside of the narrative', 'Condition', [['_text', 'gonarthrosis']], []],
  ['a word anywhere', 'Condition', [['_content', 'gonarthrosis']], ['knee']],
  ['the narrative is content', 'Condition', [['_content', 'acute']], ['hip']],
  ['without accents', 'Condition', [['_content', 'ubel']], ['bare']],
  ['with accents', 'Condition', [['_content', 'ÜBEL']], ['bare']],
  ['a code', 'Condition', [['_content', 'm17.11']], ['bare']],
  [
    'beside another criterion',
    'Condition',
    [
      ['_content', 'knee'],
      ['subject', 'Patient/ann'],
    ],
    ['knee'],
  ],
  ['of another type', 'Patient', [['_text', 'knee']], ['ann']],
  ['behind a chain', 'Condition', [['subject:Patient._text', 'patient']], ['knee']],
  [
    'sorted',
    'Condition',
    [
      ['_content', 'pain'],
      ['_sort', '-_id'],
    ],
    ['knee', 'hip'],
  ],
];

export function fullTextContract(store: Subject): void {
  caseTable('full text', store, textChart, textCases);

  describe('full text follows what is written', () => {
    const found = async (value: string): Promise<string[]> =>
      (await store().search(parsePairs('Condition', [['_content', value]]))).matches.map(({ id }) => id);

    test('changes and deletions', async () => {
      await put(store(), ...textChart);
      expect(await found('acute')).toEqual(['hip']);
      await put(store(), minimal({ resourceType: 'Condition', id: 'hip', text: narrative('Healed hip') }));
      expect(await found('acute')).toEqual([]);
      expect(await found('healed')).toEqual(['hip']);
      await store().transaction((tx) => tx.delete('Condition', 'hip'));
      expect(await found('healed')).toEqual([]);
    });

    test('what a transaction wrote is found inside of it', async () => {
      await put(store(), ...textChart);
      await store().transaction(async (tx) => {
        await tx.put(minimal({ resourceType: 'Condition', id: 'new', code: { text: 'fresh words' } }));
        const { matches } = await tx.search(parsePairs('Condition', [['_content', 'fresh']]));
        expect(matches.map(({ id }) => id)).toEqual(['new']);
      });
    });
  });
}
