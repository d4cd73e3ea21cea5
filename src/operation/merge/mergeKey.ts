import type { Basic } from '@medplum/fhirtypes';
import type { UniqueKey } from '../uniqueKey.ts';

/** The record of the merge by which a Patient (Patient/1) was replaced and still is. */
export const mergeKey = (source: string): UniqueKey<Basic> => ({
  type: 'Basic',
  text: `patient-merge|${source}`,
});
