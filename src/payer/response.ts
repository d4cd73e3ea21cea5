import type {
  Claim,
  ClaimResponse,
  ClaimResponseItemAdjudication,
  ClaimResponseTotal,
} from '@medplum/fhirtypes';
import { sum, toMoney, type Cents } from '../datatypes/cents.ts';
import { saidAgain } from '../datatypes/claimAnswer.ts';
import { concept, has } from '../datatypes/coding.ts';
import { identifierOf } from '../datatypes/identifier.ts';
import { changed } from '../datatypes/json.ts';
import { system } from '../terminology/system.ts';
import type { Decided } from './decided.ts';
import { rejectCode } from './reject.ts';
import { withoutVersions } from '../datatypes/sentVersion.ts';

/** Short words of our own for the remark codes this payer uses. The codes are CMS's. */
const remarkText: Readonly<Record<string, string>> = {
  N130: 'see the plan documents for what this service is limited by',
  N549: 'the out-of-pocket limit of the plan year is reached',
  N706: 'a document is missing',
};

/** What every answer to a claim says. */
export function answerTo(sent: Claim, on: string): Omit<ClaimResponse, 'outcome'> {
  const claim = withoutVersions(sent);
  const number = identifierOf(claim, system.patientControlNumber) ?? claim.id ?? '';
  return {
    resourceType: 'ClaimResponse',
    identifier: [{ system: system.payerClaimControlNumber, value: `ICN${number}` }],
    ...saidAgain(claim, on),
    ...(claim.subType ? { subType: claim.subType } : {}),
    insurance: claim.insurance.map(toAnswered),
  };
}

const toAnswered = (
  i: NonNullable<Claim['insurance']>[number],
): NonNullable<ClaimResponse['insurance']>[number] => ({
  sequence: i.sequence,
  focal: i.focal,
  coverage: i.coverage,
  ...(i.claimResponse ? { claimResponse: i.claimResponse } : {}),
});

/** The answer that waits for something; nothing is paid or adjusted. */
export const queued = (
  claim: Claim,
  on: string,
  note: { disposition: string; text: string },
): ClaimResponse =>
  changed(answerTo(claim, on), {
    outcome: 'queued' as const,
    disposition: note.disposition,
    processNote: [{ number: 1, type: 'print' as const, text: note.text }],
  });

/** The answer that settles the claim: adjudications by line, or in the header where the whole was decided at once. */
export function complete(claim: Claim, on: string, decisions: readonly Decided[]): ClaimResponse {
  const remarks = [...new Set(decisions.flatMap((d) => d.remarks))];
  const numbers = (d: Decided): number[] => d.remarks.map((r) => remarks.indexOf(r) + 1);
  const paid = sum(decisions.map((d) => d.paid));
  const lines = decisions.filter((d) => d.sequence !== undefined);
  const whole = decisions.find((d) => d.sequence === undefined);
  return changed(answerTo(claim, on), {
    outcome: 'complete' as const,
    disposition: disposition(claim, decisions),
    ...(whole ? { adjudication: adjudication(whole) } : {}),
    ...(lines.length === 0
      ? {}
      : {
          item: lines.map((d) => ({
            itemSequence: d.sequence ?? 0,
            ...(d.remarks.length === 0 ? {} : { noteNumber: numbers(d) }),
            adjudication: [...adjudication(d), ...rejected(claim, d)],
          })),
        }),
    total: totals(decisions),
    payment: { type: concept(system.paymentType, 'complete'), date: on, amount: toMoney(paid) },
    ...(remarks.length === 0
      ? {}
      : {
          processNote: remarks.map((r, i) => ({
            number: i + 1,
            type: 'print' as const,
            text: remarkText[r] === undefined ? r : `${r}: ${remarkText[r]}`,
          })),
        }),
  });
}

function disposition(claim: Claim, decisions: readonly Decided[]): string {
  const refused = decisions.filter((d) => d.charge > 0 && d.allowed === 0).length;
  if (decisions.length > 0 && refused === decisions.length) return 'Denied';
  const earlier = claim.insurance.filter((i) => i.claimResponse).length;
  const rank = ['primary', 'secondary', 'tertiary'][earlier] ?? `payer ${earlier + 1}`;
  return `Processed as ${rank}${refused > 0 ? '; some lines are denied' : ''}`;
}

const amounts = (code: string, amount: Cents): ClaimResponseItemAdjudication & ClaimResponseTotal => ({
  category: concept(system.adjudication, code),
  amount: toMoney(amount),
});

const adjudication = (d: Decided): ClaimResponseItemAdjudication[] => [
  amounts('submitted', d.charge),
  amounts('eligible', d.allowed),
  amounts('benefit', d.paid),
  ...drugAmounts(d),
  ...networkOf(d),
  ...d.adjustments.map((a) => ({
    category: concept(system.adjustmentGroup, a.group),
    reason: concept(system.carc, a.reason),
    amount: toMoney(a.amount),
  })),
];

/** Of a pharmacy line that is refused, why: in NCPDP's code beside the CARC. */
function rejected(claim: Claim, { charge, allowed, adjustments }: Decided): ClaimResponseItemAdjudication[] {
  if (!has(claim.type, system.claimType, 'pharmacy') || charge === 0 || allowed > 0) return [];
  const reason = concept(system.rejectCode, rejectCode(adjustments));
  return [{ category: concept(system.c4bbDiscriminator, 'rejectreason'), reason }];
}

/** Whether a line was paid within the network: said, as C4BB asks, where the payer makes a difference. */
const networkOf = ({ isOutside }: Decided): ClaimResponseItemAdjudication[] =>
  isOutside === undefined
    ? []
    : [
        {
          category: concept(system.c4bbDiscriminator, 'benefitpaymentstatus'),
          reason: concept(system.c4bbStatus, isOutside ? 'outofnetwork' : 'innetwork'),
        },
      ];

/** What of the allowed amount of a fill is the drug and what is handing it over. */
const drugAmounts = ({ drug }: Decided): ClaimResponseItemAdjudication[] => {
  if (drug === undefined) return [];
  const part = (code: string, amount: Cents): ClaimResponseItemAdjudication => ({
    category: concept(system.benefitRule, code),
    amount: toMoney(amount),
  });
  return [part('ingredient-cost', drug.ingredientCost), part('dispensing-fee', drug.dispensingFee)];
};

const totals = (decisions: readonly Decided[]): ClaimResponseTotal[] => [
  amounts('submitted', sum(decisions.map((d) => d.charge))),
  amounts('eligible', sum(decisions.map((d) => d.allowed))),
  amounts('benefit', sum(decisions.map((d) => d.paid))),
];
