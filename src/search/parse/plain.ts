import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import type { Composite, Criterion, Filter, FilterValue, SearchParameter } from '../query.ts';
import { leadsInside, toContained } from '../contained.ts';
import type { Registry } from '../registry.ts';
import { splitAt } from '../split.ts';
import { canonicalValue } from '../kind/quantity.ts';
import { stringValue } from '../kind/string.ts';
import { tokenValue, typedValue } from '../kind/token.ts';
import { uriValue } from '../kind/uri.ts';
import { placedReference, uriCriterion, versionedReference } from './canonical.ts';
import { modifierOf, unknownModifier } from './modifier.ts';
import { parameterOf, type Scope } from './scope.ts';
import { naming } from './naming.ts';
import { alternatives, valueOf } from './value.ts';

/** `code=value`, `code:modifier=value`. Nothing where there is no value; the name is checked all the same. */
export function plainCriterion(scope: Scope, name: string, value: string): Criterion | undefined {
  const [code = '', modifier, ...rest] = name.split(':');
  const parameter = parameterOf(scope, code);
  if (rest.length > 0 || modifier === '') throw unknownModifier(parameter);
  if (modifier === undefined) return value === '' ? undefined : unmodified(scope, parameter, value);
  if (parameter.kind === 'reference' && isResourceType(modifier))
    return value === '' ? undefined : ofType(scope, parameter, modifier, value);
  modifierOf(parameter, modifier);
  return value === '' ? undefined : modified(scope, parameter, modifier, value);
}

function unmodified(scope: Scope, parameter: SearchParameter, value: string): Criterion {
  const all = alternatives(scope, parameter, value);
  if (parameter.kind === 'composite') return composite(scope, parameter, all);
  if (asksForAny(parameter, all)) return presence(scope.registry, parameter, true);
  const values = all.map((text) => valueOf(scope, parameter, text));
  if (parameter.kind === 'quantity') return quantityCriterion(scope.registry, parameter, values);
  if (parameter.kind === 'uri') return uriCriterion(scope.registry, { op: 'filter', parameter, values });
  if (parameter.kind === 'reference') return versionedReference({ op: 'filter', parameter, values });
  return { op: 'filter', parameter, values };
}

/** True when one of the alternatives is `system|` where the elements imply that system: any code is of it. */
function asksForAny({ systems, code: name }: SearchParameter, alternatives: readonly string[]): boolean {
  return alternatives.some((text) => {
    if (!systems || !text.endsWith('|')) return false;
    const { system, code } = naming(name, () => tokenValue(text));
    return code === undefined && system !== undefined && systems.includes(system);
  });
}

/** There is a value, or none; a reference to what is contained is one. */
export function presence(registry: Registry, parameter: SearchParameter, isThere: boolean): Criterion {
  const values = [{ text: String(!isThere) }];
  const own: Filter = { op: 'filter', parameter, modifier: 'missing', values };
  if (!leadsInside(parameter)) return own;
  const inside = toContained(registry, parameter);
  return isThere
    ? { op: 'or', criteria: [own, inside] }
    : { op: 'and', criteria: [own, { op: 'not', criterion: inside }] };
}

function ofType(scope: Scope, parameter: SearchParameter, only: ResourceType, value: string): Criterion {
  if (parameter.target?.includes(only) === false) throw unknownModifier(parameter);
  const values = alternatives(scope, parameter, value).map((text) => valueOf(scope, parameter, text, only));
  return versionedReference({ op: 'filter', parameter, values });
}

function modified(scope: Scope, parameter: SearchParameter, text: string, value: string): Criterion {
  const modifier = modifierOf(parameter, text);
  const each = (read: (text: string) => FilterValue): FilterValue[] =>
    alternatives(scope, parameter, value).map((v) => naming(parameter.code, () => read(v)));
  switch (modifier) {
    case 'missing':
      if (value !== 'true' && value !== 'false')
        throw badRequest('malformed-value', `${parameter.code}:missing is either true or false`);
      return presence(scope.registry, parameter, value === 'false');
    case 'text':
      return {
        op: 'filter',
        parameter: scope.registry.derived(parameter, modifier),
        values: each(stringValue),
      };
    case 'of-type':
      return {
        op: 'filter',
        parameter: scope.registry.derived(parameter, modifier),
        values: each(typedValue),
      };
    case 'identifier':
      return { op: 'filter', parameter, modifier, values: each(tokenValue) };
    case 'in':
    case 'not-in':
      return { op: 'filter', parameter, modifier, values: each(uriValue) };
    case 'above':
    case 'below':
      if (parameter.kind === 'token') return { op: 'filter', parameter, modifier, values: each(tokenValue) };
      return placed(scope, {
        op: 'filter',
        parameter,
        modifier,
        values: each((v) => valueOf(scope, parameter, v)),
      });
    default:
      if (asksForAny(parameter, splitAt(value, ','))) return presence(scope.registry, parameter, false); // :not
      return { op: 'filter', parameter, modifier, values: each((v) => valueOf(scope, parameter, v)) };
  }
}

/** `:above` and `:below` of what may be a canonical. */
const placed = ({ registry }: Scope, filter: Filter): Criterion =>
  filter.parameter.kind === 'uri' ? uriCriterion(registry, filter) : placedReference(registry, filter);

/** `code$value`: as many parts as the composite has. See https://hl7.org/fhir/R4/search.html#composite */
function composite(scope: Scope, parameter: SearchParameter, all: readonly string[]): Composite {
  const components = parameter.components ?? [];
  const values = all.map((alternative) => {
    const parts = splitAt(alternative, '$');
    if (parts.length !== components.length || parts.includes(''))
      throw badRequest(
        'malformed-value',
        `${parameter.code} takes ${components.map(({ code }) => code).join('$')}`,
      );
    return components.map((component, i) => valueOf(scope, component, parts[i] ?? ''));
  });
  return { op: 'composite', parameter, values };
}

/** Amounts in units of UCUM are compared in canonical units, which are written or stand in the derived parameter. */
export function quantityCriterion(
  registry: Registry,
  parameter: SearchParameter,
  values: readonly FilterValue[],
): Criterion {
  const canonical = values.map(canonicalValue);
  const converted = canonical.filter((value) => value !== undefined);
  const written: Filter = { op: 'filter', parameter, values: values.map((v, i) => canonical[i] ?? v) };
  if (converted.length === 0) return written;
  const ucum: Filter = { op: 'filter', parameter: registry.derived(parameter, 'ucum'), values: converted };
  return { op: 'or', criteria: [written, ucum] };
}
