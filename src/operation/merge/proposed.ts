import type { Parameters, Patient } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';

/**
 * What a second person confirms: with the version of the record, so that a merge that is proposed again after it was undone
 * is another proposal.
 */
export const proposed = (input: Parameters, { meta }: Patient): Parameters =>
  changed(input, {
    parameter: [
      ...(input.parameter ?? []).filter(({ name }) => name !== 'version'),
      { name: 'version', valueString: meta?.versionId ?? '' },
    ],
  });
