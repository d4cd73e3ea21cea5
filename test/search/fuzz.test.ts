import { expect, test } from '@jest/globals';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { extract } from '../../src/search/extract.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { matcherOf } from '../../src/search/residualFilter.ts';
import { toParameters } from '../../src/search/toParameters.ts';
import { evaluate } from './evaluate.ts';

const pieces = fc.constantFrom(
  ...[
    'subject',
    'patient',
    'code',
    'name',
    'date',
    'value-quantity',
    'code-value-quantity',
    '_has',
    '_list',
    '_filter',
  ],
  ...[
    '_text',
    '_content',
    '_id',
    '_lastUpdated',
    '_sort',
    '_count',
    '_include',
    '_revinclude',
    'iterate',
    'missing',
  ],
  ...[
    'not',
    'in',
    'text',
    'of-type',
    'exact',
    'Patient',
    'Observation',
    'Group',
    ':',
    '.',
    ',',
    '|',
    '$',
    '\\',
    '*',
    '-',
  ],
  ...[
    '(',
    ')',
    '[',
    ']',
    '"',
    ' ',
    'eq',
    'ne',
    'gt',
    'ap',
    'co',
    'pr',
    'and',
    'or',
    'true',
    '1',
    '1e9',
    '2024-02',
    'x',
  ],
  ...['http://unitsofmeasure.org', 'mg', 'ä', '\u0000', '\ud800', '😀', 'constructor', '__proto__'],
);
const text = fc.oneof(
  fc.array(pieces, { maxLength: 9 }).map((all) => all.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
/** Names and values that are often right, so that much is understood. */
const likely = fc.tuple(
  fc.constantFrom(
    ...[
      'subject',
      'patient',
      'code',
      'date',
      'value-quantity',
      'code-value-quantity',
      'name',
      '_id',
      '_text',
      '_filter',
    ],
    ...[
      'subject.name',
      'target.code',
      'subject:Patient.birthdate',
      '_has:Observation:subject:code',
      '_list',
      'item',
    ],
    ...[
      'code:text',
      'code:not',
      'subject:missing',
      'identifier:of-type',
      'birthdate',
      '_include',
      '_sort',
      '_tag',
    ],
  ),
  fc.oneof(
    fc.constantFrom(
      ...[
        '1',
        'x',
        'a|b',
        'a|b|c',
        'x$5',
        'ap2024',
        'ge2024-02',
        '5.4|http://unitsofmeasure.org|mg',
        'Patient/1',
        '*',
      ],
      ...['true', 'code eq x', 'name co "x" or birthdate gt 1980', '-date', '"a b" c*', 'x,y'],
    ),
    text,
  ),
);
/** What every type understands, so that the answering is tried often too. */
const right = fc.constantFrom<[string, string][]>(
  ['_id', 'a,b'],
  ['_tag', 'a|b'],
  ['_tag:not', 'x'],
  ['_lastUpdated', 'ge2024-02'],
  ['_text', '"a b" c*'],
  ['_filter', '_id eq x or not (_tag eq y)'],
  ['_sort', '-_lastUpdated'],
  ['_has:Provenance:target:recorded', 'lt2024'],
  ['_security:missing', 'true'],
);
const types = fc.constantFrom<ResourceType>('Patient', 'Observation', 'List', 'Provenance');

const one = { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' } } as const;

test('whatever is asked is understood or refused with 400, and what is understood can be answered', () => {
  let understood = 0;
  fc.assert(
    fc.property(
      types,
      fc.array(
        fc.oneof(
          { weight: 1, arbitrary: fc.tuple(text, text) },
          { weight: 2, arbitrary: likely },
          { weight: 2, arbitrary: right },
        ),
        { minLength: 1, maxLength: 3 },
      ),
      (type, pairs) => {
        try {
          const { filters } = parsePairs(type, pairs, { now: 0 });
          for (const criterion of filters) {
            if (isOfSets(criterion)) continue;
            expect(typeof evaluate(criterion, one, [one])).toBe('boolean');
          }
          understood++;
        } catch (error) {
          expect(error).toBeInstanceOf(FhirError);
          expect((error as FhirError).status).toBe(400);
        }
      },
    ),
    { numRuns: 1000 },
  );

  expect(understood).toBeGreaterThan(50);
});

/** `in`, `above` and their like are replaced before a query is answered. */
const isOfSets = (criterion: unknown): boolean =>
  /"modifier":"(?:not-)?(?:in|above|below)"/.test(JSON.stringify(criterion));

test('whatever a resource holds is indexed or left out, never a fault', () => {
  const anything = fc.object({
    key: fc.constantFrom(
      'code',
      'coding',
      'value',
      'valueQuantity',
      'system',
      'subject',
      'reference',
      'component',
      'x',
    ),
    values: [fc.string(), fc.constantFrom<unknown>('2024', 'Patient/1', '#c', 'mg', 1e300, -1, null, true)],
    maxDepth: 5,
  });
  const composite = matcherOf(
    parsePairs('Observation', [['code-value-quantity', 'x$5']]).filters[0] as Parameters<typeof matcherOf>[0],
  );
  fc.assert(
    fc.property(anything, (parts) => {
      const resource = { resourceType: 'Observation', ...parts } as unknown as Resource;
      expect(Array.isArray(extract(resource))).toBe(true);
      expect(typeof composite(resource)).toBe('boolean');
    }),
    { numRuns: 1000 },
  );
});

test('whatever a SearchParameter says is served or has its fault', () => {
  const expression = fc
    .array(
      fc.constantFrom(
        ...[
          'Patient',
          '.',
          'name',
          'given',
          '(',
          ')',
          ' | ',
          'where',
          "'x'",
          '=',
          ' as ',
          'string',
          'extension',
          '[0]',
        ],
        ...['resolve()', ' is ', ' and ', '%resource', 'exists()', '%x', '1', '\\', "'"],
      ),
      { maxLength: 10 },
    )
    .map((all) => all.join(''));
  fc.assert(
    fc.property(
      expression,
      fc.constantFrom('token', 'string', 'date', 'composite', 'special'),
      (path, type) => {
        const { parameters, faults } = toParameters({
          resourceType: 'SearchParameter',
          url: 'http://x',
          name: 'X',
          status: 'active',
          description: 'x',
          code: 'own',
          base: ['Patient'],
          type,
          expression: path,
        });
        expect(parameters.length === 1).toBe(faults.length === 0);
      },
    ),
    { numRuns: 2000 },
  );
});
