import type {
  ClaimInsurance,
  ClaimItem,
  ClaimResponse,
  ClaimResponseItem,
  Coverage,
  Organization,
} from '@medplum/fhirtypes';
import { add, centsOf, subtract, sum, zero, type Cents } from '../../../datatypes/cents.ts';
import { codeOf } from '../../../datatypes/coding.ts';
import { identifierOf } from '../../../datatypes/identifier.ts';
import { knownAs } from '../../../datatypes/known.ts';
import { extension, system } from '../../../terminology/system.ts';
import type { Loop } from '../../../x12/loop.ts';
import { segment, type Segment } from '../../../x12/segment.ts';
import { adjustmentSegments, adjustmentsOf, dividedOf, totalOf } from './adjustment.ts';
import { signatureOf } from './claimSegment.ts';
import { relationshipCode } from './coverageCode.ts';
import { procedureParts } from './line.ts';
import { addressSegments } from './party.ts';
import { coverageOf, organizationOf, type Sending } from './sending.ts';
import { holderOf, memberSegment, payerSegments, subscriberSegment } from './subscriber.ts';
import { amountText, decimalText, dtp, optional } from './value.ts';

/** Other payers and what they decided: loops 2320, 2330 and 2430 (billing rules 45 and 46). Read by readOtherPayer.ts. */

interface OtherPayer {
  readonly insurance: ClaimInsurance;
  readonly coverage: Coverage;
  readonly payer: Organization | undefined;
  readonly answer: ClaimResponse | undefined;
}

/** Every payer of a claim but the one that it goes to. */
export function otherPayers({ claim, known, problems }: Sending): OtherPayer[] {
  const focal = claim.insurance.find((insurance) => insurance.focal);
  return claim.insurance.flatMap((insurance): OtherPayer[] => {
    if (insurance === focal) return [];
    const at = `Claim.insurance.where(sequence = ${insurance.sequence})`;
    const coverage = coverageOf(known, insurance.coverage);
    if (!coverage) {
      problems.push({
        expression: `${at}.coverage`,
        text: 'the coverage of another payer is not known',
        refuses: true,
      });
      return [];
    }
    const answer = knownAs<ClaimResponse>(known, 'ClaimResponse', insurance.claimResponse);
    if (insurance.claimResponse && !answer)
      problems.push({
        expression: `${at}.claimResponse`,
        text: 'the answer of another payer is not known',
        refuses: true,
      });
    return [{ insurance, coverage, payer: organizationOf(known, coverage.payor[0]), answer }];
  });
}

const answeredOn = ({ payment, created }: ClaimResponse): string => payment?.date ?? created;

/** What an answer paid of a line or, without lines, of the claim. */
const paidOf = ({ adjudication }: Pick<ClaimResponseItem, 'adjudication'>): Cents =>
  add(
    centsOf(adjudication.find((a) => codeOf(a.category, system.adjudication) === 'benefit')?.amount) ?? zero,
    dividedOf(adjudication),
  );

/** AMT*D: what a payer paid for the claim. */
function paidForClaim(answer: ClaimResponse): Cents {
  const paid = centsOf(answer.payment?.amount);
  if (paid !== undefined) return paid;
  if (!answer.item?.length) return paidOf({ adjudication: answer.adjudication ?? [] });
  return subtract(sum(answer.item.map(paidOf)), totalOf(adjustmentsOf(answer.adjudication)));
}

/** Remark codes that no line names: MOA, or MIA of a stay. */
function remarks(answer: ClaimResponse, inpatient: boolean): Segment[] {
  const ofLines = new Set(answer.item?.flatMap(({ noteNumber = [] }) => noteNumber));
  const codes = (answer.processNote ?? []).flatMap(({ number, type, text }) => {
    const code = /^([A-Z]{1,2}\d{1,3})\b/.exec(text)?.[1];
    return code === undefined || type === 'display' || (number !== undefined && ofLines.has(number))
      ? []
      : [code];
  });
  if (codes.length === 0) return [];
  const [first, ...rest] = codes;
  if (!inpatient) return [segment('MOA', ['', '', ...codes.slice(0, 5)])];
  const gap = Array.from({ length: 14 }, () => '');
  return [segment('MIA', ['0', '', '', '0', first ?? '', ...gap, ...rest.slice(0, 4)])];
}

