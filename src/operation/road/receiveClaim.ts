import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { toJson } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource, resolve, updateResource } from '../../interaction/resource.ts';
import { conflict } from '../../outcome/fhirError.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

type Stored<T> = T & { id: string };

/**
 * A claim handed in to be sent: the one that is stored under its id, its patient control number or the same content,
 * brought up to date while it is a draft, else stored now. 409 when other content was submitted under its name.
 */
export async function receiveClaim(call: Call, claim: Claim): Promise<Stored<Claim>> {
  const { context, tx } = call;
  const keys = keysOf(claim);
  const stored = await storedClaim(call, claim, keys);
  if (!stored) {
    const made = await createResource(context, tx, structuredClone(claim));
    for (const key of keys) await tx.reserve(key, referenceText(made));
    return made;
  }
  const answered = (await tx.holder(`response|${referenceText(stored)}`)) !== undefined;
  if (isDeepStrictEqual(content(stored), content(claim))) return stored;
  if (answered || stored.status !== 'draft') {
    const text = `${referenceText(stored)} is ${stored.status}: other content cannot be sent under its name`;
    throw conflict('claim-already-submitted', text, 'Claim');
  }
  return updateResource(context, tx, { ...structuredClone(claim), id: stored.id });
}

function keysOf(claim: Claim): string[] {
  const number = identifierOf(claim, system.patientControlNumber);
  const hash = createHash('sha256').update(toJson(claim)).digest('base64url');
  return [...(number === undefined ? [] : [`claim-number|${number}`]), `claim-content|${hash}`];
}

async function storedClaim(
  { tx }: Call,
  claim: Claim,
  keys: readonly string[],
): Promise<Stored<Claim> | undefined> {
  const names = claim.id === undefined ? [] : [referenceText(claim)];
  for (const key of keys) {
    const holder = await tx.holder(key);
    if (holder !== undefined) names.push(holder);
  }
  for (const reference of names) {
    const found = await resolve<Claim>(tx, 'Claim', { reference });
    if (found?.id !== undefined) return { ...found, id: found.id };
  }
  return undefined;
}

/** What a claim says, apart from the server's own marks and from having been sent. */
const content = (claim: Claim): unknown =>
  Object.fromEntries(
    Object.entries(structuredClone(claim)).filter(([key]) => !['id', 'meta', 'status'].includes(key)),
  );
