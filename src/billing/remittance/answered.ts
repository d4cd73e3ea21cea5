import type {
  Claim,
  ClaimResponse,
  ClaimResponseAddItem,
  ClaimResponseItem,
  ClaimResponseItemAdjudication,
  ClaimResponseProcessNote,
  ClaimResponseTotal,
  Extension,
} from '@medplum/fhirtypes';
import {
  add,
  allocate,
  cents,
  centsOf,
  most,
  subtract,
  sum,
  toMoney,
  zero,
  type Cents,
} from '../../datatypes/cents.ts';
import { saidAgain } from '../../datatypes/claimAnswer.ts';
import { concept } from '../../datatypes/coding.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { extension, system } from '../../terminology/system.ts';
import {
  isForwarded,
  isReversal,
  type Advice,
  type AdviceAdjustment,
  type AdviceClaim,
  type AdviceLine,
} from './advice.ts';
import { matchLines } from './matchLines.ts';

/** An answer to be made of a CLP. */
export interface ToAnswer {
  readonly advice: Advice;
  readonly remitted: AdviceClaim;
  readonly claim: Claim & { id: string };
  readonly remittance: string; // PaymentReconciliation/1
  readonly on: string; // the day it is posted
  readonly interchange?: string; // the beginning of its SHA-256; none for what was entered by hand
  readonly kind?: 'reversal' | 'duplicate' | 'forwarded';
  readonly reverses?: string; // ClaimResponse/1
}

/**
 * The ClaimResponse of one CLP: the payer's own amounts and codes, by line where his lines are ours, else for the claim
 * as a whole. An adjustment of the whole claim stands in the header as it was given, and its parts on the lines are
 * marked. Billing rules 58 to 67; 835 loops 2100 and 2110.
 */
export function answerOfClaim(of: ToAnswer): ClaimResponse {
  const { advice, remitted, on } = of;
  const claim = withoutVersions(of.claim);
  const lines = answeredLines(claim, remitted);
  const notes = new Notes();
  const whole = lines === undefined;
  const item = lines?.map((line) => itemOf(of, line, notes));
  const addItem = whole ? remitted.lines.map((line) => addItemOf(of, line, notes)) : [];
  const header = whole ? wholeAdjudication(remitted) : remitted.adjustments.map(adjustment);
  for (const remark of remitted.remarks) notes.number(remark);
  const processNote = notes.list();
  return {
    resourceType: 'ClaimResponse',
    extension: extensions(of),
    identifier: [
      {
        system: system.payerClaimControlNumber,
        value: remitted.payerControlNumber ?? `${advice.trace}-${remitted.ordinal}`,
      },
    ],
    ...saidAgain(claim, on),
    ...(claim.subType ? { subType: claim.subType } : {}),
    outcome: 'complete',
    disposition: disposition(remitted),
    insurance: claim.insurance.map(({ sequence, focal, coverage, claimResponse }) => ({
      ...{ sequence, focal, coverage },
      ...(claimResponse ? { claimResponse } : {}),
    })),
    ...(header.length > 0 ? { adjudication: header } : {}),
    ...(item && item.length > 0 ? { item } : {}),
    ...(addItem.length > 0 ? { addItem } : {}),
    total: totals(remitted),
    payment: {
      type: concept(system.paymentType, 'complete'),
      date: advice.date,
      amount: toMoney(remitted.paid),
      identifier: { system: system.paymentTrace, value: advice.trace },
    },
    ...(processNote.length > 0 ? { processNote } : {}),
  };
}

function extensions({ advice, remitted, remittance, interchange, kind, reverses }: ToAnswer): Extension[] {
  return [
    { url: extension.remittance, valueReference: { reference: remittance } },
    ...position(interchange, advice, remitted),
    ...(remitted.interest === undefined
      ? []
      : [{ url: extension.claimInterest, valueMoney: toMoney(remitted.interest) }]),
    ...(kind === undefined ? [] : [{ url: extension.answerKind, valueCode: kind }]),
    ...(reverses === undefined ? [] : [{ url: extension.reverses, valueReference: { reference: reverses } }]),
  ];
}

