import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../../outcome/fhirError.ts';
import { kinds } from '../kinds.ts';
import type { FilterValue, SearchParameter } from '../query.ts';
import { splitAt } from '../split.ts';
import { naming } from './naming.ts';
import { spend, type Scope } from './scope.ts';

/** The alternatives of a value, none of them empty. */
export function alternatives(scope: Scope, { code, kind }: SearchParameter, value: string): string[] {
  const all = splitAt(value, ',');
  spend(scope, 'values', all.length * kinds[kind].weight);
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
  return naming(parameter.code, () =>
    kinds[parameter.kind].parse(value, parameter, { base: scope.base, now: scope.now, only }),
  );
}
