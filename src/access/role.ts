import { readdirSync, readFileSync } from 'node:fs';
import type { Basic, ResourceType } from '@medplum/fhirtypes';
import { centsOf, type Cents } from '../datatypes/cents.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { wrongValue, type Issue } from '../outcome/issue.ts';
import { shipped as shippedParameters, type Registry } from '../search/registry.ts';
import { extension, system } from '../terminology/system.ts';
import { criteriaOf, pairsOf, type Pairs } from './criteria.ts';
import { lettersOf, typesOf, type Letter } from './interactions.ts';
import { isPermission, permissions, type Permission } from './permission.ts';

/**
 * Which resources a rule is about:
 * - `any`: every one
 * - `patient`: what is in the compartment of the caller's patients; of proxies without what is labelled sensitive
 * - `account`: what refers to an Account or Invoice of the caller's patients (PaymentNotice)
 * - `origin`: a Provenance of what is of the bill of the caller's patients; of proxies without what is labelled sensitive
 * - `practice`: what belongs to a practice of the caller
 * - `chart`: what is in the compartment of a patient who has an Account or Encounter of a practice of the caller
 * - `context`: a Binary whose securityContext the caller sees
 * - `emergency`: what is in the compartment of a patient whose chart the caller has opened by breaking the glass
 */
export const withins = [
  ...(['any', 'patient', 'account', 'origin', 'practice', 'chart', 'context', 'emergency'] as const),
] as const;
export type Within = (typeof withins)[number];

/** One rule of a role, as in `practice/Claim,Invoice.rs?status=active`. */
export interface RoleRule {
  readonly within: Within;
  readonly types: readonly ResourceType[];
  readonly letters: readonly Letter[];
  readonly pairs?: Pairs; // %practice, %patient and %user in their values stand for the caller
}

export interface Role {
  readonly name: string;
  readonly rules: readonly RoleRule[];
  readonly permissions: ReadonlySet<Permission>;
  /** The most that one person writes off or refunds alone; none: no limit. */
  readonly limit?: Cents;
}

const idPrefix = 'access-role-';

/** The id of the Basic that says what a role may. */
export const idOfRole = (name: string): string => `${idPrefix}${name}`;

/** Whether a Basic says what a role may, by its id or its code: only who administers the server writes it. */
export const isRole = ({ id, code }: Pick<Basic, 'id' | 'code'>): boolean =>
  id?.startsWith(idPrefix) === true ||
  code.coding?.some((coding) => coding.system === system.basic && coding.code === 'access-role') === true;

/** Variables of the caller in criteria, and a value with which their syntax is checked. */
const variables: Readonly<Partial<Record<string, string>>> = {
  '%practice': 'Organization/1',
  '%patient': 'Patient/1',
  '%user': 'Practitioner/1',
};

/** Criteria with the caller for its variables; undefined where there is nothing that a variable stands for. */
export function filledIn(
  pairs: Pairs,
  of: (variable: string) => readonly string[] | undefined,
): Pairs | undefined {
  const filled: (readonly [string, string])[] = [];
  for (const [name, value] of pairs) {
    const values = value.split(',').flatMap((one) => of(one) ?? [one]);
    if (values.length === 0) return undefined;
    filled.push([name, values.join(',')]);
  }
  return filled;
}

/** Reads a rule; a sentence where it is none. */
export function parseRule(text: string, registry: Registry = shippedParameters): RoleRule | string {
  const match = /^([a-z]+)\/(\*|[A-Za-z,]+)\.([a-z]+)(?:\?(.+))?$/.exec(text);
  const [, where, named = '', permitted = '', query] = match ?? [];
  const within = withins.find((one) => one === where);
  const types = typesOf(named);
  const letters = lettersOf(permitted);
  if (!within) return `a rule begins with one of ${withins.join(', ')} and a slash`;
  if (!types) return 'a rule names resource types with commas between them, or an asterisk';
  if (!letters) return 'the letters of a rule are some of cruds, in this order';
  if (query === undefined) return { within, types, letters };
  const pairs = pairsOf(query);
  const sample = pairs && filledIn(pairs, (variable) => [variables[variable] ?? variable].slice(0, 1));
  const unable = types.find((type) => !sample || !criteriaOf(type, sample, registry));
  if (!pairs || unable !== undefined)
    return `the criteria of a rule ask by search parameters of ${unable ?? 'its types'} that one version answers`;
  return { within, types, letters, pairs };
}

/** Reads what a Basic says of a role, and every fault of it. */
export function readRole(
  basic: Basic,
  registry: Registry = shippedParameters,
): { readonly role: Role; readonly faults: readonly Issue[] } {
  const faults: Issue[] = [];
  const fault = (i: number, text: string): void => {
    faults.push(wrongValue('access-role-invalid', `Basic.extension.extension[${i}]`, text));
  };
  const rules: RoleRule[] = [];
  const granted = new Set<Permission>();
  const said = extensionOf(basic, extension.accessRole);
  (said?.extension ?? []).forEach(({ url, valueString, valueCode }, i) => {
    if (url === 'rule') {
      const rule = parseRule(valueString ?? '', registry);
      if (typeof rule === 'string') fault(i, rule);
      else rules.push(rule);
    } else if (url === 'permission') {
      if (isPermission(valueCode)) granted.add(valueCode);
      else fault(i, `a permission is one of ${Object.keys(permissions).join(', ')}`);
    } else if (url !== 'description' && url !== 'limit')
      fault(i, 'a role has rules, permissions and a limit');
  });
  const id = basic.id ?? '';
  if (!said || !id.startsWith(idPrefix) || !isRole({ id: '', code: basic.code }))
    faults.push(
      wrongValue(
        'access-role-invalid',
        'Basic',
        `a role has an id that begins with ${idPrefix}, the code access-role and the extension access-role`,
      ),
    );
  const limit = centsOf(extensionOf(said, 'limit')?.valueMoney);
  const role: Role = {
    name: id.slice(idPrefix.length),
    rules,
    permissions: granted,
    ...(limit === undefined ? {} : { limit }),
  };
  return { role, faults };
}

const folder = new URL('../../profiles/role/', import.meta.url);

/** The roles that the server brings along. */
export const shippedRoleResources: readonly Basic[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Basic);

/** The same, read; a fault in one of them is one of ours. */
export const shippedRoles: ReadonlyMap<string, Role> = new Map(
  shippedRoleResources.map((basic) => {
    const { role, faults } = readRole(basic);
    if (faults.length > 0)
      throw new Error(`${basic.id ?? ''}: ${faults.map(({ details }) => details?.text ?? '').join('; ')}`);
    return [role.name, role];
  }),
);
