import type { Communication, Resource } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';

type Stored<T> = T & { id: string };

/** Whether a resource is a message among the people of offices, or a note of theirs: category message|office. */
export const isOfficeMessage = (resource: Resource | undefined): resource is Stored<Communication> =>
  resource?.resourceType === 'Communication' &&
  resource.category?.some((category) => has(category, system.message, 'office')) === true;
