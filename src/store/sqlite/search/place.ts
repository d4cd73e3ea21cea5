import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../../search/query.ts';
import type { Names } from '../index/names.ts';

/** Where entries of a parameter are: its own number or those of its origins, to one target type only where given. */
export interface Place {
  readonly no: number;
  readonly target?: ResourceType;
}
export function placesOf(names: Names, parameter: SearchParameter): readonly Place[] {
  if (!parameter.from) return [{ no: names.parameter(parameter) }];
  return parameter.from.map(({ code, target }) => ({
    no: names.byCode(parameter.type, code),
    ...(target ? { target } : {}),
  }));
}
