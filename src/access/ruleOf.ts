import type { ResourceType } from '@medplum/fhirtypes';
import type { Registry } from '../search/registry.ts';
import type { Rule } from '../store/access/access.ts';
import type { Caller } from './caller.ts';
import { criteriaOf, type Pairs } from './criteria.ts';
import { filledIn, type RoleRule, type Within } from './role.ts';
import { anyOf, bothOf } from './ruleAlgebra.ts';
import type { Scope } from './scope.ts';
import { sensitiveLabels } from './sensitive.ts';

/** What a rule of a role lets through of a type, for a caller; undefined where that is nothing. */
export function ruleOfRole(
  { within, pairs }: RoleRule,
  type: ResourceType,
  caller: Caller,
  registry: Registry,
): Rule | undefined {
  const whose = withinOf(within, type, caller, registry);
  if (!pairs || whose === undefined) return whose;
  const filled = filledIn(pairs, (variable) => variableOf(caller, variable));
  return bothOf(whose, filled && criteria(type, filled, registry));
}

function variableOf({ practices, patients, user }: Caller, variable: string): readonly string[] | undefined {
  switch (variable) {
    case '%practice':
      return practices.map((id) => `Organization/${id}`);
    case '%patient':
      return patients.map(({ id }) => `Patient/${id}`);
    case '%user':
      return user === undefined ? [] : [user];
    default:
      return undefined;
  }
}

function withinOf(within: Within, type: ResourceType, caller: Caller, registry: Registry): Rule | undefined {
  const { patients, practices, opened } = caller;
  switch (within) {
    case 'any':
      return 'open';
    case 'patient':
      return anyOf(patients.map((own) => ofOwn(own, type, registry, (ids) => ids)));
    case 'account':
      return anyOf(
        patients.map((own) => ofOwn(own, type, registry, (ids) => throughAccount(ids, type, registry))),
      );
    case 'origin':
      return anyOf(
        patients.map((own) => ofOwn(own, type, registry, (ids) => throughTarget(ids, type, registry))),
      );
    case 'practice':
    case 'chart':
      return practices.length > 0 ? within : undefined;
    case 'context':
      return type === 'Binary' ? 'context' : undefined;
    case 'emergency':
      return opened.length > 0 ? { patients: opened } : undefined;
  }
}

/** Of a proxy what is labelled sensitive is left out, but for the labels that a Consent allows. */
function ofOwn(
  { id, proxy }: Caller['patients'][number],
  type: ResourceType,
  registry: Registry,
  ofPatients: (rule: Rule) => Rule | undefined,
): Rule | undefined {
  const own = ofPatients({ patients: [id] });
  if (!proxy) return own;
  const hidden = sensitiveLabels.filter((label) => !proxy.allowed.includes(label));
  const open = criteria(type, [['_security:not', hidden.join(',')]], registry);
  return bothOf(own, open && { lasting: open });
}

/** What a PaymentNotice is for: an Account or Invoice of the patient. Other types have no such reference. */
function throughAccount(of: Rule, type: ResourceType, registry: Registry): Rule | undefined {
  const request = type === 'PaymentNotice' ? registry.parametersOf(type).get('request') : undefined;
  return request && { refers: { ...request, target: ['Account', 'Invoice'] }, to: of };
}

/** What of the bill of a patient a Provenance may be about. */
const billTypes = [
  ...(['ChargeItem', 'Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Invoice', 'Account'] as const),
] as const satisfies readonly ResourceType[];

/** What a Provenance is about: of the patient. Other types have no such reference. */
function throughTarget(of: Rule, type: ResourceType, registry: Registry): Rule | undefined {
  const target = type === 'Provenance' ? registry.parametersOf(type).get('target') : undefined;
  return target && { refers: { ...target, target: billTypes }, to: of };
}

function criteria(type: ResourceType, pairs: Pairs, registry: Registry): Rule | undefined {
  const found = criteriaOf(type, pairs, registry);
  return found && { criteria: found };
}

/** Types that belong to no patient and are the same for all: a scope about a patient includes them. */
const shared: ReadonlySet<ResourceType> = new Set<ResourceType>([
  ...(['Organization', 'OrganizationAffiliation', 'Practitioner', 'PractitionerRole', 'Location'] as const),
  ...([
    'HealthcareService',
    'Endpoint',
    'InsurancePlan',
    'Medication',
    'MedicationKnowledge',
    'Substance',
  ] as const),
  ...(['CodeSystem', 'ValueSet', 'ConceptMap', 'NamingSystem', 'ChargeItemDefinition'] as const),
  ...(['StructureDefinition', 'SearchParameter', 'OperationDefinition', 'CompartmentDefinition'] as const),
  ...([
    'CapabilityStatement',
    'ImplementationGuide',
    'Questionnaire',
    'PlanDefinition',
    'ActivityDefinition',
  ] as const),
]);

/** What a scope lets through of a type; undefined where that is nothing. */
export function ruleOfScope(
  { of, pairs }: Scope,
  type: ResourceType,
  patient: string | undefined, // in context
  registry: Registry,
): Rule | undefined {
  const whose = of === 'patient' ? inContext(type, patient, registry) : 'open';
  return pairs ? bothOf(whose, criteria(type, pairs, registry)) : whose;
}

function inContext(type: ResourceType, patient: string | undefined, registry: Registry): Rule | undefined {
  if (shared.has(type)) return 'open';
  if (type === 'Binary') return 'context';
  if (patient === undefined) return undefined;
  const own: Rule = { patients: [patient] };
  if (type === 'PaymentNotice') return throughAccount(own, type, registry);
  return anyOf([own, throughTarget(own, type, registry)]);
}
