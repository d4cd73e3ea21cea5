import { createHash } from 'node:crypto';
import type { CoverageEligibilityResponse, Resource } from '@medplum/fhirtypes';
import { narrativeOf, resultOf, wordsOf } from '../../billing/eligibility/result.ts';
import { changed, copyOf, toJson, without } from '../../datatypes/json.ts';
import { referenceText, referenceTo } from '../../datatypes/reference.ts';
import { createResource, updateResource } from '../../interaction/repository.ts';
import { extension } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, releaseKey, reserveKey, writtenHolder } from '../uniqueKey.ts';
import { eligibilityAnswerKey, eligibilityKey } from './keys.ts';
import { focalOf, type Request } from './asking.ts';

export type Response = CoverageEligibilityResponse & { id: string };

/** The last answer to a request; queued while none was given. */
export const lastEligibility = (reader: Call['tx'], request: string): Promise<Response | undefined> =>
  holderOf(reader, eligibilityKey('last', request));

/** Nobody has answered yet: there is an answer that is filled in later. */
export async function waitForEligibility({ context, tx, on }: Call, request: Request): Promise<Response> {
  const name = referenceText(request);
  const open = await holderOf(tx, eligibilityKey('open', name));
  if (open) return open;
  const waiting = finished(request, notYet(request, on));
  const stored = await createResource<CoverageEligibilityResponse>(context, tx, waiting);
  await reserveKey(tx, eligibilityKey('open', name), referenceText(stored));
  await keepLast(tx, name, referenceText(stored));
  return stored;
}

/** An answer that is not there yet. */
export const notYet = (request: Request, on: string): CoverageEligibilityResponse => ({
  ...({ resourceType: 'CoverageEligibilityResponse', status: 'active', outcome: 'queued' } as const),
  ...{ purpose: request.purpose, patient: request.patient, insurer: request.insurer, created: on },
  request: referenceTo(request),
  disposition: 'The payer has not answered yet',
});

async function keepLast(tx: Call['tx'], request: string, response: string): Promise<void> {
  const key = eligibilityKey('last', request);
  const before = await writtenHolder(tx, key);
  if (before === response) return;
  if (before !== undefined) await releaseKey(tx, key);
  await reserveKey(tx, key, response);
}

interface Recorded {
  readonly response: Response;
  readonly isNew: boolean; // the payer had not said the same before
}

/**
 * Keeps what a payer answered. What waited for it is filled in; else it is an answer of its own beside those before: none
 * is overwritten. The same content again is the same answer.
 */
export async function recordEligibility(
  { context, tx }: Call,
  request: Request,
  said: CoverageEligibilityResponse,
  hash = contentOf(said),
): Promise<Recorded> {
  const name = referenceText(request);
  const open = await holderOf(tx, eligibilityKey('open', name));
  const known = await holderOf(tx, eligibilityAnswerKey(name, hash));
  if (known && !open) {
    await keepLast(tx, name, referenceText(known));
    return { response: known, isNew: false };
  }
  const response = finished(request, said);
  const stored = open
    ? await updateResource<CoverageEligibilityResponse>(context, tx, changed(response, { id: open.id }))
    : await createResource<CoverageEligibilityResponse>(context, tx, response);
  if (open) await releaseKey(tx, eligibilityKey('open', name));
  if (!known) await reserveKey(tx, eligibilityAnswerKey(name, hash), referenceText(stored));
  await keepLast(tx, name, referenceText(stored));
  return { response: stored, isNew: true };
}

const contentOf = (said: CoverageEligibilityResponse): string =>
  createHash('sha256').update(toJson(said)).digest('hex');

/** An answer in the names of its request, with its result as code and in plain words. */
export function finished(request: Request, said: CoverageEligibilityResponse): CoverageEligibilityResponse {
  const result = resultOf(said);
  const words = wordsOf(said);
  const focal = focalOf(request)?.coverage;
  const named = {
    ...{ patient: request.patient, insurer: request.insurer, request: referenceTo(request) },
    ...(request.provider ? { requestor: request.provider } : {}),
  };
  const parties = containedIn(request, { ...named, focal });
  const others = (said.extension ?? []).filter(({ url }) => url !== extension.eligibilityResult);
  return changed(without(said, 'contained'), {
    ...named,
    text: narrativeOf(words),
    ...(parties.length === 0 ? {} : { contained: parties }),
    extension: [...others, { url: extension.eligibilityResult, valueCode: result }],
    disposition: said.disposition ?? (words[0] ?? '').replace(/\.$/, ''),
    ...(said.insurance
      ? {
          insurance: said.insurance.map((one) =>
            focal ? changed(one, { coverage: { ...one.coverage, ...focal } }) : one,
          ),
        }
      : {}),
  });
}

/** The parties that a request has contained and that its answer names too. */
function containedIn(request: Request, naming: unknown): Resource[] {
  const text = JSON.stringify(naming);
  const isNamed = ({ id }: Resource): boolean => text.includes(`"#${id ?? ''}"`);
  const named = (request.contained ?? []).filter(isNamed);
  const all = JSON.stringify(named);
  return (request.contained ?? [])
    .filter((one) => isNamed(one) || all.includes(`"#${one.id ?? ''}"`))
    .map(copyOf);
}
