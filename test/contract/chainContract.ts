import { describe, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import { caseTable, minimal, put, type Case, type Subject } from './caseTable.ts';

const refer = (reference: string): { reference: string } => ({ reference });
export const chainChart = [
  minimal({ resourceType: 'Organization', id: 'group', name: 'Harbor Group' }),
  minimal({
    resourceType: 'Organization',
    id: 'clinic',
    name: 'Elm Clinic',
    partOf: refer('Organization/group'),
  }),
  minimal({
    resourceType: 'Patient',
    id: 'ann',
    name: [{ family: 'Ames' }],
    managingOrganization: refer('Organization/clinic'),
    generalPractitioner: [refer('Practitioner/doc')],
  }),
  minimal({
    resourceType: 'Patient',
    id: 'bob',
    name: [{ family: 'Bell' }],
    link: [{ other: refer('Patient/ann') }],
  }),
  minimal({ resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Ames' }] }),
  minimal({ resourceType: 'Group', id: 'ann', characteristic: [] }),
  minimal({ resourceType: 'Location', id: 'room', name: 'Ames Room' }),
  minimal({ resourceType: 'Encounter', id: 'e1', status: 'finished', subject: refer('Patient/ann') }),
  minimal({ resourceType: 'Encounter', id: 'e2', status: 'planned', subject: refer('Patient/bob') }),
  minimal({
    resourceType: 'Observation',
    id: 'o1',
    code: { coding: [{ system: 'http://loinc.org', code: '1-8' }] },
    subject: refer('Patient/ann'),
    encounter: refer('Encounter/e1'),
    hasMember: [refer('Observation/o2')],
  }),
  minimal({
    resourceType: 'Observation',
    id: 'o2',
    code: { coding: [{ system: 'http://loinc.org', code: '2-9' }] },
    subject: refer('Patient/bob'),
    encounter: refer('Encounter/e2'),
  }),
  minimal({ resourceType: 'Observation', id: 'o3', code: { text: 'x' }, subject: refer('Location/room') }),
  minimal({ resourceType: 'Observation', id: 'o4', code: { text: 'x' }, subject: refer('Group/ann') }),
  minimal({ resourceType: 'Observation', id: 'o5', code: { text: 'x' }, subject: refer('Patient/none') }),
  minimal({
    resourceType: 'AuditEvent',
    id: 'audit',
    entity: [{ what: refer('Observation/o1') }],
    agent: [{ who: refer('Practitioner/doc') }],
  }),
  minimal({ resourceType: 'List', id: 'l1', entry: [{ item: refer('Patient/bob') }] }),
  minimal({
    resourceType: 'List',
    id: 'l2',
    entry: [{ item: refer('Patient/ann') }, { item: refer('Observation/o2') }],
  }),
];

export const chainCases: readonly Case[] = [
  ['a chain with a type', 'Observation', [['subject:Patient.family', 'ames']], ['o1']],
  [
    'a chain without one takes every type that has it',
    'Observation',
    [['subject.name', 'ames']],
    ['o1', 'o3'],
  ],
  ['an id is of its type', 'Observation', [['subject:Patient._id', 'ann']], ['o1']],
  ['what is not there meets nothing', 'Observation', [['subject:Patient._id', 'none']], []],
  ['through patient, which is a part of subject', 'Observation', [['patient.family', 'b']], ['o2']],
  ['two steps', 'Observation', [['subject:Patient.organization.name', 'elm']], ['o1']],
  ['three steps', 'Observation', [['patient.organization.partof.name', 'harbor']], ['o1']],
  ['a modifier at the end', 'Observation', [['patient.family:exact', 'Ames']], ['o1']],
  ['missing at the end', 'Observation', [['patient.organization:missing', 'true']], ['o2']],
  ['not at the end', 'Observation', [['encounter.status:not', 'finished']], ['o2']],
  ['alternatives at the end', 'Observation', [['patient.family', 'bell,ames']], ['o1', 'o2']],
  [
    'two chains, both',
    'Observation',
    [
      ['patient.family', 'a'],
      ['encounter.status', 'finished'],
    ],
    ['o1'],
  ],
  [
    'two chains, one not',
    'Observation',
    [
      ['patient.family', 'a'],
      ['encounter.status', 'planned'],
    ],
    [],
  ],
  ['through one of several', 'Patient', [['general-practitioner:Practitioner.family', 'ames']], ['ann']],
  ['to the same type', 'Patient', [['link.family', 'ames']], ['bob']],
  ['_has', 'Patient', [['_has:Observation:patient:code', '1-8']], ['ann']],
  ['_has of a type that refers as another', 'Group', [['_has:Observation:subject:code:text', 'x']], ['ann']],
  ['_has with alternatives', 'Patient', [['_has:Observation:patient:code', '1-8,2-9']], ['ann', 'bob']],
  [
    '_has in _has',
    'Patient',
    [['_has:Observation:patient:_has:AuditEvent:entity:agent', 'Practitioner/doc']],
    ['ann'],
  ],
  ['a chain in _has', 'Patient', [['_has:Observation:patient:encounter.status', 'planned']], ['bob']],
  ['_has in a chain', 'Encounter', [['subject:Patient._has:Observation:patient:code', '2-9']], ['e2']],
  ['_has with missing', 'Patient', [['_has:Observation:patient:has-member:missing', 'false']], ['ann']],
  ['_has through the same type', 'Observation', [['_has:Observation:has-member:code', '1-8']], ['o2']],
  [
    '_has twice',
    'Patient',
    [
      ['_has:Observation:patient:code', '1-8'],
      ['_has:Encounter:patient:status', 'planned'],
    ],
    [],
  ],
  [
    '_has beside a plain one',
    'Patient',
    [
      ['family', 'a'],
      ['_has:Encounter:patient:status', 'finished'],
    ],
    ['ann'],
  ],
  ['_list', 'Patient', [['_list', 'l1']], ['bob']],
  ['_list of either', 'Patient', [['_list', 'l1,l2']], ['ann', 'bob']],
  ['_list of another type', 'Observation', [['_list', 'l2']], ['o2']],
  [
    'sorted by what is found through a chain',
    'Observation',
    [
      ['patient.family', 'a,b'],
      ['_sort', '-code'],
    ],
    ['o2', 'o1'],
  ],
];

export function chainContract(store: Subject): void {
  caseTable('chains, _has and _list', store, chainChart, chainCases);

  describe('what a chain finds follows what it goes through', () => {
    const found = async (type: ResourceType, name: string, value: string): Promise<string[]> =>
      (await store().search(parsePairs(type, [[name, value]]))).matches.map(({ id }) => id);

    test('a change and a deletion in the middle', async () => {
      await put(store(), ...chainChart);
      await put(store(), minimal({ resourceType: 'Organization', id: 'clinic', name: 'Oak Clinic' }));
      expect(await found('Observation', 'patient.organization.name', 'elm')).toEqual([]);
      expect(await found('Observation', 'patient.organization.name', 'oak')).toEqual(['o1']);
      await store().transaction((tx) => tx.delete('Observation', 'o1'));
      expect(await found('Patient', '_has:Observation:patient:code', '1-8')).toEqual([]);
      await store().transaction((tx) => tx.delete('Patient', 'bob'));
      expect(await found('Observation', 'patient.family', 'bell')).toEqual([]);
    });

    test('pages of a chain repeat and miss nothing', async () => {
      await put(store(), ...chainChart);
      const many = Array.from({ length: 25 }, (_, i) =>
        minimal({
          resourceType: 'Encounter',
          id: `many${i}`,
          status: 'finished',
          subject: refer('Patient/bob'),
        }),
      );
      await put(store(), ...many);
      const ids: string[] = [];
      const query = parsePairs('Encounter', [
        ['subject:Patient.family', 'bell'],
        ['_count', '7'],
      ]);
      for (let cursor: string | undefined; ;) {
        const page = await store().search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...page.matches.map(({ id }) => id));
        cursor = page.next;
        if (cursor === undefined) break;
      }
      expect(ids).toEqual(['e2', ...many.map(({ id }) => id)]);
    });
  });

  describe('includes', () => {
    const included = async (type: ResourceType, ...pairs: [string, string][]): Promise<string[]> => {
      const { included: all } = await store().search(parsePairs(type, pairs));
      return all.map((one) => `${one.type}/${one.id}`).sort();
    };
    describe('reading', () => {
      store.keep((kept) => put(kept, ...chainChart));
      test.each<[string, ResourceType, [string, string][], string[]]>([
        [
          'every reference',
          'Observation',
          [
            ['_id', 'o1'],
            ['_include', '*'],
          ],
          ['Encounter/e1', 'Observation/o2', 'Patient/ann'],
        ],
        [
          'every reference of a type',
          'Observation',
          [
            ['_id', 'o1'],
            ['_include', 'Observation:*'],
          ],
          ['Encounter/e1', 'Observation/o2', 'Patient/ann'],
        ],
        [
          'every reference to a type',
          'Observation',
          [
            ['_id', 'o1'],
            ['_include', 'Observation:*:Patient'],
          ],
          ['Patient/ann'],
        ],
        [
          'once only without iterate',
          'Observation',
          [
            ['_id', 'o1'],
            ['_include', 'Observation:patient'],
            ['_include', 'Observation:encounter'],
          ],
          ['Encounter/e1', 'Patient/ann'],
        ],
        [
          'from what was included',
          'Observation',
          [
            ['_id', 'o1'],
            ['_include', 'Observation:patient'],
            ['_include:iterate', 'Patient:organization'],
          ],
          ['Organization/clinic', 'Patient/ann'],
        ],
        [
          'on and on',
          'Observation',
          [
            ['_id', 'o1'],
            ['_include', 'Observation:patient'],
            ['_include:iterate', 'Patient:organization'],
            ['_include:iterate', 'Organization:partof'],
          ],
          ['Organization/clinic', 'Organization/group', 'Patient/ann'],
        ],
        [
          'from matches too',
          'Patient',
          [
            ['_id', 'ann'],
            ['_include:iterate', 'Patient:organization'],
          ],
          ['Organization/clinic'],
        ],
        [
          'a reference to the same type, again and again',
          'Organization',
          [
            ['_id', 'clinic'],
            ['_include:iterate', 'Organization:partof'],
          ],
          ['Organization/group'],
        ],
        [
          'whoever refers',
          'Encounter',
          [
            ['_id', 'e1'],
            ['_revinclude', 'Observation:encounter'],
          ],
          ['Observation/o1'],
        ],
        [
          'whoever refers, by whatever',
          'Patient',
          [
            ['_id', 'bob'],
            ['_revinclude', 'Observation:*'],
          ],
          ['Observation/o2'],
        ],
        [
          'whoever refers, of whatever type',
          'Patient',
          [
            ['_id', 'bob'],
            ['_revinclude', '*'],
          ],
          ['Encounter/e2', 'List/l1', 'Observation/o2'],
        ],
        [
          'whoever refers to what was included',
          'Patient',
          [
            ['_id', 'ann'],
            ['_revinclude', 'Observation:patient'],
            ['_revinclude:iterate', 'AuditEvent:entity'],
          ],
          ['AuditEvent/audit', 'Observation/o1'],
        ],
        [
          'there and back',
          'Organization',
          [
            ['_id', 'clinic'],
            ['_revinclude', 'Patient:organization'],
            ['_revinclude:iterate', 'Observation:patient'],
            ['_include:iterate', 'Observation:encounter'],
          ],
          ['Encounter/e1', 'Observation/o1', 'Patient/ann'],
        ],
      ])('%s: %s %j', async (_, type, pairs, expected) => {
        expect(await included(type, ...pairs)).toEqual(expected);
      });
    });

    test('a circle ends', async () => {
      await put(
        store(),
        minimal({ resourceType: 'Organization', id: 'c1', partOf: refer('Organization/c2') }),
        minimal({ resourceType: 'Organization', id: 'c2', partOf: refer('Organization/c1') }),
      );
      expect(
        await included('Organization', ['_id', 'c1'], ['_include:iterate', 'Organization:partof']),
      ).toEqual(['Organization/c2']);
    });
  });
}
