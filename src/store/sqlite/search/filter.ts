import type { ResourceType } from '@medplum/fhirtypes';
import type { Filter, FilterValue, SearchParameter } from '../../../search/query.ts';
import { and, beyond, byResource, byValue } from './byIndex.ts';
import { isMarked, isShared, mayHave } from '../index/rowSignature.ts';
import { either, inverse, never, type Condition } from './condition.ts';
import { date } from './date.ts';
import { several, targetsOf } from './listed.ts';
import { missing } from './missing.ts';
import { implied, none, nowhere, type Names } from '../index/names.ts';
import { join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { placesOf, type Place } from './place.ts';
import { momentRange, quantityRange } from './range.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { string } from './string.ts';

/** A criterion on one parameter, as SQL. */
export function compileFilter(state: SqliteState, filter: Filter): Condition {
  const { parameter, modifier, values } = filter;
  const { names } = state;
  if (modifier === 'in' || modifier === 'not-in') throw new Error(`:${modifier} reached the store`);
  if (modifier === 'missing') return missing(names, parameter, values[0]?.text === 'true');
  const any = several(names, filter) ?? either(values.map((value) => compileValue(state, filter, value)));
  return modifier === 'not' ? inverse(any) : any;
}

function compileValue(state: SqliteState, { parameter, modifier }: Filter, value: FilterValue): Condition {
  const { names } = state;
  if (parameter.code === '_id') return id(names, parameter.type, value);
  if (parameter.code === '_lastUpdated') return lastUpdated(names, parameter.type, value);
  const places = placesOf(names, parameter);
  return either(
    places.map((place) => {
      switch (parameter.kind) {
        case 'token':
          return modifier === 'contains' || modifier === 'ends'
            ? partOf(place.no, modifier, value)
            : token(names, parameter, place.no, value);
        case 'uri':
          return uri(place.no, modifier, value);
        case 'reference':
          if (modifier === 'above' || modifier === 'below')
            throw new Error(`:${modifier} of a reference reached the store`);
          return modifier === 'identifier'
            ? token(names, parameter, place.no, value)
            : reference(names, parameter.type, place, value);
        case 'date':
          return date(names, parameter, place.no, [value]);
        case 'string':
          return string(state, place.no, modifier, value.text);
        case 'number':
        case 'quantity':
          return quantity(names, place.no, value);
        case 'composite':
          return never;
      }
    }),
  );
}

function token(
  names: Names,
  parameter: SearchParameter,
  no: number,
  { system, code }: FilterValue,
): Condition {
  const systems =
    system === undefined
      ? []
      : [system === '' ? none : names.system(system), ...(code === undefined ? [] : [implied])];
  if (code === undefined)
    return systems[0] === nowhere
      ? never
      : byValue('token', sqlFragment('parameter = ? AND system = ?', no, ...systems), false);
  const among = systems.length > 0 ? ' AND system IN (?, ?)' : '';
  return {
    ...byValue('token', sqlFragment(`parameter = ? AND code = ?${among}`, no, code, ...systems)),
    ...(!parameter.from && isMarked(parameter)
      ? { hint: { where: mayHave(names, parameter.type, no, code), asks: false } }
      : {}),
  };
}

function uri(no: number, modifier: Filter['modifier'], { text }: FilterValue): Condition {
  if (modifier === 'below')
    return byValue(
      'token',
      sqlFragment('parameter = ? AND code >= ? AND code < ?', no, text, beyond(text)),
      false,
    );
  if (modifier === 'contains' || modifier === 'ends') return partOf(no, modifier, { text });
  const codes = modifier === 'above' ? above(text) : [text];
  return either(codes.map((code) => byValue('token', sqlFragment('parameter = ? AND code = ?', no, code))));
}

/** Codes or URIs with a part in them, or at their end; case counts. */
const partOf = (no: number, modifier: 'contains' | 'ends', { text, code = text }: FilterValue): Condition =>
  byValue(
    'token',
    modifier === 'contains'
      ? sqlFragment('parameter = ? AND instr(code, ?) > 0', no, code)
      : sqlFragment('parameter = ? AND substr(code, -length(?)) = ?', no, code, code),
    false,
  );

/** The text, and what is left of it at each slash. */
const above = (text: string): string[] => {
  const parts = text.split('/');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).filter((part) => part !== '');
};

/** True when all that a value may name is of types that many refer to. */
const isSharedTarget = ({ target }: FilterValue): boolean =>
  target !== undefined && 'types' in target && target.types.every(isShared);

const reference = (names: Names, type: ResourceType, place: Place, value: FilterValue): Condition =>
  either(
    targetsOf(names, place, value).map((target) => ({
      ...byValue('reference', sqlFragment('target = ? AND parameter = ?', target, place.no)),
      ...(isSharedTarget(value)
        ? { hint: { where: mayHave(names, type, place.no, String(target)), asks: false } }
        : {}),
    })),
  );

function quantity(names: Names, no: number, value: FilterValue): Condition {
  const unit: SqlFragment[] = [];
  if (value.system !== undefined) unit.push(sqlFragment('system = ?', names.system(value.system)));
  if (value.code !== undefined) unit.push(sqlFragment('code = ?', value.code));
  const range = and(no, quantityRange(value));
  const made = byResource('quantity', join([range, ...unit], ' AND ', '1'), 'quantity_low');
  return {
    ...made,
    accessPaths: (made.accessPaths ?? []).map((accessPath) => ({ ...accessPath, rough: range })),
  }; // whatever the unit
}

function id(names: Names, type: ResourceType, { code = '' }: FilterValue): Condition {
  return {
    accessPaths: [
      {
        from: sqlFragment('resource d'),
        where: sqlFragment('d.type = ? AND d.id = ? AND d.method < 2', names.type(type), code),
        ordered: true,
      },
    ],
    test: (at) => sqlFragment(`EXISTS (SELECT 1 FROM resource WHERE rid = ${at} AND id = ?)`, code),
    cost: 1,
  };
}

function lastUpdated(names: Names, type: ResourceType, value: FilterValue): Condition {
  const range = momentRange('updated', value);
  const where = sqlFragment(`type = ? AND method < 2 AND ${range.sql}`, names.type(type), ...range.values);
  return {
    accessPaths: [{ from: sqlFragment('resource d INDEXED BY resource_updated'), where, ordered: false }],
    test: (at) =>
      sqlFragment(`EXISTS (SELECT 1 FROM resource WHERE rid = ${at} AND ${range.sql})`, ...range.values),
    cost: 1,
  };
}
