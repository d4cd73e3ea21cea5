import type { ResourceType } from '@medplum/fhirtypes';
import { inCompartment, typesInCompartment } from '../../interaction/search/compartment.ts';
import type { Criterion, SearchParameter } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';

/** What belongs to a record: the types it may hold, and what a resource of a type meets when it is in it. */
export interface EverythingScope {
  readonly types: readonly ResourceType[];
  belongs(type: ResourceType): Criterion | undefined;
  /** Whether what a member refers to is given too, though it is no member. */
  follows(type: ResourceType): boolean;
}

/** The record of one patient: the compartment, and what supports it but belongs to no patient. */
export const ofPatient = (registry: Registry, id: string): EverythingScope => ({
  ...ofAllPatients(registry),
  belongs: (type) => inCompartment(registry, { type: 'Patient', id }, type),
});

/** The records of all patients: what refers to any patient here in the way its compartment asks for. */
export function ofAllPatients(registry: Registry): EverythingScope {
  const types = typesInCompartment('Patient');
  return {
    types,
    belongs(type) {
      if (type === 'Patient') return { op: 'and', criteria: [] };
      const one = inCompartment(registry, { type: 'Patient', id: 'x' }, type);
      return one && anyPatient(one);
    },
    follows: (type) => !types.includes(type),
  };
}

/** The same criterion without the id: a reference to whichever patient there is. */
function anyPatient(criterion: Criterion): Criterion {
  if (criterion.op === 'or') return { op: 'or', criteria: criterion.criteria.map(anyPatient) };
  if (criterion.op !== 'filter') return criterion;
  return { op: 'chain', parameter: criterion.parameter, targets: [{ type: 'Patient', filters: [] }] };
}

/** All of one visit: its compartment, and whatever that refers to, the patient above all. */
export const ofEncounter = (registry: Registry, id: string): EverythingScope => ({
  types: typesInCompartment('Encounter'),
  belongs: (type) => inCompartment(registry, { type: 'Encounter', id }, type),
  follows: () => true,
});

/** How what is on an Account refers to it: by a parameter, or through one to something that is on it. */
const onAccount: Readonly<Partial<Record<ResourceType, readonly (readonly [string, ResourceType?])[]>>> = {
  ChargeItem: [['account']],
  Claim: [['account'], ['encounter', 'Encounter']],
  ClaimResponse: [['request', 'Claim']],
  Encounter: [['account']],
  ExplanationOfBenefit: [
    ['claim', 'Claim'],
    ['encounter', 'Encounter'],
  ],
  Invoice: [['account']],
  PaymentNotice: [['request'], ['request', 'Invoice']],
  Task: [
    ['focus'],
    ['focus', 'ChargeItem'],
    ['focus', 'Invoice'],
    ['focus', 'Claim'],
    ['focus', 'Encounter'],
  ],
};

/** All that is on one Account. */
export function ofAccount(registry: Registry, id: string): EverythingScope {
  const account = { text: `Account/${id}`, target: { types: ['Account'], id } } as const;
  const named = (type: ResourceType, code: string): SearchParameter | undefined =>
    registry.parametersOf(type).get(code);
  const belongs = (type: ResourceType): Criterion | undefined => {
    const parameter = named(type, '_id');
    if (type === 'Account' && parameter) return { op: 'filter', parameter, values: [{ text: id, code: id }] };
    const ways = (onAccount[type] ?? []).flatMap(([code, through]): Criterion[] => {
      const by = named(type, code);
      if (!by) return [];
      if (through === undefined) return [{ op: 'filter', parameter: by, values: [account] }];
      const inner = belongs(through);
      return inner ? [{ op: 'chain', parameter: by, targets: [{ type: through, filters: [inner] }] }] : [];
    });
    const charged = type === 'Encounter' ? belongs('ChargeItem') : undefined;
    const context = named('ChargeItem', 'context');
    if (charged && context)
      ways.push({ op: 'has', source: 'ChargeItem', parameter: context, filters: [charged] });
    return ways.length > 0 ? { op: 'or', criteria: ways } : undefined;
  };
  const types = ['Account', ...(Object.keys(onAccount) as ResourceType[])] as const;
  return { types, belongs, follows: () => true };
}
