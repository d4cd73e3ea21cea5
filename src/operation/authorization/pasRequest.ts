import { createHash } from 'node:crypto';
import type { Bundle, Claim, Coverage, Patient, Resource } from '@medplum/fhirtypes';
import { changed, copyOf, toJson, without } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { createResource, find, resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { unresolved } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { requireToSee } from '../call/callerView.ts';
import type { Call } from '../operation.ts';
import { matchParties } from '../received/parties.ts';
import { claimContentKey, holderOf, partyLock, reserveKey } from '../uniqueKey.ts';

type Stored<T> = T & { id: string };

/**
 * Stores the request of a PAS Bundle in our names: who is here already by number, name and member id, the rest made. The
 * same Bundle again is the same request. Who does not see everything may only ask for patients they see.
 */
export async function receiveRequest(call: Call, bundle: Bundle, given: Claim): Promise<Stored<Claim>> {
  const { context, tx } = call;
  const inside = insideOut(bundle, given, context.publicUrl);
  const hash = createHash('sha256')
    .update(`pas|${toJson(given)}|${toJson(whoIs(inside))}`)
    .digest('base64url');
  const key = claimContentKey(hash);
  const known = await holderOf(tx, key);
  if (known) {
    await requireToSee(call.view, [referenceText(known)]);
    return known;
  }
  const member = await memberOf(tx, inside);
  const isSeen = member !== undefined && (!call.view || (await sees(call.view, member)));
  if (call.view && !isSeen) throw unknownPatient();
  const placed =
    member === undefined ? inside : renamed(inside, new Map([[inside.patient.reference ?? '', member]]));
  const { here } = await matchParties(call, placed);
  const named = renamed(placed, here);
  const patient =
    parseReference(named.patient.reference)?.type === 'Patient' ? named : await withPatient(call, named);
  const insured = await withCoverage(call, patient);
  const related = await withPrior(call, insured, bundle);
  const claim = await createResource<Claim>(context, tx, tidy(related));
  await reserveKey(tx, key, referenceText(claim));
  await requireToSee(call.view, [claim.insurer?.reference ?? '', claim.provider.reference ?? '']);
  return claim;
}

const unknownPatient = (): Error =>
  unprocessable([
    unresolved(
      'patient-unknown',
      'Bundle.entry.resource',
      'the Bundle names no patient whom you ask for here',
    ),
  ]);

async function sees(view: Reader, name: string): Promise<boolean> {
  const target = parseReference(name);
  return target !== undefined && (await view.read('Patient', target.id)) !== undefined;
}

/** The Claim with what the Bundle holds beside it contained, and named '#p1'; what is ours by its URL keeps our name. */
export function insideOut({ entry = [] }: Bundle, given: Claim, publicUrl: string): Claim {
  const names = new Map<string, string>();
  const contained: Resource[] = [];
  for (const [n, { fullUrl = '', resource }] of entry.entries()) {
    if (!resource || resource === given || resource.resourceType === 'Claim') continue;
    const id = `p${n.toString()}`;
    const isOurs = fullUrl.startsWith(`${publicUrl}/`);
    const name = isOurs ? fullUrl.slice(publicUrl.length + 1) : `#${id}`;
    names.set(fullUrl, name);
    names.set(referenceText(resource), name);
    if (!isOurs) contained.push(Object.assign(plain(resource), { id }));
  }
  const own = changed(without(copyOf(given), 'id', 'text', 'contained'), { contained });
  return renamed(own, names);
}

/** A copy without what a contained resource may not have. */
function plain(resource: Resource): Resource {
  const copy = copyOf(resource);
  delete copy.meta;
  if ('text' in copy) delete copy.text;
  return copy;
}

/** The claim with other names for what it refers to. */
export function renamed(claim: Claim, names: ReadonlyMap<string, string>): Claim {
  const text = JSON.stringify(claim, (key: string, value: unknown) =>
    key === 'reference' && typeof value === 'string' ? (names.get(value) ?? value) : value,
  );
  return JSON.parse(text) as Claim;
}

const partOf = <T extends Resource>(claim: Claim, reference: string | undefined): T | undefined =>
  claim.contained?.find(({ id }) => `#${id ?? ''}` === reference) as T | undefined;

const focalCoverage = (claim: Claim): string | undefined =>
  claim.insurance.find(({ focal }) => focal)?.coverage.reference ?? claim.insurance[0]?.coverage.reference;

/** By what the patient of a Bundle is known. Two servers may give the same ids to different patients. */
function whoIs(claim: Claim) {
  const patient = partOf<Patient>(claim, claim.patient.reference);
  const number = partOf<Coverage>(claim, focalCoverage(claim))?.subscriberId;
  return { family: patient?.name?.[0]?.family, birthdate: patient?.birthDate, number };
}

/**
 * The patient of a Bundle as he is here: by our own name, else by family name, birth date where there is one, and member
 * number. Undefined where nobody, or more than one, is meant.
 */
export async function memberOf(reader: Reader, claim: Claim): Promise<string | undefined> {
  const { reference } = claim.patient;
  const target = parseReference(reference);
  if (target?.type === 'Patient')
    return (await resolve(reader, 'Patient', claim.patient)) ? `Patient/${target.id}` : undefined;
  const { family, birthdate, number } = whoIs(claim);
  if (family === undefined || number === undefined) return undefined;
  const alike = await find<Patient>(reader, 'Patient', {
    family,
    ...(birthdate === undefined ? { identifier: `${system.memberId}|${number}` } : { birthdate }),
  });
  const found: string[] = [];
  for (const one of alike) if (await isMember(reader, one, number)) found.push(referenceText(one));
  return found.length === 1 ? found[0] : undefined;
}

async function isMember(reader: Reader, patient: Patient, number: string): Promise<boolean> {
  if (patient.identifier?.some((i) => i.system === system.memberId && i.value === number)) return true;
  const coverages = await find<Coverage>(reader, 'Coverage', { beneficiary: referenceText(patient) });
  return coverages.some(({ subscriberId }) => subscriberId === number);
}

/** A patient whom nobody knows here is made, with the member number by which he is found again. */
async function withPatient({ context, tx }: Call, claim: Claim): Promise<Claim> {
  const patient = partOf<Patient>(claim, claim.patient.reference);
  const given = partOf<Coverage>(claim, focalCoverage(claim));
  const number = given?.subscriberId;
  if (!patient || number === undefined) throw unknownPatient();
  await tx.lock(partyLock(claim.insurer?.reference ?? '', number));
  const payer = parseReference(claim.insurer?.reference)?.type === 'Organization' ? claim.insurer : undefined;
  const made = await createResource<Patient>(
    context,
    tx,
    changed(without(copyOf(patient), 'id', 'contained'), {
      identifier: [
        ...(patient.identifier ?? []),
        { system: system.memberId, value: number, ...(payer ? { assigner: payer } : {}) },
      ],
      ...(parseReference(claim.provider.reference)?.type === 'Organization'
        ? { managingOrganization: { reference: claim.provider.reference ?? '' } }
        : {}),
    }),
  );
  return renamed(claim, new Map([[claim.patient.reference ?? '', referenceText(made)]]));
}

/** The coverage of the patient with this member number, made where there is none. */
async function withCoverage({ context, tx }: Call, claim: Claim): Promise<Claim> {
  const reference = focalCoverage(claim);
  const given = partOf<Coverage>(claim, reference);
  if (!given) return claim;
  const beneficiary = claim.patient.reference ?? '';
  const payer = claim.insurer?.reference ?? given.payor[0]?.reference ?? '';
  const own = (await find<Coverage>(tx, 'Coverage', { beneficiary })).find(
    ({ subscriberId, payor }) =>
      subscriberId === given.subscriberId && payor.some((one) => one.reference === payer),
  );
  const subscriber = parseReference(given.subscriber?.reference) ? given.subscriber : undefined;
  const made =
    own ??
    (await createResource<Coverage>(
      context,
      tx,
      changed(without(copyOf(given), 'id', 'subscriber', 'policyHolder', 'contained'), {
        ...(given.identifier
          ? { identifier: given.identifier.filter(({ value }) => value !== undefined) }
          : {}),
        ...(subscriber ? { subscriber } : {}),
        beneficiary: { reference: beneficiary },
        payor: [{ reference: payer }],
      }),
    ));
  return renamed(claim, new Map([[reference ?? '', referenceText(made)]]));
}

/** The request that this one changes, by the number that both sides have for it: it came with the Bundle, or is ours. */
async function withPrior({ tx }: Call, claim: Claim, { entry = [] }: Bundle): Promise<Claim> {
  if (!claim.related?.length) return claim;
  const related = [];
  for (const one of claim.related) {
    const text = one.claim?.reference;
    const beside = entry.find(
      ({ fullUrl, resource }) =>
        resource?.resourceType === 'Claim' && (fullUrl === text || referenceText(resource) === text),
    )?.resource as Claim | undefined;
    const numbers = [...(one.claim?.identifier ? [one.claim.identifier] : []), ...(beside?.identifier ?? [])];
    let found: Stored<Claim> | undefined;
    for (const { system: of = '', value = '' } of numbers)
      found ??= (
        await find<Claim>(tx, 'Claim', {
          identifier: `${of}|${value}`,
          patient: claim.patient.reference ?? '',
        })
      )
        .flatMap((c) =>
          c.use === 'preauthorization' && c.id !== undefined ? [changed(c, { id: c.id })] : [],
        )
        .at(-1);
    const here = found ?? (parseReference(text) ? await resolve<Claim>(tx, 'Claim', one.claim) : undefined);
    const [number] = numbers;
    related.push(
      changed(one, {
        claim: here
          ? { reference: referenceText(here) }
          : number
            ? { identifier: number }
            : { display: 'unknown' },
      }),
    );
  }
  return changed(claim, { related });
}

/** As it is stored: what nothing refers to any more is left out, and what the payer decides is not asked. */
function tidy(claim: Claim): Claim {
  const text = JSON.stringify(without(claim, 'contained'));
  const all = claim.contained ?? [];
  const kept = all.filter(
    ({ id = '' }) =>
      text.includes(`"#${id}"`) ||
      all.some(
        (other) =>
          other.id !== id &&
          text.includes(`"#${other.id ?? ''}"`) &&
          JSON.stringify(other).includes(`"#${id}"`),
      ),
  );
  const own = changed(without(claim, 'contained', 'meta'), { status: 'draft' as const });
  return kept.length > 0 ? changed(own, { contained: kept }) : own;
}

/** The identifiers by which a request is known: those of its Claim, and that of our transmission. */
export const numbersOf = (claim: Claim): string[] =>
  (claim.identifier ?? []).flatMap(({ system: of, value }) =>
    value === undefined ? [] : [`${of ?? ''}|${value}`],
  );
