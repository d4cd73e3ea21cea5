import type { ResourceType } from '@medplum/fhirtypes';
import type { Filter, FilterValue } from '../../search/query.ts';
import { folded } from '../../search/type/string.ts';
import { either, inverse, never, type Condition } from './condition.ts';
import { missing } from './missing.ts';
import { implied, none, nowhere, type Names } from './names.ts';
import { join, piece, type Piece } from './piece.ts';
import { placesOf, type Place } from './place.ts';
import { dateRange, endsAfter, momentRange, quantityRange } from './range.ts';

/** Rows by value: tokens, references and URIs, in order of rid where one value is asked for. */
const byValue = (table: 'token' | 'reference', where: Piece, isOne = true): Condition => ({
  drives: [{ from: piece(`${table} d`), where, ordered: isOne }],
  test: (at) =>
    isOne
      ? piece(`EXISTS (SELECT 1 FROM ${table} WHERE rid = ${at} AND ${where.sql})`, ...where.values)
      : piece(`${at} IN (SELECT rid FROM ${table} WHERE ${where.sql})`, ...where.values),
  cost: 1,
});

/** Rows by resource: dates, strings, numbers and quantities, found through an index. */
const byResource = (
  table: 'date' | 'string' | 'quantity',
  where: Piece,
  index: string | undefined,
): Condition => ({
  ...(index === undefined
    ? {}
    : { drives: [{ from: piece(`${table} d INDEXED BY ${index}`), where, ordered: false }] }),
  test: (at) => piece(`EXISTS (SELECT 1 FROM ${table} WHERE rid = ${at} AND ${where.sql})`, ...where.values),
  cost: 1,
});

export function compileFilter(names: Names, filter: Filter): Condition {
  const { parameter, modifier, values } = filter;
  if (modifier === 'in' || modifier === 'not-in') throw new Error(`:${modifier} reached the store`);
  if (modifier === 'missing') return missing(names, parameter, values[0]?.text === 'true');
  const any = several(names, filter) ?? either(values.map((value) => compileValue(names, filter, value)));
  return modifier === 'not' ? inverse(any) : any;
}

function compileValue(names: Names, { parameter, modifier }: Filter, value: FilterValue): Condition {
  if (parameter.code === '_id') return id(names, parameter.type, value);
  if (parameter.code === '_lastUpdated') return lastUpdated(names, parameter.type, value);
  const places = placesOf(names, parameter);
  return either(
    places.map((place) => {
      switch (parameter.kind) {
        case 'token':
          return modifier === 'contains' || modifier === 'ends'
            ? partOf(place.no, modifier, value)
            : token(names, place.no, value);
        case 'uri':
          return uri(place.no, modifier, value);
        case 'reference':
          if (modifier === 'above' || modifier === 'below')
            throw new Error(`:${modifier} of a reference reached the store`);
          return modifier === 'identifier' ? token(names, place.no, value) : reference(names, place, value);
        case 'date':
          return date(place.no, [value]);
        case 'string':
          return string(place.no, modifier, value);
        case 'number':
        case 'quantity':
          return quantity(names, place.no, value);
        case 'composite':
          return never;
      }
    }),
  );
}

const and = (no: number, { sql, values }: Piece): Piece => piece(`parameter = ? AND ${sql}`, no, ...values);

/** Alternatives beyond which they are looked up in a list, not spelled one by one. */
const manyValues = 8;

/** Many alternatives of a token, a reference or an id, as one list; undefined where they are few or of other kinds. */
function several(names: Names, { parameter, modifier, values }: Filter): Condition | undefined {
  if (values.length <= manyValues || (modifier !== undefined && modifier !== 'not')) return undefined;
  if (parameter.code === '_id') {
    const type = names.type(parameter.type);
    const where = (alias: string): Piece =>
      piece(`${alias}.type = ? AND ${alias}.id = v.value AND ${alias}.method < 2`, type);
    return inList({ table: 'resource', list: values.map(({ code }) => code), where });
  }
  const places = placesOf(names, parameter);
  if (parameter.kind === 'token' && values.every(({ code }) => code !== undefined))
    return either(places.map(({ no }) => tokens(names, no, values)));
  if (parameter.kind === 'reference') return either(places.map((place) => references(names, place, values)));
  return undefined;
}