/** Where an element comes from: `<sha-256>|ST02|position of the segment`. */
export const position = (
  interchange: string | undefined,
  { set }: Pick<Advice, 'set'>,
  of: { readonly position: number },
): Extension[] =>
  interchange === undefined
    ? []
    : [{ url: extension.x12Position, valueString: `${interchange}|${set}|${of.position}` }];

/** The extension of an element that a segment made; none where it was entered by hand. */
function placed(
  { interchange, advice }: ToAnswer,
  line: AdviceLine | undefined,
): { readonly extension?: Extension[] } {
  const found = line ? position(interchange, advice, line) : [];
  return found.length === 0 ? {} : { extension: found };
}

/** A line of the answer: the payer's lines for one line of ours, and its part of what was adjusted on the whole. */
interface AnsweredLine {
  readonly sequence: number;
  readonly lines: readonly AdviceLine[];
  readonly charge: Cents;
  readonly allocated: readonly AdviceAdjustment[];
}

/** By line; undefined where the claim was decided as a whole, or a line of the payer is none of ours. */
function answeredLines(claim: Claim, remitted: AdviceClaim): AnsweredLine[] | undefined {
  const isInstitutional = claim.type.coding?.some((c) => c.code === 'institutional') === true;
  if (remitted.lines.length === 0) {
    // a professional claim is paid by line: what was decided on the whole is divided by charge
    const charges = (claim.item ?? []).map((i) => centsOf(i.net) ?? zero);
    if (isInstitutional || remitted.paid !== 0 || sum(charges) !== Math.abs(remitted.charge))
      return undefined;
    const sign = remitted.charge < 0 ? -1 : 1;
    const lines = (claim.item ?? []).map((i, n) => ({
      sequence: i.sequence,
      lines: [],
      charge: cents(sign * (charges[n] ?? zero)),
    }));
    return withAllocated(lines, remitted.adjustments);
  }
  const matched = matchLines(claim, remitted);
  if (!matched) return undefined;
  const bySequence = Map.groupBy(matched, ({ item }) => item.sequence);
  const lines = [...bySequence].map(([sequence, own]) => ({
    sequence,
    lines: own.map((m) => m.line),
    charge: sum(own.map((m) => m.line.charge)),
  }));
  return withAllocated(lines, remitted.adjustments);
}

/** Divides the adjustments of the whole claim by the charges of its lines, no cent lost. Billing rule 66. */
function withAllocated(
  lines: readonly Omit<AnsweredLine, 'allocated'>[],
  whole: readonly AdviceAdjustment[],
): AnsweredLine[] | undefined {
  const weights = lines.map((l) => Math.abs(l.charge));
  if (whole.length > 0 && weights.every((w) => w === 0)) return undefined;
  const parts = whole.map((a) => ({ ...a, parts: allocate(a.amount, weights) }));
  return lines.map((line, i) => ({
    ...line,
    allocated: parts
      .map(({ group, reason, parts: p }) => ({ group, reason, amount: p[i] ?? zero }))
      .filter((a) => a.amount !== 0),
  }));
}

const amount = (code: string, value: Cents): ClaimResponseItemAdjudication & ClaimResponseTotal => ({
  category: concept(system.adjudication, code),
  amount: toMoney(value),
});

const adjustment = ({
  group,
  reason,
  amount: value,
  quantity,
}: AdviceAdjustment): ClaimResponseItemAdjudication => ({
  category: concept(system.adjustmentGroup, group),
  reason: concept(system.carc, reason),
  amount: toMoney(value),
  ...(quantity === undefined ? {} : { value: quantity }),
});

const divided = (a: AdviceAdjustment): ClaimResponseItemAdjudication => ({
  extension: [{ url: extension.allocatedAdjustment, valueBoolean: true }],
  ...adjustment(a),
});

const costShare = new Set(['1', '2', '3']);
const shareOf = (of: readonly AdviceAdjustment[]): Cents =>
  sum(of.filter((a) => a.group === 'PR' && costShare.has(a.reason)).map((a) => a.amount));

