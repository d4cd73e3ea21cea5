import type { ResourceType } from '@medplum/fhirtypes';
import { shipped, type Registry } from '../search/registry.ts';
import { criteriaOf, pairsOf, type Pairs } from './criteria.ts';
import { lettersOf, typesOf, type Letter } from './interactions.ts';

/** One SMART scope about resources. */
export interface Scope {
  readonly text: string; // as it was asked for
  /** Whose resources: the patient in context, what the user may see, what the system may see. */
  readonly of: 'patient' | 'user' | 'system';
  readonly types: readonly ResourceType[];
  readonly letters: readonly Letter[];
  readonly pairs?: Pairs; // of a granular scope: `?category=…`
}

/** The permissions of SMART App Launch 1 in the letters of 2. */
const formerly: Readonly<Partial<Record<string, string>>> = { read: 'rs', write: 'cud', '*': 'cruds' };

const longest = 2000;

/**
 * Reads a scope about resources in the syntax of SMART App Launch 1 (`patient/*.read`) or 2
 * (`patient/Observation.rs?category=laboratory`); undefined for any other scope, and for one whose parameters this
 * server cannot hold a resource against. See https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 */
export function parseScope(text: string, registry: Registry = shipped): Scope | undefined {
  if (text.length > longest) return undefined;
  const match = /^(patient|user|system)\/(\*|[A-Za-z]+)\.([a-z]+|\*)(?:\?(.+))?$/.exec(text);
  if (!match) return undefined;
  const [, of, named = '', permission = '', query] = match;
  const types = typesOf(named);
  const letters = lettersOf(formerly[permission] ?? permission);
  if (!types || !letters || (of !== 'patient' && of !== 'user' && of !== 'system')) return undefined;
  if (query === undefined) return { text, of, types, letters };
  const pairs = pairsOf(query);
  if (!pairs || formerly[permission] !== undefined) return undefined;
  const able = types.filter((type) => criteriaOf(type, pairs, registry));
  return able.length > 0 ? { text, of, types: able, letters, pairs } : undefined;
}

/** Whether whoever has one scope has all that another grants: `patient/*.rs` covers `patient/Coverage.read`. */
export const covers = (own: Scope, other: Scope): boolean =>
  own.of === other.of &&
  other.types.every((type) => own.types.includes(type)) &&
  other.letters.every((letter) => own.letters.includes(letter)) &&
  (own.pairs === undefined || JSON.stringify(own.pairs) === JSON.stringify(other.pairs));

/** The scopes about resources in a list of scopes with blanks between them. */
export const resourceScopes = (text: string, registry: Registry = shipped): readonly Scope[] =>
  text.split(/\s+/).flatMap((one) => parseScope(one, registry) ?? []);

/** The scopes that are not about resources: who the user is, what was open on their screen, how long tokens last. */
export const plainScopes = [
  'openid',
  'profile',
  'fhirUser',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
] as const;

/** Scopes to be listed under `scopes_supported`: each kind for every type, and what SMART adds to them. */
export const supportedScopes: readonly string[] = [
  ...plainScopes,
  ...['patient', 'user', 'system'].flatMap((of) => [
    `${of}/*.rs`,
    `${of}/*.cruds`,
    `${of}/*.read`,
    `${of}/*.*`,
  ]),
  ...['ExplanationOfBenefit', 'Coverage', 'Patient', 'Organization', 'Practitioner'].flatMap((type) =>
    ['patient', 'user'].flatMap((of) => [`${of}/${type}.read`, `${of}/${type}.rs`]),
  ),
];
