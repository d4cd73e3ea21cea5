import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion, Filter, FilterValue, SearchParameter } from '../../search/query.ts';
import { implied, none, nowhere, type Names } from './names.ts';
import { folded } from '../../search/type/string.ts';
import { join, piece, type Piece } from './piece.ts';
import { dateRange, endsAfter, momentRange, quantityRange } from './range.ts';

/**
 * A filter as SQL: `test` is true for a candidate `d.rid`; `drives`, where there are any, are the rows whose rids are
 * the candidates: `table` and conditions on its columns. `ordered`: they come in order of rid.
 */
export interface Condition {
  readonly test: Piece;
  readonly drives?: readonly Drive[];
}
export interface Drive {
  readonly table: string;
  readonly where: Piece;
  readonly ordered: boolean;
}

const not = ({ sql, values }: Piece): Piece => ({ sql: `NOT (${sql})`, values });

/** Where entries of a parameter are: its own number or those of its origins, to one target type only where given. */
interface Place {
  readonly no: number;
  readonly target?: ResourceType;
}
function placesOf(names: Names, parameter: SearchParameter): readonly Place[] {
  if (!parameter.from) return [{ no: names.parameter(parameter) }];
  return parameter.from.map(({ code, target }) => ({
    no: names.byCode(parameter.type, code),
    ...(target ? { target } : {}),
  }));
}

/** Rows by value: tokens, references and URIs. */
const byValue = (table: 'token' | 'reference', where: Piece, seeks = true): Condition => ({
  drives: [{ table: `${table} d`, where, ordered: seeks }],
  test: seeks
    ? piece(`EXISTS (SELECT 1 FROM ${table} WHERE rid = d.rid AND ${where.sql})`, ...where.values)
    : piece(`d.rid IN (SELECT rid FROM ${table} WHERE ${where.sql})`, ...where.values),
});

/** Rows by resource: dates, strings, numbers and quantities, found through an index. */
const byResource = (
  table: 'date' | 'string' | 'quantity',
  where: Piece,
  index: string | undefined,
): Condition => ({
  ...(index === undefined
    ? {}
    : { drives: [{ table: `${table} d INDEXED BY ${index}`, where, ordered: false }] }),
  test: piece(`EXISTS (SELECT 1 FROM ${table} WHERE rid = d.rid AND ${where.sql})`, ...where.values),
});

const never: Condition = { test: piece('0') };

const either = (conditions: readonly Condition[]): Condition => {
  if (conditions.length > 0 && conditions.every((c) => c === never)) return never;
  const drives = conditions.flatMap((c) => c.drives ?? []);
  const all = conditions.every((c) => c.drives !== undefined || c === never);
  return {
    test: join(
      conditions.map((c) => c.test),
      ' OR ',
      '0',
    ),
    ...(all && drives.length > 0 ? { drives } : {}),
  };
};

/** A criterion of a query as SQL. */
export function compileCriterion(names: Names, criterion: Criterion): Condition {
  if (criterion.op !== 'filter') throw new Error(`${criterion.op} is not there yet`);
  return compileFilter(names, criterion);
}

function compileFilter(names: Names, filter: Filter): Condition {
  const { parameter, modifier, values } = filter;
  if (modifier === 'missing') return missing(names, parameter, values[0]?.text === 'true');
  const one = (value: FilterValue): Condition => compileValue(names, filter, value);
  const any = either(values.map(one));
  return modifier === 'not' ? { test: not(any.test) } : any;
}

