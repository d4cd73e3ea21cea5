import type { Bundle, Claim, Meta, Resource } from '@medplum/fhirtypes';
import { changed, copyOf, without } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { ownBase, system } from '../../terminology/system.ts';

/** What of each kind of resource a payer is told: what it needs to know the party, and no more. */
const told: Readonly<Record<string, readonly string[]>> = {
  Patient: ['identifier', 'name', 'telecom', 'gender', 'birthDate', 'deceasedBoolean', 'address'],
  RelatedPerson: [
    'identifier',
    'patient',
    'relationship',
    'name',
    'telecom',
    'gender',
    'birthDate',
    'address',
  ],
  Coverage: [
    ...['identifier', 'status', 'type', 'policyHolder', 'subscriber', 'subscriberId', 'beneficiary'],
    ...['dependent', 'relationship', 'period', 'payor', 'class', 'order', 'network'],
  ],
  Organization: ['identifier', 'active', 'type', 'name', 'telecom', 'address'],
  Practitioner: ['identifier', 'active', 'name', 'telecom', 'address', 'qualification'],
  PractitionerRole: ['identifier', 'active', 'practitioner', 'organization', 'code', 'specialty'],
  Location: ['identifier', 'status', 'name', 'type', 'telecom', 'address', 'managingOrganization'],
  DocumentReference: [
    'identifier',
    'status',
    'type',
    'category',
    'subject',
    'date',
    'description',
    'content',
  ],
  ClaimResponse: [
    ...['identifier', 'status', 'type', 'subType', 'use', 'patient', 'created', 'insurer', 'requestor'],
    ...['outcome', 'disposition', 'item', 'adjudication', 'total', 'payment', 'processNote'],
  ],
};

/** Elements of a Claim that are nobody's outside: what they name does not leave. */
const kept = ['meta', 'text', 'contained', 'enterer', 'prescription', 'originalPrescription'] as const;
const socialSecurity = 'http://hl7.org/fhir/sid/us-ssn';
const pas = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-';

interface Given {
  readonly claim: Claim & { id: string };
  readonly parties: readonly Resource[]; // that the claim refers to
  readonly base: string; // of our server: what fullUrls begin with
  readonly identifier: string; // urn:uuid:… of the transmission
  readonly timestamp: string;
  readonly isTest: boolean;
}

/** What makes a claim known to its payer, however often it gets it. */
export const transmissionSystem = 'urn:ietf:rfc:3986';
export const transmissionUrn = (id: string): string => `urn:uuid:${id}`;

/**
 * A claim for a payer's FHIR server, in the form of PAS: a collection with the Claim first and behind it what it refers
 * to. Nothing else of the chart is in it, nothing of our own bookkeeping, and no reference that leads nowhere.
 * See https://hl7.org/fhir/us/davinci-pas/STU2/StructureDefinition-profile-pas-request-bundle.html
 */
export function claimBundle({ claim, parties, base, identifier, timestamp, isTest }: Given): Bundle {
  const preauthorization = claim.use === 'preauthorization';
  const parted = parties.filter(isTold);
  const known = new Set([claim, ...parted].map(referenceText));
  const security = isTest ? { security: [{ system: system.actReason, code: 'HTEST' }] } : {};
  const profiled = (name: string) => (preauthorization ? { profile: [`${pas}${name}`] } : {});
  const claimMeta = { ...profiled(claim.related?.length ? 'claim-update' : 'claim'), ...security };
  const sent: Resource[] = [claimOf(claim, identifier, withMeta(claimMeta)), ...parted.map(partyOf)];
  for (const resource of sent) clean(resource, known);
  const head: Bundle = {
    resourceType: 'Bundle',
    ...withMeta({ ...profiled('pas-request-bundle'), ...security }),
    identifier: { system: transmissionSystem, value: identifier },
    type: 'collection',
    timestamp,
  };
  return changed(head, {
    entry: sent.map((resource) => changed({ fullUrl: `${base}/${referenceText(resource)}` }, { resource })),
  });
}

const withMeta = (meta: Meta): { meta?: Meta } => (Object.keys(meta).length > 0 ? { meta } : {});

function claimOf(claim: Claim & { id: string }, value: string, meta: { meta?: Meta }): Claim {
  const own = without(copyOf(claim), ...kept);
  for (const item of own.item ?? []) delete item.encounter;
  return changed(own, {
    ...meta,
    identifier: [{ system: transmissionSystem, value }, ...(own.identifier ?? [])],
  });
}

/** Whether a payer is told of such resources at all. */
export const isTold = ({ resourceType }: Resource): boolean => told[resourceType] !== undefined;

/** A party with what a payer needs to know it. */
export function partyOf(resource: Resource): Resource {
  const copy = copyOf(resource);
  const names = ['resourceType', 'id', ...(told[resource.resourceType] ?? [])];
  const left = Object.keys(copy).filter((name) => !names.includes(name));
  const party = without(copy, ...(left as never[])) as Resource;
  if (party.resourceType === 'Patient' && party.identifier)
    party.identifier = party.identifier.filter((i) => i.system !== socialSecurity);
  return party;
}

/** Takes our own extensions out, versions out of references, and references to what is not in the Bundle. */
export function clean(value: unknown, known: ReadonlySet<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const element = value as { extension?: { url?: string }[]; reference?: unknown };
  if (Array.isArray(element.extension)) {
    const others = element.extension.filter(({ url = '' }) => !url.startsWith(ownBase));
    if (others.length > 0) element.extension = others;
    else delete element.extension;
  }
  if (typeof element.reference === 'string') {
    const text = unversionedText(element.reference) ?? '';
    // a claim that is corrected was sent before: its payer knows it by the number, and by this name
    if (known.has(text) || text.startsWith('Claim/')) element.reference = text;
    else delete element.reference;
  }
  for (const [name, inner] of Object.entries<unknown>({ ...value })) {
    clean(inner, known);
    const isLeft = typeof inner !== 'object' || inner === null || Object.keys(inner).length > 0;
    if (!isLeft && !Array.isArray(value)) Reflect.deleteProperty(value, name);
  }
}
