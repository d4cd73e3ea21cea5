import type { Document } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Chain, Composite, Criterion, Has, SearchQuery } from '../../search/query.ts';
import type { ResourceDocument } from './collections.ts';
import { all, any, filterMatch, never, not, placesOf } from './criterion.ts';
import { referenceText } from './entries.ts';
import { parameterNumber, numberText } from './parameterNumber.ts';
import type { Match } from './range.ts';
import { within, type View } from './shared.ts';

/**
 * Resources of a type that meet criteria, as an aggregation: `match`, then `stages`, which look up what criteria say of
 * other resources, then `late`, which asks what they found. Most have a match only.
 */
export interface Compiled {
  readonly match: Match;
  readonly stages: readonly Document[];
  readonly late: Match;
}

/** What other resources say is first asked for as a list; one longer than this is looked up candidate by candidate. */
const listMax = 5000;

/** What is asked on the way, told to whoever explains a search. */
export type Told = (what: string, compiled: Compiled) => Promise<void>;

export const compileSearch = (view: View, query: SearchQuery, told?: Told): Promise<Compiled> =>
  compile({ view, ...(told ? { told } : {}) }, query.type, query.filters);

interface Compiling {
  readonly view: View;
  readonly told?: Told;
}

async function compile(
  compiling: Compiling,
  type: ResourceType,
  criteria: readonly Criterion[],
): Promise<Compiled> {
  const stages: Document[] = [];
  const early: Match[] = [];
  const late: Match[] = [];
  for (const criterion of criteria) {
    const before = stages.length;
    const match = await criterionMatch(compiling, criterion, stages);
    (stages.length > before ? late : early).push(match);
  }
  const match = all(early);
  return { match: match === never ? never : living(type, match), stages, late: all(late) };
}

const indexed = new Set(['x', 'd', 's', 'q']);

/** With its type, unless an index entry says it: entries belong to a parameter of a type, and to no deleted one. */
const living = (type: ResourceType, match: Match): Match =>
  saysType(match) ? match : { t: type, ...('t' in match ? { $and: [match] } : match) };
const saysType = (match: Match): boolean =>
  Object.entries(match).some(
    ([key, value]) =>
      indexed.has(key) ||
      (key === '$and' && (value as Match[]).some(saysType)) ||
      (key === '$or' && (value as Match[]).every(saysType)),
  );

async function criterionMatch(
  compiling: Compiling,
  criterion: Criterion,
  stages: Document[],
): Promise<Match> {
  switch (criterion.op) {
    case 'filter':
      return filterMatch(criterion);
    case 'composite':
      return compositeMatch(criterion);
    case 'chain':
      return chainMatch(compiling, criterion, stages);
    case 'has':
      return hasMatch(compiling, criterion, stages);
    case 'not':
      return not(await criterionMatch(compiling, criterion.criterion, stages));
    case 'and':
    case 'or': {
      const matches: Match[] = [];
      for (const one of criterion.criteria) matches.push(await criterionMatch(compiling, one, stages));
      return criterion.op === 'and' ? all(matches) : any(matches);
    }
    case 'text':
    case 'content':
      throw new Error('full text is not there yet');
  }
}

/** One element meets all parts; the parts as parameters of their own, which have an index, find the candidates. */
function compositeMatch({ parameter, values }: Composite): Match {
  const components = parameter.components ?? [];
  return any(
    values.map((parts) => {
      const inElement = all(
        components.map((component, i) => {
          const value = parts[i];
          return value
            ? filterMatch({ op: 'filter', parameter: component, values: [value] }, `e${i}.`)
            : never;
        }),
      );
      if (inElement === never) return never;
      return { c: { $elemMatch: { p: parameterNumber(parameter), ...inElement } } };
    }),
  );
}

