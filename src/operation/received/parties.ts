import type { Claim, Coverage, Organization, Patient, Practitioner, Resource } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed, copyOf, without } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { createResource, find } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../operation.ts';
import { partyLock } from '../uniqueKey.ts';

type Numbered = Organization | Practitioner;

/** The parties of a claim that was read, by their names in it ('#patient-1'), as they are here: 'Patient/1'. */
export interface Parties {
  readonly here: ReadonlyMap<string, string>;
  /** What was made of them now. */
  readonly made: readonly string[];
}

/** The numbers by which an organization or a person is known, the surest first. */
const systems: readonly string[] = [system.npi, system.payerId, system.taxId];

const numberOf = (party: Numbered): readonly [string, string] | undefined => {
  for (const one of systems) {
    const value = identifierOf(party, one);
    if (value !== undefined && value !== '') return [one, value];
  }
  return undefined;
};

const containedIn = (claim: Claim, reference: string | undefined): Resource | undefined =>
  claim.contained?.find(({ id }) => `#${id ?? ''}` === reference);

/** Whether billing provider and payer are here; a claim that names neither is nobody's here. */
export async function endsHere(
  { tx }: Pick<Call, 'tx'>,
  claim: Claim,
): Promise<{ readonly provider: boolean; readonly payer: boolean }> {
  const isHere = async (reference: string | undefined): Promise<boolean> => {
    const party = containedIn(claim, reference);
    return isNumbered(party) && (await withNumber(tx, party)).length > 0;
  };
  return {
    provider: await isHere(claim.provider.reference),
    payer: await isHere(claim.insurer?.reference),
  };
}

const isNumbered = (party: Resource | undefined): party is Numbered =>
  party?.resourceType === 'Organization' || party?.resourceType === 'Practitioner';

/** Who a party of a claim is here: by our own name for it, else by its number. Undefined where nobody, or several, are. */
export async function partyHere(
  reader: Reader,
  claim: Claim,
  reference: string | undefined,
): Promise<string | undefined> {
  const target = parseReference(reference);
  if (target) return `${target.type}/${target.id}`;
  const party = containedIn(claim, reference);
  const number = isNumbered(party) ? numberOf(party) : undefined;
  if (!party || !number) return undefined;
  const found = await find(reader, party.resourceType, { identifier: number.join('|') });
  return found.length === 1 && found[0] ? referenceText(found[0]) : undefined;
}

/** Everybody who has the number of a party. */
async function withNumber(tx: Call['tx'], party: Numbered): Promise<string[]> {
  const number = numberOf(party);
  const found = number ? await find(tx, party.resourceType, { identifier: number.join('|') }) : [];
  return found.map(referenceText);
}

/**
 * The parties of a claim: organizations and practitioners by NPI, payer id or tax number, the patient by name, birth date
 * and member id. Those of a known number that are not here yet are made; whoever has none, and every coverage, stays in
 * the claim: a coverage on the chart would be billed.
 */
export async function matchParties(call: Call, claim: Claim): Promise<Parties> {
  const here = new Map<string, string>();
  const made: string[] = [];
  for (const party of claim.contained ?? []) {
    if (!isNumbered(party)) continue;
    const number = numberOf(party);
    if (!number) continue;
    await call.tx.lock(partyLock(...number));
    const [known, ...others] = await withNumber(call.tx, party);
    if (others.length > 0) continue; // several have its number: nobody can tell which it is
    const name = known ?? (await makeNew(call, party));
    if (known === undefined) made.push(name);
    here.set(`#${party.id ?? ''}`, name);
  }
  const patient = await patientOf(call, claim, here);
  if (patient) {
    here.set(claim.patient.reference ?? '', patient.name);
    if (patient.isNew) made.push(patient.name);
  }
  return { here, made };
}

async function makeNew({ context, tx }: Call, party: Numbered): Promise<string> {
  const made =
    party.resourceType === 'Organization'
      ? await createResource<Organization>(context, tx, copyOf(without(party, 'id')))
      : await createResource<Practitioner>(context, tx, copyOf(without(party, 'id')));
  return referenceText(made);
}

interface Member {
  readonly payer: string;
  readonly number: string; // member id
}

/** The patient by name, birth date and a member id of the claim; made where there is none. */
async function patientOf(
  { context, tx }: Call,
  claim: Claim,
  here: ReadonlyMap<string, string>,
): Promise<{ readonly name: string; readonly isNew: boolean } | undefined> {
  const given = containedIn(claim, claim.patient.reference);
  const members = membersOf(claim, here);
  if (given?.resourceType !== 'Patient' || members.length === 0) return undefined;
  const [family, birthdate] = [given.name?.[0]?.family, given.birthDate];
  if (family === undefined || birthdate === undefined) return undefined;
  for (const { payer, number } of members) await tx.lock(partyLock(payer, number));
  const alike = (await find<Patient>(tx, 'Patient', { birthdate, family })).filter((p) => isNamed(p, given));
  const found: Patient[] = [];
  for (const one of alike) if (await isMember(tx, one, members)) found.push(one);
  const [only, ...others] = found;
  if (only) return others.length === 0 ? { name: referenceText(only), isNew: false } : undefined;
  const practice = here.get(claim.provider.reference ?? '');
  const made: Patient = changed(copyOf(without(given, 'id')), {
    identifier: [
      ...(given.identifier ?? []),
      ...members.map(({ payer, number }) => ({
        ...{ system: system.memberId, value: number, assigner: { reference: payer } },
      })),
    ],
    ...(practice?.startsWith('Organization/') === true
      ? { managingOrganization: { reference: practice } }
      : {}),
  });
  return { name: referenceText(await createResource<Patient>(context, tx, made)), isNew: true };
}

/** The memberships of the patient: payer and member id of each coverage whose payer is here. */
const membersOf = (claim: Claim, here: ReadonlyMap<string, string>): Member[] =>
  (claim.contained ?? []).flatMap((one): Member[] => {
    if (one.resourceType !== 'Coverage' || one.beneficiary.reference !== claim.patient.reference) return [];
    const payer = here.get(one.payor[0]?.reference ?? '');
    return payer === undefined || one.subscriberId === undefined ? [] : [{ payer, number: one.subscriberId }];
  });

const plain = (text: string | undefined): string => (text ?? '').trim().toUpperCase();

const isNamed = (a: Patient, b: Patient): boolean =>
  plain(a.name?.[0]?.family) === plain(b.name?.[0]?.family) &&
  plain(a.name?.[0]?.given?.[0]) === plain(b.name?.[0]?.given?.[0]);

async function isMember(tx: Call['tx'], patient: Patient, members: readonly Member[]): Promise<boolean> {
  const beneficiary = referenceText(patient);
  const coverages = await find<Coverage>(tx, 'Coverage', { beneficiary });
  const own = (patient.identifier ?? []).filter((i) => i.system === system.memberId);
  return members.some(
    ({ payer, number }) =>
      coverages.some((c) => c.subscriberId === number && c.payor.some((p) => p.reference === payer)) ||
      own.some((i) => i.value === number && i.assigner?.reference === payer),
  );
}
