import { isResourceType, resourceTypes } from '../datatypes/resourceType.ts';
import type { ResourceType } from '@medplum/fhirtypes';

/**
 * The five permissions of SMART App Launch 2: create, read, update, delete, search. Read stands for read, vread and the
 * history of an instance, search for searches and the history of a type, update for update and patch.
 * See https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 */
export type Letter = 'c' | 'r' | 'u' | 'd' | 's';
export const letters: readonly Letter[] = ['c', 'r', 'u', 'd', 's'];

/** Reads letters in their order, as in `rs`; undefined for anything else. */
export const lettersOf = (text: string): readonly Letter[] | undefined =>
  /^(?=.)c?r?u?d?s?$/.test(text) ? letters.filter((letter) => text.includes(letter)) : undefined;

/** What every type but the records of access stands for: AuditEvents are named, never meant by an asterisk. */
export const allTypes: readonly ResourceType[] = resourceTypes.filter((type) => type !== 'AuditEvent');

/** Reads `Claim`, `Claim,Invoice` or `*`; undefined where one is no resource type. */
export function typesOf(text: string): readonly ResourceType[] | undefined {
  if (text === '*') return allTypes;
  const names = text.split(',');
  return names.every(isResourceType) ? names : undefined;
}

/** Which letters an interaction on one type needs, all of them; `null` stands for read or search. */
const needed: Readonly<Partial<Record<string, readonly (Letter | null)[]>>> = {
  read: ['r'],
  vread: ['r'],
  'history-instance': ['r'],
  'search-type': ['s'],
  'history-type': ['s'],
  create: ['c'],
  // What is written is answered with what stands there, so it has to be visible.
  update: ['u', null],
  patch: ['u', null],
  delete: ['d', null],
};

/** Whether letters are enough for an interaction (R4's code) on one type. */
export const suffice = (held: ReadonlySet<Letter> | undefined, interaction: string): boolean =>
  held !== undefined &&
  (needed[interaction] ?? []).every((letter) =>
    letter === null ? held.has('r') || held.has('s') : held.has(letter),
  ) &&
  interaction in needed;
