import type { Claim } from '@medplum/fhirtypes';

type Status = Claim['status'];

/** The life of a claim. See https://hl7.org/fhir/R4/claim.html and docs/model.md */
const next: Readonly<Partial<Record<Status, readonly Status[]>>> = {
  draft: ['active', 'cancelled', 'entered-in-error'],
  active: ['cancelled', 'entered-in-error'],
};

/** True when a claim may go from one status to the other. */
export const mayBecome = (from: Status, to: Status): boolean => next[from]?.includes(to) ?? false;

/** A claim that counts: a draft or a submitted one. */
export const stands = ({ status }: Pick<Claim, 'status'>): boolean =>
  status === 'draft' || status === 'active';
