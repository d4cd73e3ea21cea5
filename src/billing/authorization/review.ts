import type {
  Claim,
  ClaimItem,
  ClaimResponse,
  ClaimResponseItem,
  ClaimResponseItemAdjudication,
  CodeableConcept,
  Extension,
} from '@medplum/fhirtypes';
import type { Authorized } from '../../datatypes/authorized.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { isPendedReview, pasExtension } from '../../terminology/pas.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import { system } from '../../terminology/system.ts';

/** What was decided on one service of a request, or on the request as a whole. */
export interface Reviewed {
  readonly sequence?: number; // of the item; none: the request as a whole
  readonly action: string; // HCR01: A1 certified, A3 not certified, A4 pended …
  readonly number: string;
  readonly item?: ClaimResponseItem;
}

const reviewOf = (adjudication: readonly ClaimResponseItemAdjudication[]): Extension | undefined =>
  adjudication.map((one) => extensionOf(one, pasExtension.reviewAction)).find((found) => found !== undefined);

/** What a ClaimResponse decides, item by item and as a whole. See conformance 7.1.3 */
export function reviewsOf({ item = [], adjudication = [] }: ClaimResponse): Reviewed[] {
  const read = (found: Extension | undefined): Pick<Reviewed, 'action' | 'number'>[] => {
    const action = codeOf(
      extensionOf(found, pasExtension.reviewActionCode)?.valueCodeableConcept,
      system.x12Action,
    );
    return action === undefined ? [] : [{ action, number: extensionOf(found, 'number')?.valueString ?? '' }];
  };
  return [
    ...item.flatMap((one) =>
      read(reviewOf(one.adjudication)).map((said) => ({ ...said, sequence: one.itemSequence, item: one })),
    ),
    ...read(reviewOf(adjudication)),
  ];
}

/** Actions by which a payer authorizes something: in total, in part, with changes. */
const certified: readonly string[] = ['A1', 'A2', 'A6'];

/** True while the payer has still to decide on some of it. */
export const isUndecided = (response: ClaimResponse): boolean =>
  response.outcome === 'queued' || isPendedReview(response);

/** True where the payer has authorized something. */
export const isCertified = (response: ClaimResponse): boolean =>
  reviewsOf(response).some(({ action }) => certified.includes(action)) ||
  (response.outcome === 'complete' && reviewsOf(response).length === 0 && response.preAuthRef !== undefined);

/**
 * The services that a payer has authorized in its answer to a request. An answer that was entered by hand may name a number
 * and a period only: it is of all that was asked.
 */
export function authorizedBy(claim: Claim & { id: string }, response: ClaimResponse): Authorized[] {
  if (response.outcome !== 'complete' && response.outcome !== 'partial') return [];
  const reviews = reviewsOf(response);
  const whole = reviews.find(({ sequence }) => sequence === undefined);
  return (claim.item ?? []).flatMap((asked): Authorized[] => {
    const own = reviews.find(({ sequence }) => sequence === asked.sequence);
    const review = own ?? whole;
    if (review ? !certified.includes(review.action) : reviews.length > 0) return [];
    const number = [own?.number, whole?.number, response.preAuthRef].find((text) => text);
    if (number === undefined) return [];
    const detail = extensionOf(own?.item, pasExtension.authorizedDetail);
    const units = extensionOf(detail, 'quantity')?.valueQuantity?.value ?? asked.quantity?.value ?? undefined;
    return [
      {
        ...{ request: `Claim/${claim.id}`, sequence: asked.sequence, number },
        payer: unversionedText(claim.insurer?.reference) ?? '',
        patient: unversionedText(claim.patient.reference) ?? '',
        providers: providersOf(claim),
        codes: codesOf(asked, extensionOf(detail, 'productOrServiceCode')?.valueCodeableConcept),
        period: extensionOf(own?.item, pasExtension.period)?.valuePeriod ?? response.preAuthPeriod ?? {},
        ...(units === undefined ? {} : { units }),
      },
    ];
  });
}

/** Service codes that the payer says it asks no authorization for. */
export const notRequiredBy = (claim: Claim, response: ClaimResponse): string[] =>
  reviewsOf(response).flatMap(({ action, sequence }) =>
    action === 'NA'
      ? (claim.item ?? []).filter((i) => i.sequence === sequence).flatMap((i) => codesOf(i, undefined))
      : [],
  );

const providersOf = ({ provider, careTeam = [] }: Claim): string[] => [
  ...new Set(
    [provider, ...careTeam.map((member) => member.provider)].flatMap(
      ({ reference }) => unversionedText(reference) ?? [],
    ),
  ),
];

const codesOf = (asked: ClaimItem, authorized: CodeableConcept | undefined): string[] => {
  const code =
    codeOf(authorized, ...acceptedLineSystems) ?? codeOf(asked.productOrService, ...acceptedLineSystems);
  return code === undefined ? [] : [code];
};