/** The ids of what was compiled, or undefined when there are more than a list takes. */
async function listed(
  { view, told }: Compiling,
  what: string,
  compiled: Compiled,
): Promise<ResourceDocument[] | undefined> {
  if (compiled.match === never || compiled.late === never) return [];
  await told?.(what, compiled);
  const pipeline: Document[] = [
    { $match: compiled.match },
    ...compiled.stages,
    { $match: compiled.late },
    { $limit: listMax + 1 },
    { $project: { x: 1 } },
  ];
  const found = await view.shared.collections.resource
    .aggregate<ResourceDocument>(pipeline, within(view))
    .toArray();
  return found.length > listMax ? undefined : found;
}

/** The name of a field that a stage finds. */
const fieldOf = (stages: readonly Document[]): string => `found${stages.length}`;

async function chainMatch(
  compiling: Compiling,
  { parameter, targets }: Chain,
  stages: Document[],
): Promise<Match> {
  const ways: Match[] = [];
  for (const { type, filters } of targets) {
    const compiled = await compile(compiling, type, filters);
    const places = placesOf(parameter).filter(({ target }) => target === undefined || target === type);
    const found = await listed(
      compiling,
      `${type} that ${parameter.type}.${parameter.code} may name`,
      compiled,
    );
    if (!found) {
      ways.push(
        lookedUp(stages, compiled, { localField: 'x', texts: namedTexts(places, type), foreignField: '_id' }),
      );
      continue;
    }
    const texts = found.flatMap(({ _id }) => places.map(({ no }) => referenceText(no, _id)));
    if (texts.length > 0) ways.push({ x: texts.length === 1 ? texts[0] : { $in: texts } });
  }
  return any(ways);
}

/** What a candidate refers to through some places, taken from its entries: Type/id. */
function namedTexts(places: readonly { readonly no: number }[], type: ResourceType): Document {
  return {
    $reduce: {
      input: { $ifNull: ['$x', []] },
      initialValue: [],
      in: {
        $concatArrays: [
          '$$value',
          {
            $switch: {
              branches: places.map(({ no }) => {
                const end = `>${numberText(no)}`;
                return {
                  case: { $regexMatch: { input: '$$this', regex: `^/${type}/[^>]*${end}$` } },
                  then: [
                    { $substrCP: ['$$this', 1, { $subtract: [{ $strLenCP: '$$this' }, 1 + end.length] }] },
                  ],
                };
              }),
              default: [],
            },
          },
        ],
      },
    },
  };
}

interface Join {
  readonly localField: string;
  readonly texts: Document;
  readonly foreignField: '_id' | 'x';
}

/** A stage that looks whether a candidate has such another resource. */
function lookedUp(stages: Document[], compiled: Compiled, { texts, foreignField }: Join): Match {
  const field = fieldOf(stages);
  stages.push(
    { $set: { [field]: texts } },
    {
      $lookup: {
        from: 'resource',
        localField: field,
        foreignField,
        pipeline: [
          { $match: compiled.match },
          ...compiled.stages,
          { $match: compiled.late },
          { $limit: 1 },
          { $project: { _id: 1 } },
        ],
        as: field,
      },
    },
  );
  return { [field]: { $ne: [] } };
}

async function hasMatch(
  compiling: Compiling,
  { source, parameter, filters }: Has,
  stages: Document[],
): Promise<Match> {
  const compiled = await compile(compiling, source, filters);
  const places = placesOf(parameter);
  const found = await listed(compiling, `${source} whose ${parameter.code} may name it`, compiled);
  if (!found) {
    const texts = {
      $map: { input: places.map(({ no }) => `>${numberText(no)}`), in: { $concat: ['/', '$_id', '$$this'] } },
    };
    return lookedUp(stages, compiled, { localField: '_id', texts, foreignField: 'x' });
  }
  const ends = places.map(({ no, target }) => ({
    end: `>${numberText(no)}`,
    start: target ? `/${target}/` : '/',
  }));
  const ids = new Set<string>();
  for (const { x = [] } of found)
    for (const text of x)
      for (const { start, end } of ends)
        if (text.startsWith(start) && text.endsWith(end)) ids.add(text.slice(1, -end.length));
  return ids.size === 0 ? never : { _id: { $in: [...ids] } };
}