function itemOf(of: ToAnswer, line: AnsweredLine, notes: Notes): ClaimResponseItem {
  const given = line.lines.flatMap((l) => l.adjustments);
  const off = sum(line.allocated.map((a) => a.amount));
  const paid =
    line.lines.length === 0 ? subtract(line.charge, off) : subtract(sum(line.lines.map((l) => l.paid)), off);
  const said = line.lines.flatMap((l) => l.allowed ?? []);
  const allowed = said.length > 0 ? sum(said) : add(paid, shareOf([...given, ...line.allocated]));
  const remarks = [...new Set(line.lines.flatMap((l) => l.remarks))];
  return {
    ...placed(of, line.lines[0]),
    itemSequence: line.sequence,
    ...(remarks.length > 0 ? { noteNumber: remarks.map((r) => notes.number(r)) } : {}),
    adjudication: [
      amount('submitted', line.charge),
      amount('eligible', allowed),
      amount('benefit', paid),
      ...given.map(adjustment),
      ...line.allocated.map(divided),
    ],
  };
}

function addItemOf(of: ToAnswer, line: AdviceLine, notes: Notes): ClaimResponseAddItem {
  const code = line.code ?? line.revenue;
  return {
    ...placed(of, line),
    productOrService: code === undefined ? { text: 'not named' } : { text: code },
    ...(line.from === undefined ? {} : { servicedDate: line.from }),
    ...(line.remarks.length > 0 ? { noteNumber: line.remarks.map((r) => notes.number(r)) } : {}),
    adjudication: [
      amount('submitted', line.charge),
      amount('benefit', line.paid),
      ...line.adjustments.map(adjustment),
    ],
  };
}

/** The decision on the claim as a whole: with lines that are none of ours, all of them together. */
function wholeAdjudication(remitted: AdviceClaim): ClaimResponseItemAdjudication[] {
  const all = [...remitted.adjustments, ...remitted.lines.flatMap((l) => l.adjustments)];
  return [
    amount('submitted', remitted.charge),
    amount('eligible', add(remitted.paid, shareOf(all))),
    amount('benefit', remitted.paid),
    ...all.map(adjustment),
  ];
}

function totals(remitted: AdviceClaim): ClaimResponseTotal[] {
  const all = [...remitted.adjustments, ...remitted.lines.flatMap((l) => l.adjustments)];
  return [
    amount('submitted', remitted.charge),
    amount('eligible', most(add(remitted.paid, shareOf(all)), isReversal(remitted) ? remitted.charge : zero)),
    amount('benefit', remitted.paid),
  ];
}

const ranks: Readonly<Record<string, string>> = {
  '1': 'primary',
  '19': 'primary',
  '2': 'secondary',
  '20': 'secondary',
  '3': 'tertiary',
  '21': 'tertiary',
};

function disposition(remitted: AdviceClaim): string {
  if (isReversal(remitted)) return 'Reversal of an earlier answer';
  if (remitted.status === '4') return 'Denied';
  if (remitted.status === '23') return 'Not judged, forwarded to another payer';
  const all = [...remitted.adjustments, ...remitted.lines.flatMap((l) => l.adjustments)];
  const denied =
    remitted.paid === 0 && remitted.charge > 0 && all.every((a) => a.group !== 'PR' && !settles(a));
  if (denied && all.length > 0) return 'Denied';
  return `Processed as ${ranks[remitted.status] ?? 'primary'}${isForwarded(remitted) ? ', forwarded to the next payer' : ''}`;
}

const settles = ({ group, reason }: AdviceAdjustment): boolean =>
  (group === 'OA' && reason === '23') || ['45', '59', '94', '253', '24'].includes(reason);

/** The remark codes of an answer, each once, as notes that lines refer to. Billing rule 67. */
class Notes {
  readonly #remarks: string[] = [];

  number(remark: string): number {
    if (!this.#remarks.includes(remark)) this.#remarks.push(remark);
    return this.#remarks.indexOf(remark) + 1;
  }
  list(): ClaimResponseProcessNote[] {
    return this.#remarks.map((text, i) => ({ number: i + 1, type: 'print' as const, text }));
  }
}
