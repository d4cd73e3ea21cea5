import type { OperationDefinitionParameter } from '@medplum/fhirtypes';

/** Where a page of an $everything begins; only its own links carry it. */
export const cursorParameter: OperationDefinitionParameter = {
  name: '_cursor',
  use: 'in',
  min: 0,
  max: '1',
  type: 'string',
};
