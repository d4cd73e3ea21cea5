import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed, copyOf, toJson } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource, resolve, updateResource } from '../../interaction/repository.ts';
import { conflict } from '../../outcome/fhirError.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import {
  claimContentKey,
  claimNumberKey,
  holderOf,
  reserveKey,
  responseKey,
  type UniqueKey,
} from '../uniqueKey.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';

type Stored<T> = T & { id: string };

/**
 * A claim handed in to be sent: the one that is stored under its id, its patient control number or the same content,
 * brought up to date while it is a draft, else stored now. 409 when other content was submitted under its name.
 */
export async function receiveClaim(call: Call, claim: Claim): Promise<Stored<Claim>> {
  const { context, tx } = call;
  const keys = keysOf(claim);
  const before = await holderOf(tx, keys.content);
  if (before) return before;
  const stored =
    (await claimAt(call, claim.id === undefined ? undefined : referenceText(claim))) ??
    (keys.number && (await holderOf(tx, keys.number)));
  if (!stored) {
    const made = await createResource(context, tx, copyOf(claim));
    await reserveKey(tx, keys.content, referenceText(made));
    if (keys.number) await reserveKey(tx, keys.number, referenceText(made));
    return made;
  }
  const answered = (await holderOf(tx, responseKey(referenceText(stored)))) !== undefined;
  if (isSaid(stored, claim)) return stored;
  if (answered || stored.status !== 'draft') {
    const text = `${referenceText(stored)} is ${stored.status}: other content cannot be sent under its name`;
    throw conflict('claim-already-submitted', text, 'Claim');
  }
  return updateResource(context, tx, changed(copyOf(claim), { id: stored.id }));
}

function keysOf(claim: Claim): {
  readonly content: UniqueKey<Claim>;
  readonly number: UniqueKey<Claim> | undefined;
} {
  const number = identifierOf(claim, system.patientControlNumber);
  const hash = createHash('sha256').update(toJson(claim)).digest('base64url');
  return {
    content: claimContentKey(hash),
    number: number === undefined ? undefined : claimNumberKey(number),
  };
}

async function claimAt({ tx }: Call, reference: string | undefined): Promise<Stored<Claim> | undefined> {
  const found = reference === undefined ? undefined : await resolve<Claim>(tx, 'Claim', { reference });
  return found?.id === undefined ? undefined : changed(found, { id: found.id });
}

/** Whether a stored claim says what was handed in; once it was sent it also names versions. */
const isSaid = (stored: Claim, claim: Claim): boolean =>
  [stored, withoutVersions(stored)].some((s) => isDeepStrictEqual(content(s), content(claim)));

/** What a claim says, apart from the server's own marks and from when it was made and sent. */
const content = (claim: Claim): unknown =>
  Object.fromEntries(
    Object.entries(copyOf(claim)).filter(([key]) => !['id', 'meta', 'status', 'created'].includes(key)),
  );
