import type { Observation, Organization, Patient, Quantity, ResourceType } from '@medplum/fhirtypes';
import fc from 'fast-check';

/**
 * Generated resources that refer to each other, and criteria across them, each with a naive reading of what it asks:
 * written apart from src/search.
 */
export type Node = (Organization | Patient | Observation) & { id: string };
export type World = readonly Node[];
type Kind = Node['resourceType'];

export interface Asked {
  readonly name: string;
  readonly value: string;
  readonly holds: (node: Node, world: World) => boolean;
  /** The same as a test of _filter, where it can be one. */
  readonly filter?: string;
}

const among = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const clean = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T;
const refer = (type: Kind, ids: readonly string[]): fc.Arbitrary<{ reference: string }> =>
  among(...ids).map((id) => ({ reference: `${type}/${id}` }));

const organizationIds = ['o0', 'o1', 'o2', 'gone'];
const patientIds = ['p0', 'p1', 'p2', 'gone'];
const ucum = 'http://unitsofmeasure.org';
const units = ['ug', 'mg', 'g', 'kg'] as const;

const quantity: fc.Arbitrary<Quantity> = fc.oneof(
  fc.record({
    value: among(0.5, 1, 1.5, 5, 500, 1000, 1500),
    system: fc.constant(ucum),
    code: among<string>(...units, 'mmol/L', 'nonsense'),
  }),
  fc.record({ value: among(1, 5), unit: among('mg', 'box') }),
);
const code = among('a', 'b').map((c) => ({ coding: [{ system: 'http://s', code: c }] }));

const organization = fc.record({
  name: maybe(among('Ash', 'ashes', 'Birch')),
  partOf: maybe(refer('Organization', organizationIds)),
});
const patient = fc.record({
  gender: maybe(among('male', 'female')),
  name: maybe(among('Ann', 'Anna', 'Bo').map((family) => [{ family }])),
  managingOrganization: maybe(refer('Organization', organizationIds)),
});
const observation = fc.record({
  status: among('final', 'amended'),
  code,
  subject: maybe(refer('Patient', patientIds)),
  valueQuantity: maybe(quantity),
  component: maybe(
    fc.array(fc.record({ code, valueQuantity: maybe(quantity) }), { minLength: 1, maxLength: 2 }),
  ),
});

const numbered =
  (resourceType: Kind, letter: string) =>
  (all: readonly object[]): Node[] =>
    all.map((one, i) => clean<Node>({ resourceType, id: `${letter}${i}`, ...one }));

export const worlds: fc.Arbitrary<World> = fc
  .tuple(
    fc.array(organization, { minLength: 2, maxLength: 3 }).map(numbered('Organization', 'o')),
    fc.array(patient, { minLength: 2, maxLength: 3 }).map(numbered('Patient', 'p')),
    fc.array(observation, { minLength: 3, maxLength: 8 }).map(numbered('Observation', 'v')),
  )
  .map((parts) => parts.flat());

/** Where a reference parameter leads. */
const links: readonly { from: Kind; code: string; to: Kind; of: (node: Node) => string | undefined }[] = [
  {
    from: 'Organization',
    code: 'partof',
    to: 'Organization',
    of: (n) => (n as Organization).partOf?.reference,
  },
  {
    from: 'Patient',
    code: 'organization',
    to: 'Organization',
    of: (n) => (n as Patient).managingOrganization?.reference,
  },
  { from: 'Observation', code: 'patient', to: 'Patient', of: (n) => (n as Observation).subject?.reference },
  {
    from: 'Observation',
    code: 'subject:Patient',
    to: 'Patient',
    of: (n) => (n as Observation).subject?.reference,
  },
];
const refersTo = (node: Node, of: (node: Node) => string | undefined, to: Node): boolean =>
  of(node) === `${to.resourceType}/${to.id}`;

const startsWith = (found: string | undefined, text: string): boolean =>
  found?.toLowerCase().startsWith(text.toLowerCase()) === true;