function compileValue(names: Names, { parameter, modifier }: Filter, value: FilterValue): Condition {
  if (parameter.code === '_id') return id(names, parameter.type, value);
  if (parameter.code === '_lastUpdated') return lastUpdated(names, parameter.type, value);
  const places = placesOf(names, parameter);
  return either(
    places.map((place) => {
      switch (parameter.kind) {
        case 'token':
          return token(names, place.no, value);
        case 'uri':
          return uri(place.no, modifier, value);
        case 'reference':
          return modifier === 'identifier' ? token(names, place.no, value) : reference(names, place, value);
        case 'date':
          return date(place.no, value);
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
  const codes = modifier === 'above' ? above(text) : [text];
  return either(codes.map((code) => byValue('token', piece('parameter = ? AND code = ?', no, code))));
}

/** The text, and what is left of it at each slash. */
const above = (text: string): string[] => {
  const parts = text.split('/');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).filter((part) => part !== '');
};

/** What comes after every text that starts with this one. */
const beyond = (text: string): string => `${text}\u{10ffff}`;

function reference(names: Names, place: Place, { target }: FilterValue): Condition {
  if (!target) return never;
  if ('url' in target)
    return place.target
      ? never
      : byValue('reference', piece('parameter = ? AND type = 0 AND id = ?', place.no, target.url));
  const types = target.types.filter((type) => place.target === undefined || place.target === type);
  return either(
    types.map((type) =>
      byValue(
        'reference',
        piece('parameter = ? AND type = ? AND id = ?', place.no, names.type(type), target.id),
      ),
    ),
  );
}

function string(no: number, modifier: Filter['modifier'], { text }: FilterValue): Condition {
  const fold = folded(text);
  if (modifier === 'exact')
    return byResource(
      'string',
      piece('parameter = ? AND folded = ? AND exact = ?', no, fold, text),
      'string_folded',
    );
  if (modifier === 'contains')
    return byResource('string', piece('parameter = ? AND instr(folded, ?) > 0', no, fold), undefined);
  const where = piece('parameter = ? AND folded >= ? AND folded < ?', no, fold, beyond(fold));
  return byResource('string', where, 'string_folded');
}

const day = 86_400_000;

/** What ends after a moment is looked for in two places, the short and the long, so that no scan goes far back. */
function date(no: number, value: FilterValue): Condition {
  const where = and(no, dateRange(value));
  const late = endsAfter(value);
  const found = byResource('date', where, 'date_low');
  if (late === undefined) return found;
  const short = piece(`${where.sql} AND low > ?`, ...where.values, late - day);
  const long = piece(`${where.sql} AND high - low > ${day} AND high > ?`, ...where.values, late);
  return {
    test: found.test,
    drives: [
      {
        table: 'date d INDEXED BY date_low',
        where: piece(`${short.sql} AND high - low <= ${day}`, ...short.values),
        ordered: false,
      },
      { table: 'date d INDEXED BY date_long', where: long, ordered: false },
    ],
  };
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
        table: 'resource d',
        where: piece('type = ? AND id = ? AND method < 2', names.type(type), code),
        ordered: true,
      },
    ],
    test: piece('EXISTS (SELECT 1 FROM resource WHERE rid = d.rid AND id = ?)', code),
  };
}

function lastUpdated(names: Names, type: ResourceType, value: FilterValue): Condition {
  const range = momentRange('updated', value);
  const where = piece(`type = ? AND method < 2 AND ${range.sql}`, names.type(type), ...range.values);
  return {
    drives: [{ table: 'resource d INDEXED BY resource_updated', where, ordered: false }],
    test: piece(`EXISTS (SELECT 1 FROM resource WHERE rid = d.rid AND ${range.sql})`, ...range.values),
  };
}

const tableOf = {
  token: 'token',
  uri: 'token',
  date: 'date',
  string: 'string',
  number: 'quantity',
  quantity: 'quantity',
  composite: 'token',
} as const;

/** True for candidates that have no (or some) entry of a parameter. */
function missing(names: Names, parameter: SearchParameter, wanted: boolean): Condition {
  if (parameter.code.startsWith('_') && (parameter.code === '_id' || parameter.code === '_lastUpdated'))
    return { test: piece(wanted ? '0' : '1') };
  const there = placesOf(names, parameter).map(({ no, target }): Piece => {
    if (parameter.kind === 'reference') {
      const to = target ? piece(' AND type = ?', names.type(target)) : piece('');
      const references = piece(
        `d.rid IN (SELECT rid FROM reference WHERE parameter = ?${to.sql})`,
        no,
        ...to.values,
      );
      const named = piece('d.rid IN (SELECT rid FROM token WHERE parameter = ?)', no);
      return target ? references : join([references, named], ' OR ', '0');
    }
    const table = tableOf[parameter.kind];
    return table === 'token'
      ? piece('d.rid IN (SELECT rid FROM token WHERE parameter = ?)', no)
      : piece(`EXISTS (SELECT 1 FROM ${table} WHERE rid = d.rid AND parameter = ?)`, no);
  });
  const some = join(there, ' OR ', '0');
  return { test: wanted ? not(some) : some };
}
