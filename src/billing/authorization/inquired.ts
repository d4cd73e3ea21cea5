import type { Claim, ClaimItem, ClaimResponse } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { pasExtension } from '../../terminology/pas.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import { system } from '../../terminology/system.ts';
import { reviewsOf } from './review.ts';

interface Decided {
  readonly claim: Claim;
  readonly answer: ClaimResponse;
}

/** Whether a request and its answer are like an example: some item of it fits each item of the example. */
export const isAskedFor = ({ item = [], billablePeriod }: Claim, decided: Decided): boolean =>
  isWithin(decided.claim, billablePeriod) &&
  (item.length === 0 ||
    item.some((asked) => (decided.claim.item ?? []).some((one) => fits(asked, one, decided))));

/** Whether a request is for days that are asked after. */
function isWithin(claim: Claim, period: Claim['billablePeriod']): boolean {
  if (!period) return true;
  const days = [
    claim.billablePeriod?.start,
    ...(claim.item ?? []).map(({ servicedDate, servicedPeriod }) => servicedDate ?? servicedPeriod?.start),
  ].filter((day) => day !== undefined);
  const { start = '', end = '9999' } = period;
  return (
    days.length === 0 || days.some((day) => day.slice(0, 10) >= start.slice(0, 10) && day.slice(0, 10) <= end)
  );
}

function fits(asked: ClaimItem, item: ClaimItem, { answer }: Decided): boolean {
  const code = codeOf(asked.productOrService, ...acceptedLineSystems);
  const review = reviewsOf(answer).find(({ sequence }) => sequence === item.sequence);
  const number = extensionOf(asked, pasExtension.previousAuthorization)?.valueString;
  const action = codeOf(
    extensionOf(asked, pasExtension.reviewActionCode)?.valueCodeableConcept,
    system.x12Action,
  );
  const day = (url: string): string | undefined => extensionOf(asked, url)?.valueDate;
  const [issued, from, until] = [
    day(pasExtension.certified),
    day(pasExtension.certifiedFrom),
    day(pasExtension.certifiedUntil),
  ];
  const held = extensionOf(review?.item, pasExtension.period)?.valuePeriod ?? answer.preAuthPeriod;
  return (
    (code === undefined || code === codeOf(item.productOrService, ...acceptedLineSystems)) &&
    (number === undefined || number === review?.number || number === answer.preAuthRef) &&
    (action === undefined || action === review?.action) &&
    (issued === undefined || issued === extensionOf(review?.item, pasExtension.issueDate)?.valueDate) &&
    (from === undefined || from === held?.start) &&
    (until === undefined || until === held?.end)
  );
}