const ofOrganization: fc.Arbitrary<Asked> = fc.oneof(
  among('as', 'ash', 'b').map((value) => ({
    name: 'name',
    value,
    filter: `name sw ${value}`,
    holds: (n: Node) => startsWith((n as Organization).name, value),
  })),
  among('ASH', 'birch').map((value) => ({
    name: '_filter',
    value: `name eq "${value}"`,
    filter: `name eq "${value}"`,
    holds: (n: Node) => (n as Organization).name?.toLowerCase() === value.toLowerCase(),
  })),
  among('true', 'false').map((value) => ({
    name: 'partof:missing',
    value,
    filter: `partof pr ${value === 'true' ? 'false' : 'true'}`,
    holds: (n: Node) => ((n as Organization).partOf === undefined) === (value === 'true'),
  })),
);

const genderOf = (n: Node): string | undefined => (n as Patient).gender;
const familyOf = (n: Node): string | undefined => (n as Patient).name?.[0]?.family;
const ofPatient: fc.Arbitrary<Asked> = fc.oneof(
  among('male', 'female').map((value) => ({
    name: 'gender',
    value,
    filter: `gender eq ${value}`,
    holds: (n: Node) => genderOf(n) === value,
  })),
  among('male', 'female').map((value) => ({
    name: 'gender:not',
    value,
    holds: (n: Node) => genderOf(n) !== value,
  })),
  among('male').map((value) => ({
    name: '_filter',
    value: `gender ne ${value}`,
    filter: `gender ne ${value}`,
    holds: (n: Node) => genderOf(n) !== undefined && genderOf(n) !== value,
  })),
  among('nn', 'o').map((value) => ({
    name: 'family:contains',
    value,
    filter: `family co ${value}`,
    holds: (n: Node) => familyOf(n)?.toLowerCase().includes(value) === true,
  })),
  among('na', 'NN').map((value) => ({
    name: '_filter',
    value: `family ew ${value}`,
    filter: `family ew ${value}`,
    holds: (n: Node) => familyOf(n)?.toLowerCase().endsWith(value.toLowerCase()) === true,
  })),
);

/** How many micrograms of ten are in a unit: whole numbers, so that nothing is rounded here. */
const scale: Readonly<Record<string, number>> = { ug: 10, mg: 1e4, g: 1e7, kg: 1e10 };

interface Amount {
  readonly prefix: string;
  readonly number: string;
  readonly unit: string; // '' none, 'box' as written, else of UCUM
}
const amounts: fc.Arbitrary<Amount> = fc.record({
  prefix: among('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'),
  number: among('1', '1.0', '1.5', '5', '500', '1000'),
  unit: among('', 'box', ...units, 'mmol/L', 'nonsense'),
});
const amountText = ({ prefix, number, unit }: Amount): string => {
  const suffix = unit === '' ? '' : unit === 'box' ? '||box' : `|${ucum}|${unit}`;
  return `${prefix}${number}${suffix}`;
};

function amountIs({ prefix, number, unit }: Amount, found: Quantity | undefined): boolean {
  if (found?.value === undefined) return false;
  if (unit === 'box' && found.unit !== 'box' && found.code !== 'box') return false;
  let [asked, has] = [1, 1];
  if (unit !== '' && unit !== 'box') {
    if (found.system !== ucum || found.code === undefined) return false;
    const [one, other] = [scale[unit], scale[found.code]];
    if (one === undefined || other === undefined) {
      if (unit !== found.code) return false;
    } else [asked, has] = [one, other];
  }
  const [value, is] = [Number(number) * asked, found.value * has];
  const half = (number.includes('.') ? 0.05 : 0.5) * asked;
  const inside = value - half <= is && is < value + half;
  const ways: Record<string, boolean> = {
    ne: !inside,
    gt: is > value,
    lt: is < value,
    ge: is >= value,
    le: is <= value,
    sa: is > value,
    eb: is < value,
    ap: Math.abs(is - value) <= Math.abs(value) * 0.1,
  };
  return ways[prefix] ?? inside;
}

const codeIs = (asked: string, concept: Observation['code']): boolean => concept.coding?.[0]?.code === asked;

interface Part {
  readonly code: Observation['code'];
  readonly valueQuantity?: Quantity;
}
const composites: Readonly<Record<string, (o: Observation) => readonly Part[]>> = {
  'code-value-quantity': (o) => [o],
  'component-code-value-quantity': (o) => o.component ?? [],
  'combo-code-value-quantity': (o) => [o, ...((o.component ?? []) as Part[])],
};

