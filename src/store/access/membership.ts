import { readFileSync } from 'node:fs';
import type { CompartmentDefinition, Resource, ResourceType } from '@medplum/fhirtypes';
import { parseJson } from '../../datatypes/json.ts';
import { extract, type ExtractOptions } from '../../search/extract.ts';
import type { IndexEntry, Origin, SearchParameter } from '../../search/query.ts';
import { shipped } from '../../search/registry.ts';
import type { Stored } from '../stored.ts';

/** The members of a resource: the patients whose compartment it is in, and the practices (Organizations) it belongs to. */
export type Membership = 'Patient' | 'Organization';

const file = new URL('../../../profiles/compartment/CompartmentDefinition-patient.json', import.meta.url);

/** R4's patient compartment, but for Patient.link: a link to another patient opens neither's record to the other. */
const patientCodes: Readonly<Partial<Record<string, readonly string[]>>> = Object.fromEntries(
  (JSON.parse(readFileSync(file, 'utf8')) as CompartmentDefinition).resource?.map(({ code, param = [] }) => [
    code,
    code === 'Patient' ? [] : param,
  ]) ?? [],
);

/**
 * The search parameters that name the practice a resource belongs to: the organization that serves, bills, issues, owns
 * or manages it; not a payer, a manufacturer or a consultant. An Organization belongs to itself.
 */
const practiceCodes: Readonly<Partial<Record<ResourceType, readonly string[]>>> = {
  Account: ['owner'],
  Basic: ['author'],
  ChargeItem: ['performing-organization'],
  Claim: ['provider'],
  ClaimResponse: ['requestor'],
  Consent: ['organization'],
  Contract: ['authority'],
  CoverageEligibilityRequest: ['provider'],
  CoverageEligibilityResponse: ['requestor'],
  Device: ['organization'],
  DocumentReference: ['custodian'],
  Encounter: ['service-provider'],
  Endpoint: ['organization'],
  EpisodeOfCare: ['organization'],
  ExplanationOfBenefit: ['provider', 'payee'], // of an oral one the provider is the dentist
  Group: ['managing-entity'],
  HealthcareService: ['organization'],
  Invoice: ['issuer'],
  Location: ['organization'],
  OrganizationAffiliation: ['primary-organization', 'participating-organization'],
  Patient: ['organization'],
  PaymentNotice: ['provider', 'recipient'],
  PaymentReconciliation: ['requestor'],
  PractitionerRole: ['organization'],
  Provenance: ['agent'], // the practice that keeps it
  Task: ['owner', 'requester'],
};

const codesOf = (of: Membership, type: ResourceType): readonly string[] =>
  (of === 'Patient' ? patientCodes : practiceCodes)[type] ?? [];

interface Held {
  readonly origins: readonly Origin[];
  readonly codes: ReadonlySet<string>;
}
const held = { Patient: new Map<ResourceType, Held>(), Organization: new Map<ResourceType, Held>() };

/** The parameters whose index entries name members: `patient` is the part of `subject` that refers to Patients. */
function heldBy(of: Membership, type: ResourceType): Held {
  const known = held[of].get(type);
  if (known) return known;
  const named = shipped.parametersOf(type);
  const codes = new Set(
    codesOf(of, type).flatMap((code) => {
      const parameter = named.get(code);
      return parameter ? (parameter.from ?? [parameter]).map((origin) => origin.code) : [];
    }),
  );
  const made = { codes, origins: [...codes].map((code) => ({ code, target: of })) };
  held[of].set(type, made);
  return made;
}

/** Whether a match of a search parameter always makes the resource belong to the one it names. */
export function impliesMembership(of: Membership, { type, code, from }: SearchParameter): boolean {
  const { codes } = heldBy(of, type);
  return (from ?? [{ code }]).every((origin) => codes.has(origin.code));
}

/** The parameter for searches by member; undefined where no resource of the type has such members. */
export function membershipParameter(of: Membership, type: ResourceType): SearchParameter | undefined {
  const { origins } = heldBy(of, type);
  if (origins.length === 0) return undefined;
  const code = of === 'Patient' ? '_compartment' : '_practice';
  return { type, code, kind: 'reference', expression: '', target: [of], from: origins };
}

/** Most members kept beside a version; more are read from its content. */
const membersMax = 100;

type Named = Pick<Resource, 'resourceType' | 'id'>;

/** References to the patients and practices of a resource; `entries` are all that the index holds of it. */
function members({ resourceType: type, id = '' }: Named, entries: readonly IndexEntry[]): Set<string> {
  const patients = heldBy('Patient', type).codes;
  const practices = heldBy('Organization', type).codes;
  const found = new Set<string>();
  if (type === 'Patient' || type === 'Organization') found.add(`${type}/${id}`);
  for (const entry of entries) {
    if (entry.kind !== 'reference') continue;
    const isMember =
      (entry.type === 'Patient' && patients.has(entry.parameter.code)) ||
      (entry.type === 'Organization' && practices.has(entry.parameter.code));
    if (isMember) found.add(`${entry.type ?? ''}/${entry.id}`);
  }
  return found;
}

/**
 * The patients and practices of a resource as one text, each reference between blanks: what stands beside its version,
 * so that who may see it is told without reading the content. Undefined where they are too many to keep.
 */
export function membersText(resource: Named, entries: readonly IndexEntry[]): string | undefined {
  const found = members(resource, entries);
  if (found.size > membersMax) return undefined;
  return found.size === 0 ? '' : ` ${[...found].join(' ')} `;
}

/** The same read from the content of a resource. */
export const membersIn = (resource: Resource, options: ExtractOptions): ReadonlySet<string> =>
  members(resource, extract(resource, options));

const utf8 = new TextDecoder();

/** The patients whose compartment a version is in, by their ids; of a deletion, where that was kept beside it. */
export function patientsOf({ members: kept, json, deleted }: Stored): readonly string[] {
  if (kept === undefined && deleted) return [];
  const references = kept?.split(' ') ?? [...membersIn(parseJson(utf8.decode(json)) as Resource, {})];
  return references.flatMap((r) => (r.startsWith('Patient/') ? [r.slice('Patient/'.length)] : []));
}
