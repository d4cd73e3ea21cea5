import { badRequest } from '../../outcome/fhirError.ts';
import type { Criterion, Filter, FilterValue, Modifier, ParameterType, SearchParameter } from '../query.ts';
import { kinds } from '../kinds.ts';
import { uriCriterion, versionedReference } from './canonical.ts';
import { readFilter, type FilterTest, type FilterTree } from './filterSyntax.ts';
import { presence, quantityCriterion } from './plain.ts';
import { naming } from './naming.ts';
import { parameterOf, spend, type Scope } from './scope.ts';
import { tokenValue } from '../kind/token.ts';
import { valueOf } from './value.ts';

/** How the criteria inside of an expression are read: as those of a search are, which may hold expressions again. */
export interface Reading {
  readonly criterion: (scope: Scope, name: string, value: string) => Criterion | undefined;
  readonly chain: (
    scope: Scope,
    head: string,
    rest: (target: Scope) => Criterion | undefined,
  ) => Criterion | undefined;
}

interface Within {
  readonly scope: Scope;
  readonly reading: Reading;
}

/** `_filter=…` as a criterion. See https://hl7.org/fhir/R4/search_filter.html */
export function filterExpression(scope: Scope, text: string, reading: Reading): Criterion | undefined {
  return text === '' ? undefined : build({ scope, reading }, readFilter(text));
}

function build(at: Within, tree: FilterTree): Criterion {
  switch (tree.is) {
    case 'not':
      return { op: 'not', criterion: build(at, tree.of) };
    case 'test':
      return test(at, tree);
    default:
      return { op: tree.is, criteria: tree.of.map((one) => build(at, one)) };
  }
}

function test(at: Within, tree: FilterTest): Criterion {
  const { scope, reading } = at;
  spend(scope, 'criteria', 1);
  spend(scope, 'values', 1);
  const [step, ...rest] = tree.path;
  if (!step) throw new Error('a test of _filter has a path');
  if (rest.length === 0) return compared(at, parameterOf(scope, step.name), tree);
  const { where } = step;
  const found = reading.chain(scope, step.name, (target) => {
    const last = test({ scope: target, reading }, { ...tree, path: rest });
    return where ? { op: 'and', criteria: [build({ scope: target, reading }, where), last] } : last;
  });
  if (!found) throw new Error('a chain of _filter says something');
  return found;
}

/** What an operator asks of the values of a parameter; 400 where it means nothing for their kind. */
function compared(
  { scope, reading }: Within,
  parameter: SearchParameter,
  { operator, value }: FilterTest,
): Criterion {
  const { kind, code } = parameter;
  const allowed = kinds[kind].operators;
  if (!allowed.includes(operator))
    throw badRequest(
      'unknown-operator',
      `${code} is a ${kind} parameter; in _filter its operators are ${allowed.join(', ')}`,
    );
  if (operator === 'pr') return present(scope, parameter, value);
  return comparisons[kind]({ scope, reading }, parameter, { operator, value });
}

type Comparison = (
  at: Within,
  parameter: SearchParameter,
  test: Pick<FilterTest, 'operator' | 'value'>,
) => Criterion;

const coded: Comparison = ({ scope }, parameter, { operator, value }) =>
  codedCriterion(scope, parameter, operator, value);

/** What an operator other than pr asks, by the kind of the parameter. */
const comparisons: Readonly<Record<ParameterType, Comparison>> = {
  token: coded,
  reference: coded,
  uri: coded,
  string: (_, parameter, { operator, value }) => ofString(parameter, operator, value),
  date: ({ scope }, parameter, { operator, value }) => ({
    op: 'filter',
    parameter,
    values: [dated(scope, parameter, operator, value)],
  }),
  number: ({ scope }, parameter, { operator, value }) => ({
    op: 'filter',
    parameter,
    values: [valueOf(scope, parameter, operator + value)],
  }),
  quantity: ({ scope }, parameter, { operator, value }) =>
    quantityCriterion(scope.registry, parameter, [valueOf(scope, parameter, operator + value)]),
  composite: ({ scope, reading }, { code }, { value }) => {
    const found = reading.criterion(scope, code, value.replaceAll(',', '\\,'));
    if (!found) throw badRequest('malformed-value', `${code} has no value`);
    return found;
  },
};

function present({ registry }: Scope, parameter: SearchParameter, value: string): Criterion {
  if (value !== 'true' && value !== 'false')
    throw badRequest('malformed-value', `${parameter.code} pr is either true or false`);
  return presence(registry, parameter, value === 'true');
}

/** A period overlaps without being widened, so `po` knows no now. */
const dated = (scope: Scope, parameter: SearchParameter, operator: string, value: string): FilterValue =>
  operator === 'po'
    ? valueOf({ ...scope, now: undefined }, parameter, `ap${value}`)
    : valueOf(scope, parameter, operator + value);

/** The parameter as one that is tested on the resource itself: what no index answers. */
const unindexed = ({ from: _, ...parameter }: SearchParameter): SearchParameter => ({
  ...parameter,
  unindexed: true,
});

function ofString(parameter: SearchParameter, operator: string, text: string): Filter {
  if (operator === 'eq' || operator === 'ne')
    return { op: 'filter', parameter: unindexed(parameter), values: [{ prefix: operator, text }] };
  const modifier: Modifier | undefined =
    operator === 'co' ? 'contains' : operator === 'ew' ? 'ends' : undefined;
  return { op: 'filter', parameter, ...(modifier ? { modifier } : {}), values: [{ text }] };
}

const modifiers: Readonly<Record<string, Modifier>> = { ss: 'below', sb: 'above', in: 'in', ni: 'not-in' };

/** What is looked up in a ValueSet, a CodeSystem or a hierarchy is read as it stands. */
function placed(
  scope: Scope,
  parameter: SearchParameter,
  { operator, value }: Pick<FilterTest, 'operator' | 'value'>,
): FilterValue {
  if (operator === 'in' || operator === 'ni') return { text: value };
  return parameter.kind === 'token'
    ? naming(parameter.code, () => tokenValue(value))
    : valueOf(scope, parameter, value);
}

/** Tokens, references and URIs. `ne`: there is a value that is another one. */
function codedCriterion(
  scope: Scope,
  parameter: SearchParameter,
  operator: string,
  value: string,
): Criterion {
  const modifier = modifiers[operator];
  const read = modifier ? placed(scope, parameter, { operator, value }) : valueOf(scope, parameter, value);
  if (parameter.kind === 'uri') return ofUri(scope, parameter, operator, read);
  if (operator === 'ne')
    return { op: 'filter', parameter: unindexed(parameter), values: [{ ...read, prefix: 'ne' }] };
  const found: Filter = { op: 'filter', parameter, ...(modifier ? { modifier } : {}), values: [read] };
  return parameter.kind === 'reference' ? versionedReference(found) : found;
}

/** A URL that is not the one named, which may be named with its version. */
function ofUri(
  { registry }: Scope,
  parameter: SearchParameter,
  operator: string,
  value: FilterValue,
): Criterion {
  const named = uriCriterion(registry, { op: 'filter', parameter, values: [value] });
  if (operator !== 'ne') return named;
  if (named.op === 'filter')
    return { op: 'filter', parameter: unindexed(parameter), values: [{ ...value, prefix: 'ne' }] };
  return { op: 'and', criteria: [presence(registry, parameter, true), { op: 'not', criterion: named }] };
}
