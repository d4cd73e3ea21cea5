import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { authorizedBy, isCertified, isUndecided, reviewsOf } from '../../billing/authorization/review.ts';
import { usedOf, type Sent } from '../../billing/claim/authorize.ts';
import type { Authorized } from '../../datatypes/authorized.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

type Stored<T> = T & { id: string };

/** What is asked for: a patient (Patient/1), and a payer (Organization/1) where only one is meant. */
interface Of {
  readonly patient: string;
  readonly payer?: string | undefined;
}

/** A request for authorization with its answer. */
export interface Request {
  readonly claim: Stored<Claim>;
  readonly answer: ClaimResponse | undefined;
}

/** The requests for authorization of a patient that count, each with its last answer that stands. */
export async function requestsOf(reader: Reader, { patient, payer }: Of): Promise<Request[]> {
  const found = (await find<Claim>(reader, 'Claim', { patient, use: 'preauthorization' })).flatMap((claim) =>
    claim.status === 'active' &&
    claim.id !== undefined &&
    (payer === undefined || unversionedText(claim.insurer?.reference) === payer)
      ? [changed(claim, { id: claim.id })]
      : [],
  );
  const requests: Request[] = [];
  for (const claim of found) requests.push({ claim, answer: await answerTo(reader, claim) });
  // a request that changes another one counts instead of it once it is answered
  const replaced = new Set(
    requests
      .filter(({ answer }) => answer !== undefined && changesPrior(answer))
      .flatMap(({ claim }) => priorOf(claim) ?? []),
  );
  return requests.filter(({ claim }) => !replaced.has(referenceText(claim)));
}

/** Whether an answer takes the place of that to the request before: what was refused leaves that as it was. */
const changesPrior = (answer: ClaimResponse): boolean =>
  !isUndecided(answer) && (isCertified(answer) || reviewsOf(answer).some(({ action }) => action === 'C'));

/** The request that a request changes or cancels: Claim/1. */
export const priorOf = ({ related = [] }: Claim): string | undefined =>
  unversionedText(related.find(({ claim }) => claim?.reference !== undefined)?.claim?.reference);

export async function answerTo(reader: Reader, claim: Stored<Claim>): Promise<ClaimResponse | undefined> {
  const answers = await find<ClaimResponse>(reader, 'ClaimResponse', { request: referenceText(claim) });
  return answers
    .filter(({ status }) => status === 'active')
    .sort((a, b) => (a.created < b.created ? -1 : 1))
    .at(-1);
}

/** What payers have authorized for a patient. */
export async function authorizedFor(reader: Reader, of: Of): Promise<Authorized[]> {
  const requests = await requestsOf(reader, of);
  return requests.flatMap(({ claim, answer }) => (answer ? authorizedBy(claim, answer) : []));
}

/** The units that claims which were sent have used of each number; those of a visit apart where one is named. */
export async function usedFor(reader: Reader, patient: string, besides?: string): Promise<Sent[]> {
  const claims = await find<Claim>(reader, 'Claim', { patient, use: 'claim', status: 'active' });
  return claims
    .filter(({ item = [] }) => !item.some((i) => i.encounter?.some((e) => e.reference === besides)))
    .flatMap(usedOf);
}
