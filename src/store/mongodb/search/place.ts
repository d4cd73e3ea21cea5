import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../../search/query.ts';
import { numberOf, parameterNumber } from '../index/parameterNumber.ts';

/** Where entries of a parameter are: its own number or those of its origins, to one target type only where given. */
export interface Place {
  readonly no: number;
  readonly target?: ResourceType;
}
export const placesOf = (parameter: SearchParameter): readonly Place[] =>
  parameter.from?.map(({ code, target }) => ({
    no: numberOf(parameter.type, code),
    ...(target ? { target } : {}),
  })) ?? [{ no: parameterNumber(parameter) }];