/** Rows whose value is in a list `v`, by their alias. */
interface Listed {
  readonly table: 'token' | 'reference' | 'resource';
  readonly list: readonly unknown[];
  readonly where: (alias: string) => Piece;
}

/** Asked for each candidate where they and the list are short, else looked up once. */
function inList({ table, list, where }: Listed): Condition {
  if (list.length === 0) return never;
  const json = JSON.stringify(list);
  const from = (alias: string): Piece => piece(`json_each(?) v CROSS JOIN ${table} ${alias}`, json);
  const rows = (alias: string, more: string): Piece => {
    const { sql, values } = where(alias);
    return piece(`FROM ${from(alias).sql} WHERE ${sql}${more}`, json, ...values);
  };
  return {
    drives: [{ from: from('d'), where: where('d'), ordered: false }],
    test: (at, candidates) => {
      const isShort = candidates * list.length < 20_000;
      const { sql, values } = rows('listed', isShort ? ` AND listed.rid = ${at}` : '');
      return isShort
        ? piece(`EXISTS (SELECT 1 ${sql})`, ...values)
        : piece(`${at} IN (SELECT listed.rid ${sql})`, ...values);
    },
    cost: 1,
  };
}

function tokens(names: Names, no: number, values: readonly FilterValue[]): Condition {
  const list = values.map(({ system, code }) => [
    code,
    system === undefined ? null : system === '' ? none : names.system(system),
  ]);
  const where = (alias: string): Piece =>
    piece(
      `${alias}.parameter = ? AND ${alias}.code = v.value->>0 ` +
        `AND (v.value->>1 IS NULL OR ${alias}.system IN (v.value->>1, ?))`,
      ...[no, implied],
    );
  return inList({ table: 'token', list, where });
}

function references(names: Names, place: Place, values: readonly FilterValue[]): Condition {
  const list = values.flatMap((value) => targetsOf(names, place, value));
  const where = (alias: string): Piece =>
    piece(`${alias}.target = v.value AND ${alias}.parameter = ?`, place.no);
  return inList({ table: 'reference', list, where });
}

/** The numbers of what a value names, where anything refers to it. */
function targetsOf(names: Names, place: Place, { target }: FilterValue): number[] {
  if (!target) return [];
  if ('url' in target) return place.target ? [] : known([names.targets.find(0, target.url)]);
  const types = target.types.filter((type) => place.target === undefined || place.target === type);
  return known(types.map((type) => names.targets.find(names.type(type), target.id)));
}
const known = (numbers: readonly number[]): number[] => numbers.filter((no) => no !== nowhere);

function token(names: Names, no: number, { system, code }: FilterValue): Condition {
  const systems =
    system === undefined
      ? []
      : [system === '' ? none : names.system(system), ...(code === undefined ? [] : [implied])];
  if (code === undefined)
    return systems[0] === nowhere
      ? never
      : byValue('token', piece('parameter = ? AND system = ?', no, ...systems), false);
  const among = systems.length > 0 ? ' AND system IN (?, ?)' : '';
  return byValue('token', piece(`parameter = ? AND code = ?${among}`, no, code, ...systems));
}

function uri(no: number, modifier: Filter['modifier'], { text }: FilterValue): Condition {
  if (modifier === 'below')
    return byValue('token', piece('parameter = ? AND code >= ? AND code < ?', no, text, beyond(text)), false);
  if (modifier === 'contains' || modifier === 'ends') return partOf(no, modifier, { text });
  const codes = modifier === 'above' ? above(text) : [text];
  return either(codes.map((code) => byValue('token', piece('parameter = ? AND code = ?', no, code))));
}

/** Codes or URIs with a part in them, or at their end; case counts. */
const partOf = (no: number, modifier: 'contains' | 'ends', { text, code = text }: FilterValue): Condition =>
  byValue(
    'token',
    modifier === 'contains'
      ? piece('parameter = ? AND instr(code, ?) > 0', no, code)
      : piece('parameter = ? AND substr(code, -length(?)) = ?', no, code, code),
    false,
  );

/** The text, and what is left of it at each slash. */
const above = (text: string): string[] => {
  const parts = text.split('/');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).filter((part) => part !== '');
};

