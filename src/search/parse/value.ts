import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../../outcome/fhirError.ts';
import type { FilterValue, ParameterType, SearchParameter } from '../query.ts';
import { splitAt } from '../split.ts';
import { dateValue } from '../type/date.ts';
import { numberValue } from '../type/number.ts';
import { quantityValue } from '../type/quantity.ts';
import { referenceValue } from '../type/reference.ts';
import { stringValue } from '../type/string.ts';
import { impliedValue, tokenValue } from '../type/token.ts';
import { uriValue } from '../type/uri.ts';
import { naming } from './naming.ts';
import { spend, type Scope } from './scope.ts';

/** How many simple values one of a kind counts for. */
const weights: Readonly<Record<ParameterType, number>> = {
  ...{ token: 1, reference: 1, uri: 1, string: 1 },
  ...{ date: 3, number: 2, quantity: 20, composite: 20 },
};

/** The alternatives of a value, none of them empty. */
export function alternatives(scope: Scope, { code, kind }: SearchParameter, value: string): string[] {
  const all = splitAt(value, ',');
  spend(scope, 'values', all.length * weights[kind]);
  if (all.includes('')) throw badRequest('malformed-value', `${code} has an empty alternative`);
  return all;
}

/** One value of a parameter; `only` is the type of a `:Type` modifier. Throws 400. */
export function valueOf(
  scope: Scope,
  parameter: SearchParameter,
  value: string,
  only?: ResourceType,
): FilterValue {
  return naming(parameter.code, () => read(scope, parameter, value, only));
}

/** The system of a code is implied by its element. See https://hl7.org/fhir/R4/search.html#token */
function implied({ code, systems }: SearchParameter, value: FilterValue): FilterValue {
  if (value.code === undefined && systems?.includes(value.system ?? ''))
    throw badRequest(
      'malformed-value',
      `${code} implies the system ${value.system ?? ''}: ask for a code of it, or ${code}:missing=false`,
    );
  return impliedValue(value, systems);
}

/** Contact points and strings are kept in lower case. */
export const inCaseOf = ({ caseless }: SearchParameter, value: FilterValue): FilterValue =>
  caseless && value.code !== undefined ? { ...value, code: value.code.toLowerCase() } : value;

function read(
  { base, now }: Scope,
  parameter: SearchParameter,
  value: string,
  only: ResourceType | undefined,
): FilterValue {
  switch (parameter.kind) {
    case 'token':
      return implied(parameter, inCaseOf(parameter, tokenValue(value)));
    case 'reference':
      return referenceValue(value, parameter, { base, only });
    case 'date':
      return dateValue(value, now);
    case 'string':
      return stringValue(value);
    case 'number':
      return numberValue(value);
    case 'quantity':
      return quantityValue(value);
    case 'uri':
      return uriValue(value);
    case 'composite':
      throw new Error('a composite has values for its parts only');
  }
}
