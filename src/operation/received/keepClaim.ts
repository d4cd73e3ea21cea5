import { createHash } from 'node:crypto';
import type { Claim } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed, toJson, without } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { claimOfNumber, holderOf, receivedClaimKey, reserveKey } from '../uniqueKey.ts';
import { endsHere, matchParties } from './parties.ts';

/** A claim of an 837, and the segments that it and its lines were read from: x12-position. */
export interface ReadClaim {
  readonly claim: Claim; // with all its parties contained
  readonly position: string;
  readonly lines: readonly string[];
}

/** What became of a claim that came in. */
export type Kept =
  | { readonly is: 'made' | 'already-there'; readonly claim: string; readonly parties: readonly string[] }
  /** Neither its billing provider nor its payer is here. */
  | { readonly is: 'nobody' };

/**
 * Keeps a claim that came in as an 837: to a payer that is here, or once sent by a practice that is. It is active and
 * moves no money; the segments that it was read from say that it is not ours to send. The same claim again, or one that
 * went out from here, makes nothing.
 */
export async function keepClaim(call: Call, { claim: read, position, lines }: ReadClaim): Promise<Kept> {
  const { context, tx } = call;
  const key = receivedClaimKey(
    createHash('sha256')
      .update(toJson(without(read, 'created')))
      .digest('base64url'),
  );
  const known = await holderOf(tx, key);
  if (known) return { is: 'already-there', claim: referenceText(known), parties: [] };
  const { provider, payer } = await endsHere(call, read);
  if (!provider && !payer) return { is: 'nobody' };
  const number = identifierOf(read, system.patientControlNumber) ?? '';
  const own = provider && number !== '' ? await claimOfNumber(tx, number) : undefined;
  if (own !== undefined) return { is: 'already-there', claim: own, parties: [] };
  const { here, made } = await matchParties(call, read);
  const traced = changed(read, {
    extension: [...(read.extension ?? []), { url: extension.x12Position, valueString: position }],
    ...(read.item
      ? {
          item: read.item.map((item, n) =>
            changed(item, {
              extension: [
                ...(item.extension ?? []),
                ...(lines[n] === undefined ? [] : [{ url: extension.x12Position, valueString: lines[n] }]),
              ],
            }),
          ),
        }
      : {}),
    contained: (read.contained ?? []).filter(({ id }) => !here.has(`#${id ?? ''}`)),
  });
  const claim = await createResource<Claim>(context, tx, renamed(traced, here));
  await reserveKey(tx, key, referenceText(claim));
  return { is: 'made', claim: referenceText(claim), parties: made };
}

/** The claim with the names that its parties have here; without an empty list of those that stay in it. */
function renamed(claim: Claim, here: ReadonlyMap<string, string>): Claim {
  const text = JSON.stringify(claim, (key: string, value: unknown) =>
    key === 'reference' && typeof value === 'string' ? (here.get(value) ?? value) : value,
  );
  const named = JSON.parse(text) as Claim;
  return named.contained?.length === 0 ? without(named, 'contained') : named;
}
