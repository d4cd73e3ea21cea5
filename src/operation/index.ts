import { claimScrub } from './claimScrub.ts';
import { claimSubmit } from './claimSubmit.ts';
import { claimSubmitResource } from './claimSubmitResource.ts';
import type { Operation } from './operation.ts';

/** Every operation of this server, in the order of the billing flow. Add yours here. */
export const operations: readonly Operation[] = [claimScrub, claimSubmit, claimSubmitResource];

/** Where an operation answers. See https://hl7.org/fhir/R4/operations.html#executing */
export function paths({ code, resource = [], system, type, instance }: Operation['definition']): string[] {
  return [
    ...(system ? [`/$${code}`] : []),
    ...(type ? resource.map((r) => `/${r}/$${code}`) : []),
    ...(instance ? resource.map((r) => `/${r}/:id/$${code}`) : []),
  ];
}