const ofObservation: fc.Arbitrary<Asked> = fc.oneof(
  among('a', 'b').map((value) => ({
    name: 'code',
    value,
    filter: `code eq ${value}`,
    holds: (n: Node) => codeIs(value, (n as Observation).code),
  })),
  amounts.map((amount) => ({
    name: 'value-quantity',
    value: amountText(amount),
    holds: (n: Node) => amountIs(amount, (n as Observation).valueQuantity),
  })),
  amounts.map((amount) => ({
    name: 'combo-value-quantity',
    value: amountText(amount),
    holds: (n: Node) =>
      [
        (n as Observation).valueQuantity,
        ...((n as Observation).component ?? []).map((c) => c.valueQuantity),
      ].some((q) => amountIs(amount, q)),
  })),
  fc.tuple(among(...Object.keys(composites)), among('a', 'b'), amounts).map(([name, asked, amount]) => ({
    name,
    value: `http://s|${asked}$${amountText(amount)}`,
    holds: (n: Node) =>
      (composites[name]?.(n as Observation) ?? []).some(
        (part) => codeIs(asked, part.code) && amountIs(amount, part.valueQuantity),
      ),
  })),
);

const own: Readonly<Record<Kind, fc.Arbitrary<Asked>>> = {
  Organization: ofOrganization,
  Patient: ofPatient,
  Observation: ofObservation,
};

/** A criterion of a type, with chains and _has up to a depth; _filter is not inside of them. */
function asked(type: Kind, depth: number, inside: boolean): fc.Arbitrary<Asked> {
  const plain = inside ? own[type].filter(({ name }) => name !== '_filter') : own[type];
  if (depth === 0) return plain;
  const chains = links
    .filter(({ from }) => from === type)
    .map(({ code: link, to, of }) =>
      asked(to, depth - 1, true).map((next): Asked => ({
        name: `${link}.${next.name}`,
        value: next.value,
        ...(next.filter === undefined || link.includes(':') ? {} : { filter: `${link}.${next.filter}` }),
        holds: (n, world) => world.some((other) => refersTo(n, of, other) && next.holds(other, world)),
      })),
    );
  const reverse = links
    .filter(({ to, code: link }) => to === type && !link.includes(':'))
    .map(({ from, code: link, of }) =>
      asked(from, depth - 1, true).map((next): Asked => ({
        name: `_has:${from}:${link}:${next.name}`,
        value: next.value,
        holds: (n, world) =>
          world.some(
            (other) => other.resourceType === from && refersTo(other, of, n) && next.holds(other, world),
          ),
      })),
    );
  return fc.oneof(plain, ...chains, ...reverse);
}

/** Several of them in one _filter, from left to right. */
const filters = (type: Kind): fc.Arbitrary<Asked> =>
  fc
    .array(fc.tuple(among('and', 'or'), fc.boolean(), asked(type, 1, false)), { minLength: 2, maxLength: 4 })
    .map((all) => all.filter(([, , one]) => one.filter !== undefined))
    .filter((all) => all.length > 1)
    .map((all) => {
      const text = all.map(([word, not, one], i) => {
        const test = not ? `not (${one.filter ?? ''})` : (one.filter ?? '');
        return i === 0 ? test : `${word} ${test}`;
      });
      const holds: Asked['holds'] = (n, world) =>
        all.reduce((so, [word, not, one], i) => {
          const is = one.holds(n, world) !== not;
          return i === 0 ? is : word === 'and' ? so && is : so || is;
        }, false);
      return { name: '_filter', value: text.join(' '), holds };
    });

export interface Search {
  readonly type: ResourceType;
  readonly criteria: readonly Asked[];
}
const of = (type: Kind): fc.Arbitrary<Search> =>
  fc
    .array(type === 'Observation' ? asked(type, 3, false) : fc.oneof(asked(type, 3, false), filters(type)), {
      minLength: 1,
      maxLength: 2,
    })
    .map((criteria) => ({ type, criteria }));
export const searches: fc.Arbitrary<Search> = fc.oneof(of('Organization'), of('Patient'), of('Observation'));
