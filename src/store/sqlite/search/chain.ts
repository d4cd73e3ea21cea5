import type { ResourceType } from '@medplum/fhirtypes';
import type { Chain, Has } from '../../../search/query.ts';
import type { Compiling } from './compiling.ts';
import { depthOf, either, never, type Condition, type Hint } from './condition.ts';
import { namedByCanonical, namingByCanonical, type Way } from './canonical.ts';
import { glued, join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { placesOf, type Place } from './place.ts';
import { abouts, fewLeft, found } from './found.ts';
import { plan, sizeOf, type Plan } from './plan.ts';

/** Deepest nesting of chain tests; a deeper chain is looked up as a list of rows. */
const deepest = 6;

/** Compiles the criteria of what is at the other end. */
type Inner = (type: ResourceType, criteria: Chain['targets'][number]['filters']) => readonly Condition[];

/** The other end of a reference: its plan, and how its rids become candidates. */
interface End extends Way {
  readonly spread?: Condition['spread'];
  readonly inside: Plan;
  readonly isWide: boolean; // the other end has many rows
  readonly size: number; // what the other end is at most
  readonly hint?: Hint;
}

/**
 * A condition at the other end of a reference. The rows that it finds are found from the other end where that is a
 * few; a candidate is tested by itself, or looked up in those rows where they are fewer than the candidates.
 */
function condition({ state }: Compiling, end: End): Condition {
  if (end.inside.isNever) return never;
  const depth = depthOf(end.inside.all);
  const isDeep = depth > deepest;
  const made: Condition = {
    accessPaths: [end.accessPath],
    depth: isDeep ? 0 : depth + 1,
    ...(end.isWide ? { wide: end.size } : {}),
    ...(end.hint ? { hint: end.hint } : {}),
    ...(end.spread ? { spread: end.spread } : {}),
    cost: 2,
    test: (at, candidates) => {
      const isFew = end.isWide || candidates <= fewLeft; // looking up the other end is no gain
      const isSet = isDeep || (!isFew && sizeOf(state, made) < Math.min(state.few, candidates * 4));
      if (!isSet) return end.exists(at);
      const { from, where } = end.accessPath;
      return glued(
        [sqlFragment(`${at} IN (SELECT d.rid FROM`), from, sqlFragment('WHERE'), where, sqlFragment(')')],
        ' ',
      );
    },
  };
  return made;
}

/** It refers to a current resource that meets the criteria. See https://hl7.org/fhir/R4/search.html#chaining */
export function chain(compiling: Compiling, { parameter, targets }: Chain, inner: Inner): Condition {
  const { names } = compiling.state;
  return either(
    targets.flatMap(({ type, filters }) => {
      const conditions = inner(type, filters);
      const literal = placesOf(names, parameter)
        .filter(({ target }) => target === undefined || target === type)
        .map((place) =>
          condition(compiling, toTarget(compiling, { place, from: parameter.type, type, conditions })),
        );
      const link = compiling.state.registry.canonicalLink(parameter, type);
      if (!link) return literal;
      const end = endOf(compiling, type, conditions);
      return [
        ...literal,
        condition(compiling, { ...end, ...namingByCanonical(compiling, link, end.inside) }),
      ];
    }),
  );
}

function endOf(
  { state }: Compiling,
  type: ResourceType,
  conditions: readonly Condition[],
): Pick<End, 'inside' | 'isWide' | 'size'> {
  const narrow = plan(state, type, conditions, 'page');
  const isWide = narrow.size >= state.few;
  return {
    inside: isWide ? plan(state, type, conditions, 'count') : narrow,
    isWide,
    size: isWide ? state.tally.of(type) : narrow.size,
  };
}

interface Target {
  readonly place: Place;
  readonly from: ResourceType; // of the candidates
  readonly type: ResourceType;
  readonly conditions: readonly Condition[];
}

/** Where candidates belong to a few patients, those are looked up once and compared with the signatures of rows. */
function ofPatients(
  { state }: Compiling,
  { from, type, conditions }: Target,
  { isWide, inside }: Pick<End, 'isWide' | 'inside'>,
): Pick<End, 'hint' | 'spread'> {
  if (type !== 'Patient' || from === type || isWide || inside.isNever || depthOf(conditions) > 0) return {};
  if (
    state.names.signatureBackfill.of(type) !== undefined ||
    !inside.accessPaths.every(({ hasSignature }) => hasSignature)
  )
    return {};
  const { sql, values } = abouts(inside);
  return {
    hint: { where: sqlFragment(`(d.about IS NULL OR d.about IN (${sql}))`, ...values), asks: false },
    spread: { of: inside.size, each: state.tally.of(type) / Math.max(1, inside.size) },
  };
}

function toTarget(compiling: Compiling, to: Target): End {
  const { type, conditions } = to;
  const { no } = to.place;
  const typeNo = compiling.state.names.type(type);
  const end = endOf(compiling, type, conditions);
  const [reference, named, target] = [compiling.alias(), compiling.alias(), compiling.alias()];
  const from = glued(
    [
      sqlFragment('('),
      end.inside.isNever ? sqlFragment('SELECT 0 AS rid') : found(end.inside, 'DISTINCT d.rid AS rid'),
      sqlFragment(`) ${reference} CROSS JOIN resource ${target} ON ${target}.rid = ${reference}.rid`),
      sqlFragment(`CROSS JOIN target ${named} ON ${named}.type = ? AND ${named}.id = ${target}.id`, typeNo),
      sqlFragment(`CROSS JOIN reference d ON d.target = ${named}.no AND d.parameter = ?`, no),
    ],
    ' ',
  );
  return {
    ...end,
    ...ofPatients(compiling, to, end),
    accessPath: { from, where: sqlFragment(`${target}.method < 2`), ordered: false, hasSignature: true },
    exists: (at) => {
      const tests = end.inside.all.map((c) => c.test(`${target}.rid`, 1));
      const met = join([sqlFragment(`${target}.method < 2`), ...tests], ' AND ', '1');
      return glued(
        [
          sqlFragment(
            `EXISTS (SELECT 1 FROM reference ${reference} INDEXED BY reference_rid ` +
              `CROSS JOIN target ${named} ON ${named}.no = ${reference}.target ` +
              `CROSS JOIN resource ${target} ON ${target}.type = ${named}.type AND ${target}.id = ${named}.id ` +
              `WHERE ${reference}.rid = ${at} AND ${reference}.parameter = ? AND ${named}.type = ? AND`,
            ...[no, typeNo],
          ),
          met,
          sqlFragment(')'),
        ],
        ' ',
      );
    },
  };
}

/** A current resource that meets the criteria refers to it. See https://hl7.org/fhir/R4/search.html#has */
export function has(
  compiling: Compiling,
  { source, parameter, filters }: Has,
  { type, inner }: { readonly type: ResourceType; readonly inner: Inner },
): Condition {
  const { names } = compiling.state;
  const conditions = inner(source, filters);
  const literal = placesOf(names, parameter)
    .filter(({ target }) => target === undefined || target === type)
    .map((place) => condition(compiling, fromSource(compiling, { place, type, from: source, conditions })));
  const link = compiling.state.registry.canonicalLink(parameter, type);
  if (!link) return either(literal);
  const end = endOf(compiling, source, conditions);
  return either([
    ...literal,
    condition(compiling, { ...end, ...namedByCanonical(compiling, link, end.inside) }),
  ]);
}

interface Source {
  readonly place: Place;
  readonly type: ResourceType; // of the candidates
  readonly from: ResourceType;
  readonly conditions: readonly Condition[];
}

function fromSource(
  compiling: Compiling,
  { place: { no }, type, from: sourceType, conditions }: Source,
): End {
  const typeNo = compiling.state.names.type(type);
  const end = endOf(compiling, sourceType, conditions);
  const [source, reference, named] = [compiling.alias(), compiling.alias(), compiling.alias()];
  const from = glued(
    [
      sqlFragment('('),
      end.inside.isNever ? sqlFragment('SELECT 0 AS rid') : found(end.inside, 'DISTINCT d.rid AS rid'),
      sqlFragment(`) ${source} CROSS JOIN reference ${reference} INDEXED BY reference_rid`),
      sqlFragment(`ON ${reference}.rid = ${source}.rid AND ${reference}.parameter = ?`, no),
      sqlFragment(
        `CROSS JOIN target ${named} ON ${named}.no = ${reference}.target AND ${named}.type = ?`,
        typeNo,
      ),
      sqlFragment(`CROSS JOIN resource d ON d.type = ${named}.type AND d.id = ${named}.id`),
    ],
    ' ',
  );
  const ofAbout = (): SqlFragment => {
    const tests = end.inside.all.map((c) => c.test(`${reference}.rid`, 1));
    const who = `d.about IS NULL OR EXISTS (SELECT 1 FROM reference ${reference}`;
    const where = `WHERE ${reference}.target = d.about AND ${reference}.parameter = ? AND`;
    const { sql, values } = join(tests, ' AND ', '1');
    return sqlFragment(`(${who} ${where} ${sql}))`, no, ...values);
  };
  return {
    ...end,
    ...(type === 'Patient' && depthOf(conditions) === 0 ? { hint: { where: ofAbout(), asks: true } } : {}),
    accessPath: { from, where: sqlFragment('d.method < 2'), ordered: false },
    exists: (at) => {
      const tests = end.inside.all.map((c) => c.test(`${reference}.rid`, 1));
      return glued(
        [
          sqlFragment(
            `EXISTS (SELECT 1 FROM resource ${source} ` +
              `CROSS JOIN target ${named} ON ${named}.type = ? AND ${named}.id = ${source}.id ` +
              `CROSS JOIN reference ${reference} ` +
              `ON ${reference}.target = ${named}.no AND ${reference}.parameter = ? WHERE ${source}.rid = ${at} AND`,
            ...[typeNo, no],
          ),
          join(tests, ' AND ', '1'),
          sqlFragment(')'),
        ],
        ' ',
      );
    },
  };
}
