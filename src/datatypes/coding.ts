import type { CodeableConcept, Coding } from '@medplum/fhirtypes';

/** The first code of a system; undefined when there is none. */
export const codeOf = (
  concept: CodeableConcept | undefined,
  ...systems: readonly string[]
): string | undefined =>
  concept?.coding?.find((c) => c.system !== undefined && systems.includes(c.system))?.code;

/** True when one coding has this system and code. */
export const has = (concept: CodeableConcept | undefined, system: string, code: string): boolean =>
  concept?.coding?.some((c) => c.system === system && c.code === code) ?? false;

/** A concept of one coding. */
export const concept = (system: string, code: string, display?: string): CodeableConcept => ({
  coding: [display === undefined ? { system, code } : { system, code, display }],
});

/** The first coding of a system. */
export const codingOf = (c: CodeableConcept | undefined, ...systems: readonly string[]): Coding | undefined =>
  c?.coding?.find((x) => x.system !== undefined && systems.includes(x.system));
