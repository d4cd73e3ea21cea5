import type { ResourceType } from '@medplum/fhirtypes';
import { most, type Cents } from '../datatypes/cents.ts';
import { resourceTypes } from '../datatypes/resourceType.ts';
import { shipped, type Registry } from '../search/registry.ts';
import { confinement, type Confinement, type Rule, type TypeAccess } from '../store/access/access.ts';
import type { Caller, Grant } from './caller.ts';
import { letters, suffice, type Letter } from './interactions.ts';
import type { Role } from './role.ts';
import { anyOf, bothOf } from './ruleAlgebra.ts';
import { ruleOfRole, ruleOfScope } from './ruleOf.ts';
import { resourceScopes, type Scope } from './scope.ts';

/** What an operation asks of its caller. */
export interface Need {
  readonly permission?: string | undefined;
  readonly type?: ResourceType | undefined; // where it is called; none: at the system
  readonly changes: boolean;
}

/** What a caller may, and see, under a token. */
export interface Permitted {
  readonly access: Confinement;
  /** Whether an interaction (R4's code) on a type, or on the whole system, is allowed at all. */
  readonly may: (type: ResourceType | undefined, interaction: string) => boolean;
  readonly mayOperate: (need: Need) => boolean;
  /** Whether a role of the caller has the permission and the token does not only read. */
  readonly has: (permission: string) => boolean;
  /** The most, in cents, that one person does alone of what a permission allows; none: no limit. */
  readonly limit: (permission: string) => Cents | undefined;
  readonly account: string; // its name
  readonly user?: string; // Practitioner/1
}

/** Puts together what the roles of a caller let them do and what a token grants of it: scopes narrow roles. */
export function permitted(
  roles: readonly Role[],
  caller: Caller,
  { scope, patient }: Grant = {},
  registry: Registry = shipped,
): Permitted {
  const scopes =
    scope === undefined
      ? undefined
      : resourceScopes(scope, registry).filter(({ of }) => (of === 'system') === (caller.kind === 'system'));
  const all = roles.flatMap(({ rules }) => rules);
  const held = new Map<ResourceType, ReadonlySet<Letter>>();
  const types: Partial<Record<ResourceType, TypeAccess>> = {};
  for (const type of resourceTypes) {
    const rules = new Map<Letter, Rule>();
    const named = new Set<Letter>(); // what may be asked, be there anything to see or not
    const made = new Map<string, Rule | undefined>(); // letters of the same rules and scopes have one rule
    for (const letter of letters) {
      const ofRoles = indexed(all, letter, type);
      const ofScopes = scopes && indexed(scopes, letter, type);
      if (ofRoles.length > 0 && ofScopes?.length !== 0) named.add(letter);
      const key = `${ofRoles.join()} ${ofScopes?.join() ?? ''}`;
      if (!made.has(key)) {
        const may = anyOf(
          ofRoles.flatMap((i) => all[i] ?? []).map((one) => ruleOfRole(one, type, caller, registry)),
        );
        const asked = ofScopes?.flatMap((i) => scopes?.[i] ?? []);
        const granted = asked ? anyOf(asked.map((one) => ruleOfScope(one, type, patient, registry))) : 'open';
        made.set(key, bothOf(may, granted));
      }
      const rule = made.get(key);
      if (rule !== undefined) rules.set(letter, rule);
    }
    if (named.size > 0) held.set(type, named);
    if (rules.size > 0) types[type] = typeAccess(rules);
  }
  const { practices, patients } = caller;
  const granted = new Set<string>(roles.flatMap(({ permissions }) => [...permissions]));
  const access = confinement({
    practices,
    patients: patients.map(({ id }) => id),
    concealed: patients.filter(({ proxy }) => proxy).map(({ id }) => id),
    types,
  });
  return {
    access,
    may: (type, interaction) => mayInteract(held, access, type, interaction),
    mayOperate: ({ permission, type, changes }) =>
      (permission === undefined || granted.has(permission)) && reaches(scopes, held, type, changes),
    has: (permission) => granted.has(permission) && reaches(scopes, held, undefined, true),
    account: caller.name,
    limit: (permission) => limitOf(roles, permission),
    ...(caller.user === undefined ? {} : { user: caller.user }),
  };
}

/** The highest limit of the roles that have a permission; none where one of them has none. */
function limitOf(roles: readonly Role[], permission: string): Cents | undefined {
  const having = roles.filter(({ permissions }) => [...permissions].some((one) => one === permission));
  const limits = having.flatMap(({ limit }) => limit ?? []);
  return limits.length < having.length || limits.length === 0 ? undefined : most(...limits);
}

function typeAccess(rules: ReadonlyMap<Letter, Rule>): TypeAccess {
  const see = anyOf([rules.get('r'), rules.get('s')]);
  const [create, update, remove] = [rules.get('c'), rules.get('u'), rules.get('d')];
  return {
    ...(see === undefined ? {} : { see }),
    ...(create === undefined ? {} : { create }),
    ...(update === undefined ? {} : { update }),
    ...(remove === undefined ? {} : { delete: remove }),
  };
}

/** Which of some rules or scopes are about a letter and a type. */
const indexed = (
  given: readonly { readonly letters: readonly Letter[]; readonly types: readonly ResourceType[] }[],
  letter: Letter,
  type: ResourceType,
): number[] => {
  const found: number[] = [];
  given.forEach((one, i) => {
    if (one.letters.includes(letter) && one.types.includes(type)) found.push(i);
  });
  return found;
};

type Held = ReadonlyMap<ResourceType, ReadonlySet<Letter>>;

function mayInteract(
  held: Held,
  { types }: Confinement,
  type: ResourceType | undefined,
  interaction: string,
): boolean {
  if (type !== undefined) return suffice(held.get(type), interaction);
  switch (interaction) {
    case 'search-system':
      return [...held.values()].some((own) => own.has('s'));
    case 'history-system': {
      // It lists every type that is seen: who may only read single resources of one is not given a list of them.
      const seen = [...types].filter(([, { see }]) => see !== undefined);
      return seen.length > 0 && seen.every(([one]) => held.get(one)?.has('s') === true);
    }
    default:
      return true; // a Bundle: its entries are asked about one by one
  }
}

/** An operation that changes needs a scope to update where it is called, one that reads a scope to read. */
function reaches(
  scopes: readonly Scope[] | undefined,
  held: Held,
  type: ResourceType | undefined,
  changes: boolean,
): boolean {
  const isThere = (letter: Letter): boolean =>
    scopes === undefined ||
    scopes.some(
      (scope) => scope.letters.includes(letter) && (type === undefined || scope.types.includes(type)),
    );
  if (changes) return isThere('u') && (type === undefined || held.has(type));
  return isThere('r') && (type === undefined || held.get(type)?.has('r') === true);
}
