import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import type { Include } from '../query.ts';
import { unescaped } from '../split.ts';
import { notFollowed, parameterOf, type Scope } from './scope.ts';

/**
 * `_include=Type:code[:Target]`, `Type:*` or `*`; with `:iterate` from what was included as well.
 * See https://hl7.org/fhir/R4/search.html#include
 */
export function include(scope: Scope, iterate: boolean, value: string): Include {
  if (value === '*') return iterate ? { iterate } : { source: scope.type, iterate };
  const { source, code, target } = parts('_include', value);
  if (source !== scope.type && !iterate)
    throw badRequest('malformed-value', `_include starts with the type that is searched, ${scope.type}`);
  return { source, ...reference(scope, source, code, target), ...(target ? { target } : {}), iterate };
}

/** `_revinclude=Type:code[:Target]`, `Type:*` or `*`; the target is the type that is searched, unless it iterates. */
export function revinclude(scope: Scope, iterate: boolean, value: string): Include {
  const own = iterate ? undefined : scope.type;
  if (value === '*') return own ? { target: own, iterate } : { iterate };
  const { source, code, target = own } = parts('_revinclude', value);
  if (own && target !== own)
    throw badRequest('malformed-value', `_revinclude ends with the type that is searched, ${own}`);
  return { source, ...reference(scope, source, code, target), ...(target ? { target } : {}), iterate };
}

function parts(
  name: string,
  value: string,
): { source: ResourceType; code: string; target: ResourceType | undefined } {
  const [source = '', code = '', target, ...more] = unescaped(value).split(':');
  if (!isResourceType(source)) throw badRequest('malformed-value', `${name} starts with a resource type`);
  if ((target !== undefined && !isResourceType(target)) || more.length > 0)
    throw badRequest('malformed-value', `The target of ${name} is no resource type`);
  return { source, code, target };
}

/**
 * What `Type:*` follows where a guide says which. CARIN Blue Button: the parties of an explanation, and no payee, which
 * would be an Organization that none of the others names.
 */
const wildcards: Partial<Record<ResourceType, readonly string[]>> = {
  ExplanationOfBenefit: ['patient', 'provider', 'care-team', 'coverage', 'insurer'],
};

/** The parameter that is followed; none for the wildcard. */
function reference(
  scope: Scope,
  source: ResourceType,
  code: string,
  target: ResourceType | undefined,
): Pick<Include, 'parameter' | 'codes'> {
  if (code === '*') {
    const codes = wildcards[source];
    return codes ? { codes } : {};
  }
  const parameter = parameterOf({ ...scope, type: source }, code);
  if (parameter.kind !== 'reference')
    throw badRequest('malformed-value', `${code} is no reference parameter`);
  if (target && parameter.target?.includes(target) === false)
    throw badRequest('malformed-value', `${source} ${code} does not refer to ${target}`);
  if (parameter.isUnfollowed) throw badRequest('malformed-value', notFollowed(source, code));
  return { parameter };
}
