import type { Basic, InsurancePlan, Organization, Resource } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { idOf, referenceText } from '../../datatypes/reference.ts';
import { system } from '../../terminology/system.ts';
import { stripped } from '../../x12/write.ts';
import { defaultPlan } from '../genericPlan.ts';
import { readPlan, type Plan } from '../plan.ts';

/** A payer that the simulator speaks for. */
export interface House {
  readonly id: string; // NM1*PR, N1*PR
  readonly organization: string; // Organization/1
  readonly name: string;
  readonly tin: string; // nine digits
  readonly phone: string;
  readonly address: {
    readonly street: string;
    readonly city: string;
    readonly state: string;
    readonly zip: string;
  };
  readonly plans: readonly Plan[];
}

/** What payers hold before any claim comes. */
export interface Holdings {
  readonly houses: readonly House[];
  readonly members: readonly Basic[]; // enrolments
}

/** Reads payers with their plans and members out of FHIR resources, as they lie in seed/. */
export function readHoldings(resources: readonly Resource[]): Holdings {
  const plans = resources.filter((r): r is InsurancePlan => r.resourceType === 'InsurancePlan').map(readPlan);
  const houses = resources.flatMap((r): House[] => {
    const id = r.resourceType === 'Organization' ? payerIdOf(r) : undefined;
    return r.resourceType === 'Organization' && id !== undefined ? [houseOf(r, id, plans)] : [];
  });
  const members = resources.filter(
    (r): r is Basic => r.resourceType === 'Basic' && has(r.code, system.basic, 'enrollment'),
  );
  return { houses, members };
}

const payerIdOf = ({ identifier = [] }: Organization): string | undefined =>
  identifier.find((i) => i.system === system.payerId)?.value;

function houseOf(organization: Organization, id: string, plans: readonly Plan[]): House {
  const [address] = organization.address ?? [];
  const organizationId = idOf({ reference: referenceText(organization) }, 'Organization');
  const tin = organization.identifier?.find((i) => i.system === system.taxId)?.value ?? '';
  const phone = organization.telecom?.find((t) => t.system === 'phone')?.value ?? '';
  return {
    id,
    organization: referenceText(organization),
    name: stripped(organization.name ?? id).slice(0, 60),
    tin: /^\d{9}$/.test(tin) ? tin : numberFrom(id),
    phone: phone.replace(/\D/g, '').slice(-10),
    address: {
      street: stripped(address?.line?.[0] ?? 'UNKNOWN').slice(0, 55),
      city: stripped(address?.city ?? 'UNKNOWN').slice(0, 30),
      state: address?.state ?? '',
      zip: (address?.postalCode ?? '').replace(/\D/g, ''),
    },
    plans: plans.filter((p) => p.owner === organizationId),
  };
}

/** Nine digits for a payer of whom no tax number is known; 9 begins none that an employer has. */
const numberFrom = (id: string): string =>
  `9${Array.from(id)
    .reduce((n, c) => (n * 31 + c.charCodeAt(0)) % 100_000_000, 7)
    .toString()
    .padStart(8, '0')}`;

/** The plan that the member is enrolled in, else the payer's only one, else the usual terms. */
export const planOf = ({ plans }: House, enrolled: string | undefined): Plan =>
  plans.find((p) => p.id === enrolled) ?? (plans.length === 1 ? plans[0] : undefined) ?? defaultPlan;