export function otherPayerLoop(sending: Sending, { insurance, coverage, payer, answer }: OtherPayer): Loop {
  const { claim } = sending;
  const inpatient = claim.subType?.coding?.some(({ code }) => code === 'inpatient') === true;
  const adjustments = adjustmentsOf(answer?.adjudication);
  const holder = holderOf(sending, coverage);
  const [assigned, release] = [extension.assignmentOfBenefits, extension.releaseOfInformation].map((url) =>
    signatureOf(claim, url),
  );
  const subscriber: Loop = {
    id: '2330A',
    segments: [memberSegment(holder, coverage), ...addressSegments(holder?.address?.[0])],
    loops: [],
  };
  return {
    id: '2320',
    segments: [
      subscriberSegment(coverage, insurance.sequence, relationshipCode(coverage)),
      ...adjustmentSegments(adjustments),
      ...(answer ? amounts(answer) : []),
      segment('OI', ['', '', assigned ?? '', '', '', release ?? '']),
      ...(answer ? remarks(answer, inpatient) : []),
    ],
    loops: [subscriber, payerLoop(insurance, payer, answer)],
  };
}

/** AMT*D, and AMT*EAF: what the patient still owes. */
function amounts(answer: ClaimResponse): Segment[] {
  const all = [answer.adjudication, ...(answer.item ?? []).map(({ adjudication }) => adjudication)];
  const share = totalOf(all.flatMap(adjustmentsOf).filter(({ group }) => group === 'PR'));
  return [
    segment('AMT', ['D', amountText(paidForClaim(answer))]),
    ...(share > 0 ? [segment('AMT', ['EAF', amountText(share)])] : []),
  ];
}

function payerLoop(
  insurance: ClaimInsurance,
  payer: Organization | undefined,
  answer: ClaimResponse | undefined,
): Loop {
  const number = answer && identifierOf(answer, system.payerClaimControlNumber);
  const byClaim = answer !== undefined && !answer.item?.length;
  return {
    id: '2330B',
    segments: [
      ...payerSegments(payer),
      ...(byClaim ? dtp('573', answeredOn(answer)) : []),
      ...optional('REF', ['G1', insurance.preAuthRef?.[0] ?? ''], 2),
      ...optional('REF', ['F8', number ?? ''], 2),
    ],
    loops: [],
  };
}

/** Loop 2430 of each payer that decided on a line. */
export function lineAdjudications(others: readonly OtherPayer[], item: ClaimItem): Loop[] {
  return others.flatMap(({ payer, answer }): Loop[] => {
    const decided = answer?.item?.find(({ itemSequence }) => itemSequence === item.sequence);
    if (!answer || !decided) return [];
    const units = item.quantity?.value;
    return [
      {
        id: '2430',
        segments: [
          segment('SVD', [
            identifierOf(payer, system.payerId) ?? '',
            amountText(paidOf(decided)),
            procedureParts(item).slice(0, 6),
            codeOf(item.revenue, system.revenueCode) ?? '',
            units === undefined ? '' : decimalText(units),
          ]),
          ...adjustmentSegments(adjustmentsOf(decided.adjudication)),
          ...dtp('573', answeredOn(answer)),
        ],
        loops: [],
      },
    ];
  });
}

/** Billing rule 46: each line is what was paid and adjusted of it, the claim what was paid and adjusted of all. */
export function unbalanced({ claim, problems }: Sending, others: readonly OtherPayer[]): void {
  for (const { insurance, answer } of others) {
    if (!answer) continue;
    const at = `Claim.insurance.where(sequence = ${insurance.sequence}).claimResponse`;
    const lines = (claim.item ?? []).map((item) => {
      const decided = answer.item?.find(({ itemSequence }) => itemSequence === item.sequence);
      return { net: centsOf(item.net) ?? zero, decided };
    });
    const isOff = ({ net, decided }: (typeof lines)[number]): boolean =>
      decided !== undefined && net !== paidOf(decided) + totalOf(adjustmentsOf(decided.adjudication));
    if (lines.some(isOff))
      problems.push({
        expression: at,
        text: 'a line is not what the payer paid and adjusted of it',
        refuses: true,
      });
    const adjusted = sum([
      totalOf(adjustmentsOf(answer.adjudication)),
      ...lines.map(({ decided }) => totalOf(adjustmentsOf(decided?.adjudication))),
    ]);
    if ((centsOf(claim.total) ?? zero) !== paidForClaim(answer) + adjusted)
      problems.push({
        expression: at,
        text: 'the charge is not what the payer paid and adjusted',
        refuses: true,
      });
  }
}
