import type { Claim } from '@medplum/fhirtypes';

/** A claim that counts: a draft or a submitted one. */
export const stands = ({ status }: Pick<Claim, 'status'>): boolean =>
  status === 'draft' || status === 'active';
