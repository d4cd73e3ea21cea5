import type { Observation, Patient, ResourceType, RiskAssessment } from '@medplum/fhirtypes';
import fc from 'fast-check';

/** Generated resources of few values, so that criteria often hit. */
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const among = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const coding = fc.record({ system: maybe(among('http://a', 'http://b')), code: among('x', 'X', 'y', 'z,1') });
const moments = [
  '2024',
  '2024-02',
  '2024-02-28',
  '2024-02-29',
  '2024-03-01',
  '2023-12-31T23:59:59Z',
  '2024-02-29T23:30:00-01:00',
  '2024-02-28T10:00:00.250Z',
];
const period = fc.record({
  start: maybe(among(...moments)),
  end: maybe(among('2024-03', '2024-03-02', '2025')),
});
const quantity = fc.record({
  value: among(1, 1.5, 2, 99.5, 100, 100.4, -3),
  comparator: maybe(among('<', '>=')),
  unit: maybe(among('mg', 'milligram')),
  system: maybe(among('http://unitsofmeasure.org')),
  code: maybe(among('mg', 'kg')),
});
const reference = fc.record({
  reference: maybe(
    among(
      'Patient/1',
      'Patient/2',
      'Group/1',
      'http://other/fhir/Patient/1',
      'https://here/fhir/Patient/2',
      'Patient/1/_history/4',
    ),
  ),
  identifier: maybe(fc.record({ system: maybe(among('http://a')), value: among('x', 'y') })),
});

/** Leaves out what is undefined, as JSON does. */
const clean = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T;

export const observations: fc.Arbitrary<Observation> = fc
  .record({
    resourceType: fc.constant('Observation'),
    status: among('final', 'amended'),
    code: fc.record({ coding: maybe(fc.array(coding, { maxLength: 2 })) }),
    subject: maybe(reference),
    effectiveDateTime: maybe(among(...moments)),
    effectivePeriod: fc.constant(undefined),
    valueQuantity: maybe(quantity),
    component: maybe(
      fc.array(fc.record({ code: fc.record({ coding: fc.array(coding, { maxLength: 1 }) }) }), {
        maxLength: 2,
      }),
    ),
  })
  .chain((o) =>
    maybe(period).map((p) =>
      clean<Observation>(o.effectiveDateTime === undefined ? { ...o, effectivePeriod: p } : o),
    ),
  );

const names = [
  'Ann',
  'ann',
  'ÄNN',
  'An-na',
  'Bo',
  'ß',
  'O\u2019Neil',
  "o'neil",
  'de la Cruz',
  'De  La\tCruz',
];
export const patients: fc.Arbitrary<Patient> = fc
  .record({
    resourceType: fc.constant('Patient'),
    name: maybe(
      fc.array(
        fc.record({
          family: maybe(among(...names)),
          given: maybe(fc.array(among(...names), { maxLength: 2 })),
        }),
        { maxLength: 2 },
      ),
    ),
    identifier: maybe(
      fc.array(fc.record({ system: maybe(among('http://a', 'http://b')), value: among('x', 'y') }), {
        maxLength: 2,
      }),
    ),
    active: maybe(fc.boolean()),
  })
  .map((p) => clean<Patient>(p));

export const riskAssessments: fc.Arbitrary<RiskAssessment> = fc
  .record({
    resourceType: fc.constant('RiskAssessment'),
    status: fc.constant('final'),
    prediction: maybe(
      fc.array(fc.record({ probabilityDecimal: maybe(among(0.1, 0.25, 0.5, 99.5, 100, 100.4)) }), {
        maxLength: 2,
      }),
    ),
  })
  .map((r) => clean<RiskAssessment>(r));

const prefixed = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(among('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'), values)
    .map(([prefix, value]) => prefix + value);
const several = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(values, { minLength: 1, maxLength: 2 }).map((list) => list.join(','));

const tokens = several(
  among('x', 'y', 'X', 'z\\,1', 'http://a|x', 'http://b|y', '|x', 'http://a|', 'http://c|x', 'http://c|'),
);
const dates = several(prefixed(among(...moments, '2024-02-29T10:00Z', '2024-03', '2025')));
const references = several(
  among(
    'Patient/1',
    '1',
    'Patient/2',
    'Group/1',
    'http://other/fhir/Patient/1',
    'https://here/fhir/Patient/2',
    'Patient/9',
  ),
);
const numbers = several(prefixed(among('1', '1.5', '100', '100.0', '1e2', '0.25', '0.3', '99.5', '-3')));
const quantities = several(
  fc
    .tuple(
      prefixed(among('1', '1.5', '2.0', '100', '-3', '99.5')),
      among('', '||mg', '|http://unitsofmeasure.org|mg', '||milligram', '||kg'),
    )
    .map((pair) => pair.join('')),
);
const strings = several(
  among('an', 'ann', 'ANN', 'Änn', 'b', 'o', 'o’n', 'ONEIL', "o'n", 'de la', 'dela c', 'nn a', 'ss', 'x'),
);

type Pair = readonly [string, string];
const named = (name: string, values: fc.Arbitrary<string>): fc.Arbitrary<Pair> =>
  values.map((value) => [name, value] as const);
const missing = (...names: string[]): fc.Arbitrary<Pair> =>
  fc
    .tuple(among(...names), among('true', 'false'))
    .map(([name, value]) => [`${name}:missing`, value] as const);

const ofObservation = fc.oneof(
  named('code', tokens),
  named('code:not', tokens),
  named('combo-code', tokens),
  named(
    'status',
    among(
      'final',
      'amended',
      'final,amended',
      'http://a|final',
      'http://hl7.org/fhir/observation-status|final',
    ),
  ),
  named('date', dates),
  named('subject', references),
  named('patient', references),
  named('subject:identifier', among('x', 'http://a|x', '|y')),
  named('value-quantity', quantities),
  missing('code', 'date', 'subject', 'value-quantity', 'combo-code'),
);
const ofPatient = fc.oneof(
  named('family', strings),
  named('name', strings),
  named('family:exact', among('Ann', 'ann', 'ÄNN', 'An')),
  named('given:contains', among('n', 'la', 'NN')),
  named('identifier', tokens),
  named('active', among('true', 'false')),
  named('active:not', among('true', 'false')),
  missing('name', 'identifier', 'active', 'family'),
);
const ofRisk = fc.oneof(named('probability', numbers), missing('probability'));

const from = (
  type: ResourceType,
  pairs: fc.Arbitrary<Pair>,
  maxLength: number,
): fc.Arbitrary<{ type: ResourceType; pairs: Pair[] }> =>
  fc.array(pairs, { minLength: 1, maxLength }).map((list) => ({ type, pairs: list }));

/** A search: a type and one to three criteria. */
export const criteria = fc.oneof(
  from('Observation', ofObservation, 3),
  from('Patient', ofPatient, 3),
  from('RiskAssessment', ofRisk, 2),
);
