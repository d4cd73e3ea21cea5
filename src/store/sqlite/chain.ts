import type { ResourceType } from '@medplum/fhirtypes';
import type { Chain, Has } from '../../search/query.ts';
import type { Compiling } from './compile.ts';
import { depthOf, either, never, type Condition, type Drive } from './condition.ts';
import { glued, join, piece, type Piece } from './piece.ts';
import { placesOf, type Place } from './place.ts';
import { found, plan, sizeOf, type Plan } from './plan.ts';

/** Links that are tested one inside the other; what goes on beyond is looked up in the rows that it finds. */
const deepest = 6;

/** Compiles the criteria of what is at the other end. */
type Inner = (type: ResourceType, criteria: Chain['targets'][number]['filters']) => readonly Condition[];

/** What a reference leads to, or comes from: the plan of the other end, and how its rids become candidates. */
interface End {
  readonly inside: Plan;
  readonly isWide: boolean; // the other end is not a few
  readonly size: number; // what the other end is at most
  readonly drive: Drive;
  readonly exists: (at: string) => Piece;
}

/**
 * A condition at the other end of a reference. The rows that it finds are found from the other end where that is a
 * few; a candidate is tested by itself, or looked up in those rows where they are fewer than the candidates.
 */
function condition({ shared }: Compiling, end: End): Condition {
  if (end.inside.isNever) return never;
  const depth = depthOf(end.inside.all);
  const isDeep = depth > deepest;
  const made: Condition = {
    drives: [end.drive],
    depth: isDeep ? 0 : depth + 1,
    ...(end.isWide ? { wide: end.size } : {}),
    cost: 2,
    test: (at, candidates) => {
      const isSet = isDeep || (!end.isWide && sizeOf(shared, made) < Math.min(shared.few, candidates * 4));
      if (!isSet) return end.exists(at);
      const { from, where } = end.drive;
      return glued([piece(`${at} IN (SELECT d.rid FROM`), from, piece('WHERE'), where, piece(')')], ' ');
    },
  };
  return made;
}

/** It refers to a current resource that meets the criteria. See https://hl7.org/fhir/R4/search.html#chaining */
export function chain(compiling: Compiling, { parameter, targets }: Chain, inner: Inner): Condition {
  const { names } = compiling.shared;
  return either(
    targets.flatMap(({ type, filters }) => {
      const conditions = inner(type, filters);
      return placesOf(names, parameter)
        .filter(({ target }) => target === undefined || target === type)
        .map((place) => condition(compiling, toTarget(compiling, place, type, conditions)));
    }),
  );
}

function endOf(
  { shared }: Compiling,
  type: ResourceType,
  conditions: readonly Condition[],
): Pick<End, 'inside' | 'isWide' | 'size'> {
  const narrow = plan(shared, type, conditions, 'page');
  const isWide = narrow.size >= shared.few;
  return {
    inside: isWide ? plan(shared, type, conditions, 'count') : narrow,
    isWide,
    size: isWide ? shared.tally.of(type) : narrow.size,
  };
}

function toTarget(
  compiling: Compiling,
  { no }: Place,
  type: ResourceType,
  conditions: readonly Condition[],
): End {
  const typeNo = compiling.shared.names.type(type);
  const end = endOf(compiling, type, conditions);
  const [reference, named, target] = [compiling.alias(), compiling.alias(), compiling.alias()];
  const from = glued(
    [
      piece('('),
      end.inside.isNever ? piece('SELECT 0 AS rid') : found(end.inside, 'DISTINCT d.rid AS rid'),
      piece(`) ${reference} CROSS JOIN resource ${target} ON ${target}.rid = ${reference}.rid`),
      piece(`CROSS JOIN target ${named} ON ${named}.type = ? AND ${named}.id = ${target}.id`, typeNo),
      piece(`CROSS JOIN reference d ON d.target = ${named}.no AND d.parameter = ?`, no),
    ],
    ' ',
  );
  return {
    ...end,
    drive: { from, where: piece(`${target}.method < 2`), ordered: false },
    exists: (at) => {
      const tests = end.inside.all.map((c) => c.test(`${target}.rid`, 1));
      const met = join([piece(`${target}.method < 2`), ...tests], ' AND ', '1');
      return glued(
        [
          piece(
            `EXISTS (SELECT 1 FROM reference ${reference} INDEXED BY reference_rid ` +
              `CROSS JOIN target ${named} ON ${named}.no = ${reference}.target ` +
              `CROSS JOIN resource ${target} ON ${target}.type = ${named}.type AND ${target}.id = ${named}.id ` +
              `WHERE ${reference}.rid = ${at} AND ${reference}.parameter = ? AND ${named}.type = ? AND`,
            ...[no, typeNo],
          ),
          met,
          piece(')'),
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
  const { names } = compiling.shared;
  const conditions = inner(source, filters);
  return either(
    placesOf(names, parameter)
      .filter(({ target }) => target === undefined || target === type)
      .map((place) => condition(compiling, fromSource(compiling, { place, type, from: source, conditions }))),
  );
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
  const typeNo = compiling.shared.names.type(type);
  const end = endOf(compiling, sourceType, conditions);
  const [source, reference, named] = [compiling.alias(), compiling.alias(), compiling.alias()];
  const from = glued(
    [
      piece('('),
      end.inside.isNever ? piece('SELECT 0 AS rid') : found(end.inside, 'DISTINCT d.rid AS rid'),
      piece(`) ${source} CROSS JOIN reference ${reference} INDEXED BY reference_rid`),
      piece(`ON ${reference}.rid = ${source}.rid AND ${reference}.parameter = ?`, no),
      piece(`CROSS JOIN target ${named} ON ${named}.no = ${reference}.target AND ${named}.type = ?`, typeNo),
      piece(`CROSS JOIN resource d ON d.type = ${named}.type AND d.id = ${named}.id`),
    ],
    ' ',
  );
  return {
    ...end,
    drive: { from, where: piece('d.method < 2'), ordered: false },
    exists: (at) => {
      const tests = end.inside.all.map((c) => c.test(`${reference}.rid`, 1));
      return glued(
        [
          piece(
            `EXISTS (SELECT 1 FROM resource ${source} ` +
              `CROSS JOIN target ${named} ON ${named}.type = ? AND ${named}.id = ${source}.id ` +
              `CROSS JOIN reference ${reference} ` +
              `ON ${reference}.target = ${named}.no AND ${reference}.parameter = ? WHERE ${source}.rid = ${at} AND`,
            ...[typeNo, no],
          ),
          join(tests, ' AND ', '1'),
          piece(')'),
        ],
        ' ',
      );
    },
  };
}
