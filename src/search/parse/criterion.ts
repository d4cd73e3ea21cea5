import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest, FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue } from '../../outcome/issue.ts';
import type { Chain, Criterion, Has, SearchParameter } from '../query.ts';
import { filterExpression } from './filterExpression.ts';
import { fullText } from './fullText.ts';
import { plainCriterion } from './plain.ts';
import { inner, notFollowed, notServed, parameterOf, spend, Unfit, type Scope } from './scope.ts';
import { splitAt, unescaped } from '../split.ts';
import { unknownModifier } from './modifier.ts';

/** One criterion: `code`, `code:modifier`, a chain, _has, _list, full text, _filter. Nothing where it says nothing. */
export function criterion(scope: Scope, name: string, value: string): Criterion | undefined {
  spend(scope, 'criteria', 1);
  const [base = ''] = name.split(':');
  switch (base) {
    case '_has':
      return has(scope, name, value);
    case '_list':
      return alone(base, name, () => inList(scope, value));
    case '_text':
    case '_content':
      return alone(base, name, () => fullText(base === '_text' ? 'text' : 'content', value));
    case '_filter':
      if (scope.depth > 0) throw badRequest('malformed-chain', '_filter stands at the start of a name');
      return alone(base, name, () => filterExpression(scope, value, { criterion, chain }));
    case '_contained':
      return alone(base, name, () => notContained(value));
    case '_query':
    case '_containedType':
    case '_score':
      throw notServed(base);
    default:
  }
  const dot = name.indexOf('.');
  return dot < 0
    ? plainCriterion(scope, name, value)
    : chain(scope, name.slice(0, dot), (target) => criterion(target, name.slice(dot + 1), value));
}

/** `_contained=false`, what a search does without it as well: what is contained is not found by itself. */
function notContained(value: string): Criterion | undefined {
  if (value === 'false' || value === '') return undefined;
  throw notServed('_contained=true or both');
}

function alone<T>(base: string, name: string, read: () => T): T {
  if (name !== base) throw badRequest('unknown-modifier', `${base} takes no modifier`);
  return read();
}

/**
 * `parameter.…` and `parameter:Type.…`: without a type, every type it may refer to that has what follows.
 * See https://hl7.org/fhir/R4/search.html#chaining
 */
export function chain(
  scope: Scope,
  head: string,
  rest: (target: Scope) => Criterion | undefined,
): Chain | undefined {
  const [code = '', type, ...more] = head.split(':');
  const parameter = parameterOf(scope, code);
  if (parameter.kind !== 'reference')
    throw new Unfit(
      'malformed-chain',
      () => `${code} is a ${parameter.kind} parameter: only references are chained`,
    );
  refuseUnfollowed(parameter);
  const types = targetsOf(parameter, type, more);
  const targets: { type: ResourceType; filters: Criterion[] }[] = [];
  let unfit: Unfit | undefined;
  for (const target of types) {
    try {
      const found = rest(inner(scope, target));
      targets.push({ type: target, filters: found ? [found] : [] });
    } catch (error) {
      const found = unfitOf(error);
      if (!unfit || unfit.code === 'unknown-parameter') unfit = found; // what is nearly right is worth more
    }
  }
  if (targets.length === 0 && unfit) throw types.length === 1 ? unfit : unfit.after(code);
  const said = targets.filter(({ filters }) => filters.length > 0);
  return said.length === 0 ? undefined : { op: 'chain', parameter, targets: said };
}

function targetsOf(
  parameter: SearchParameter,
  type: string | undefined,
  more: readonly string[],
): readonly ResourceType[] {
  const { code, target } = parameter;
  if (type === undefined) {
    if (target) return target;
    throw badRequest('malformed-chain', `${code} may refer to any type: say which, as ${code}:Patient`);
  }
  if (!isResourceType(type) || more.length > 0) throw unknownModifier(parameter);
  if (target?.includes(type) === false)
    throw badRequest(
      'malformed-chain',
      `${code} does not refer to ${type}; it refers to ${target.join(', ')}`,
    );
  return [type];
}

/** What does not fit one type; what is wrong with any is thrown on. A modifier may be of a parameter of another type. */
function unfitOf(error: unknown): Unfit {
  if (error instanceof Unfit) return error;
  const [issue] = error instanceof FhirError ? error.issue : [];
  const code = issue && codeOfIssue(issue);
  if (code !== 'unknown-modifier' && code !== 'malformed-chain') throw error;
  return new Unfit(code, () => issue?.details?.text ?? '');
}

/** `_has:Type:parameter:…`: it is referred to by one that meets what follows. See https://hl7.org/fhir/R4/search.html#has */
function has(scope: Scope, name: string, value: string): Has | undefined {
  const [, source = '', code = '', ...rest] = name.split(':');
  if (rest.length === 0 || !isResourceType(source))
    throw badRequest('malformed-chain', '_has is written _has:Type:reference:parameter');
  const there = inner(scope, source);
  const parameter = parameterOf(there, code);
  refuseOther(parameter, scope.type);
  const found = criterion(there, rest.join(':'), value);
  return found && { op: 'has', source, parameter, filters: [found] };
}

/** Throws 400 unless it is a reference that may name resources of a type. */
export function refuseOther(parameter: SearchParameter, to: ResourceType): void {
  const { type, code, kind, target } = parameter;
  if (kind !== 'reference') throw badRequest('malformed-chain', `${type} ${code} is no reference parameter`);
  if (target?.includes(to) === false)
    throw badRequest('malformed-chain', `${type} ${code} does not refer to ${to}`);
  refuseUnfollowed(parameter);
}

function refuseUnfollowed({ type, code, isUnfollowed }: SearchParameter): void {
  if (isUnfollowed) throw badRequest('malformed-chain', notFollowed(type, code));
}

/** `_list=id`: it is an item of a List. See https://hl7.org/fhir/R4/search.html#list */
function inList(scope: Scope, value: string): Has | undefined {
  if (value === '') return undefined;
  const ids = splitAt(value, ',').map(unescaped);
  if (ids.some((id) => id.startsWith('$'))) throw notServed('A list that is computed ($current-…)');
  if (!ids.every((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id)))
    throw badRequest('malformed-value', '_list is the id of a List');
  spend(scope, 'values', ids.length);
  const list = inner(scope, 'List');
  const values = ids.map((code) => ({ text: code, code }));
  const filter: Criterion = { op: 'filter', parameter: parameterOf(list, '_id'), values };
  return { op: 'has', source: 'List', parameter: parameterOf(list, 'item'), filters: [filter] };
}