/** What comes after every text that starts with this one. */
const beyond = (text: string): string => `${text}\u{10ffff}`;

const reference = (names: Names, place: Place, value: FilterValue): Condition =>
  either(
    targetsOf(names, place, value).map((target) =>
      byValue('reference', piece('target = ? AND parameter = ?', target, place.no)),
    ),
  );

function string(no: number, modifier: Filter['modifier'], { text }: FilterValue): Condition {
  const fold = folded(text);
  switch (modifier) {
    case 'exact':
      return byResource(
        'string',
        piece('parameter = ? AND folded = ? AND exact = ?', no, fold, text),
        'string_folded',
      );
    case 'contains':
      return byResource('string', piece('parameter = ? AND instr(folded, ?) > 0', no, fold), undefined);
    case 'ends':
      return byResource(
        'string',
        piece('parameter = ? AND substr(folded, -length(?)) = ?', no, fold, fold),
        undefined,
      );
    default: {
      const where = piece('parameter = ? AND folded >= ? AND folded < ?', no, fold, beyond(fold));
      return byResource('string', where, 'string_folded');
    }
  }
}

const day = 86_400_000;

/**
 * One date that is all that the values ask for. What ends after a moment is looked for in two places, the short and
 * the long, so that no scan goes far back.
 */
function date(no: number, values: readonly FilterValue[]): Condition {
  const where = and(no, join(values.map(dateRange), ' AND ', '1'));
  const late = Math.max(...values.map((value) => endsAfter(value) ?? -Infinity));
  const found = byResource('date', where, 'date_low');
  if (late === -Infinity) return found;
  const short = piece(`low > ? AND ${where.sql}`, late - day, ...where.values);
  const long = piece(`${where.sql} AND high - low > ${day} AND high > ?`, ...where.values, late);
  return {
    test: found.test,
    cost: 1,
    drives: [
      {
        from: piece('date d INDEXED BY date_low'),
        where: piece(`${short.sql} AND high - low <= ${day}`, ...short.values),
        ordered: false,
      },
      { from: piece('date d INDEXED BY date_long'), where: long, ordered: false },
    ],
  };
}

/**
 * Criteria on a parameter of which no resource has several dates, as one: the same date meets them all. Undefined
 * where they are no such.
 */
export function oneDate(names: Names, filters: readonly Filter[]): Condition | undefined {
  const [first] = filters;
  if (!first || filters.length < 2) return undefined;
  const [place, ...others] = placesOf(names, first.parameter);
  const isPlain = filters.every(({ modifier, values }) => modifier === undefined && values.length === 1);
  if (!place || others.length > 0 || !isPlain || !names.parameters.isSingle(place.no)) return undefined;
  return date(
    place.no,
    filters.flatMap(({ values }) => values),
  );
}

function quantity(names: Names, no: number, value: FilterValue): Condition {
  const unit: Piece[] = [];
  if (value.system !== undefined) unit.push(piece('system = ?', names.system(value.system)));
  if (value.code !== undefined) unit.push(piece('code = ?', value.code));
  const range = quantityRange(value);
  return byResource('quantity', and(no, join([range, ...unit], ' AND ', '1')), 'quantity_low');
}

function id(names: Names, type: ResourceType, { code = '' }: FilterValue): Condition {
  return {
    drives: [
      {
        from: piece('resource d'),
        where: piece('d.type = ? AND d.id = ? AND d.method < 2', names.type(type), code),
        ordered: true,
      },
    ],
    test: (at) => piece(`EXISTS (SELECT 1 FROM resource WHERE rid = ${at} AND id = ?)`, code),
    cost: 1,
  };
}

function lastUpdated(names: Names, type: ResourceType, value: FilterValue): Condition {
  const range = momentRange('updated', value);
  const where = piece(`type = ? AND method < 2 AND ${range.sql}`, names.type(type), ...range.values);
  return {
    drives: [{ from: piece('resource d INDEXED BY resource_updated'), where, ordered: false }],
    test: (at) =>
      piece(`EXISTS (SELECT 1 FROM resource WHERE rid = ${at} AND ${range.sql})`, ...range.values),
    cost: 1,
  };
}
