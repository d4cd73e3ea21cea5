import type { ResourceType } from '@medplum/fhirtypes';
import { fhirError } from '../../outcome/fhirError.ts';
import type { Criterion, Filter, SearchParameter } from '../../search/query.ts';

export { patientsOf } from './membership.ts';

/** What a principal may see and write: all there is, or what rules say of each resource type. */
export type Access = 'all' | Confinement;

/**
 * What makes a resource visible:
 * - `open`: it is for everybody (terminology, definitions)
 * - `patient`: it is in the compartment of one of the patients of the confinement
 * - `practice`: it belongs to one of the practices (see membership.ts)
 * - `chart`: it is in the compartment of a patient who has an Account or Encounter of one of the practices
 * - `context`: a Binary whose securityContext refers to something that is visible itself. Searches do not find it
 * - `patients`: it is in the compartment of one of these patients
 * - `criteria`: it meets all of them by its own entries
 * - `refers`: what it refers to by this parameter is a current resource that meets a rule without criteria
 * - `lasting`: it meets a rule, and so does its current version (of one that is deleted, the last): a label that comes
 *   later holds for the versions before it
 * - `any`, `all`: some, or every one, of several rules
 */
export type Rule =
  | 'open'
  | 'patient'
  | 'practice'
  | 'chart'
  | 'context'
  | { readonly patients: readonly string[] } // ids
  | { readonly criteria: readonly Criterion[] }
  | { readonly refers: SearchParameter; readonly to: Rule }
  | { readonly lasting: Rule }
  | { readonly any: readonly Rule[] }
  | { readonly all: readonly Rule[] };

/** How a resource is written. */
export type Write = 'create' | 'update' | 'delete';

/**
 * What of one resource type may be seen and written; what no rule allows is refused. `write` stands for each way of
 * writing that has no rule of its own. Who sees nothing of a type may create it all the same.
 */
export interface TypeAccess extends Readonly<Partial<Record<Write, Rule>>> {
  readonly see?: Rule;
  readonly write?: Rule;
}

/** The access of a principal who does not see all: a type without rules does not exist for them. */
export interface Confinement {
  readonly patients: readonly string[]; // ids
  readonly practices: readonly string[]; // ids of Organizations
  readonly types: ReadonlyMap<ResourceType, TypeAccess>;
  /** Ids of Patients whose confidential addresses and telephone numbers are not shown. */
  readonly concealed?: readonly string[];
}

/**
 * Makes a confinement. Throws 422 for criteria that ask more than the resource itself: chains, `_has`, `_filter` and
 * words are answered by searches, not by looking at one version.
 */
export function confinement(parts: {
  readonly patients?: readonly string[];
  readonly practices?: readonly string[];
  readonly concealed?: readonly string[];
  readonly types: Readonly<Partial<Record<ResourceType, TypeAccess>>>;
}): Confinement {
  const types = Object.entries(parts.types) as [ResourceType, TypeAccess][];
  for (const [type, rules] of types)
    for (const rule of [rules.see, rules.write, rules.create, rules.update, rules.delete])
      if (rule) requireOwn(type, rule);
  const { patients = [], practices = [], concealed = [] } = parts;
  return {
    patients,
    practices,
    types: new Map(types),
    ...(concealed.length > 0 ? { concealed } : {}),
  };
}

function requireOwn(type: ResourceType, rule: Rule): void {
  if (typeof rule === 'string') return;
  if ('any' in rule) for (const one of rule.any) requireOwn(type, one);
  else if ('all' in rule) for (const one of rule.all) requireOwn(type, one);
  else if ('lasting' in rule) requireOwn(type, rule.lasting);
  else if ('refers' in rule) requireMembership(type, rule.to);
  else if ('criteria' in rule) for (const criterion of rule.criteria) requireOfEntries(type, criterion);
}

/** What is referred to is of several types, so it is only asked to whom it belongs. */
function requireMembership(type: ResourceType, rule: Rule): void {
  if (
    rule === 'context' ||
    (typeof rule === 'object' && ('criteria' in rule || 'refers' in rule || 'lasting' in rule))
  )
    throw refused(type, 'asks more of what it refers to than to whom it belongs');
  if (typeof rule === 'string' || 'patients' in rule) return;
  for (const one of 'any' in rule ? rule.any : rule.all) requireMembership(type, one);
}

function requireOfEntries(type: ResourceType, criterion: Criterion): void {
  switch (criterion.op) {
    case 'filter':
      if (criterion.parameter.type !== type) throw refused(type, `names ${criterion.parameter.type}`);
      if (!isJudged(criterion)) throw refused(type, `asks by ${nameOf(criterion)}`);
      return;
    case 'composite':
      return;
    case 'and':
    case 'or':
      for (const one of criterion.criteria) requireOfEntries(type, one);
      return;
    case 'not':
      requireOfEntries(type, criterion.criterion);
      return;
    case 'chain':
      throw refused(type, 'has a chain');
    case 'has':
      throw refused(type, 'has _has');
    case 'text':
    case 'content':
      throw refused(type, `has _${criterion.op}`);
  }
}

const nameOf = ({ parameter, modifier }: Filter): string =>
  modifier === undefined ? parameter.code : `${parameter.code}:${modifier}`;

/** Whether a filter is told from the entries of one version, without a search. */
function isJudged({ parameter, modifier, values }: Filter): boolean {
  if (parameter.code === '_lastUpdated') return false; // known only when it is written
  if (parameter.code === '_id') return modifier === undefined || modifier === 'not';
  if (values.some(({ prefix }) => prefix === 'ap')) return false; // what is near enough depends on the day
  switch (modifier) {
    case undefined:
    case 'missing':
    case 'not':
    case 'identifier':
      return true;
    case 'exact':
    case 'contains':
      return parameter.kind === 'string';
    default:
      return false;
  }
}

const refused = (type: ResourceType, what: string): Error =>
  fhirError(
    422,
    'not-supported',
    'access-criteria',
    `An access rule of ${type} ${what}: it may only ask for what the resource itself says`,
  );
