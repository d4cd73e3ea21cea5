import type {
  Coding,
  Extension,
  PaymentReconciliation,
  PaymentReconciliationDetail,
} from '@medplum/fhirtypes';
import { centsOf, negate, subtract, sum, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Advice } from './advice.ts';
import { position } from './answered.ts';

/** What became of one CLP. */
export interface Posted {
  readonly claim?: string; // Claim/1
  readonly response?: string; // ClaimResponse/1
  readonly held?: string; // why a person has to look at it: one sentence
  readonly labels?: readonly Coding[]; // the sensitive ones of the claim
}

export type PostingState = 'posted' | 'held' | 'waiting';

/** A remittance as it came. */
export interface Reconciled {
  readonly advice: Advice;
  readonly on: string; // the day it is posted
  readonly issuer?: string | undefined; // Organization/1
  readonly payee?: string | undefined;
  readonly interchange?:
    { readonly binary: string; readonly hash?: string; readonly position?: number } | undefined;
}

const state = (code: PostingState): Extension => ({ url: extension.postingState, valueCode: code });
const stateOf = (of: { readonly extension?: Extension[] }): string | undefined =>
  of.extension?.find((e) => e.url === extension.postingState)?.valueCode;
const withState = (of: { readonly extension?: Extension[] }, code: PostingState): Extension[] => [
  ...(of.extension ?? []).filter((e) => e.url !== extension.postingState),
  state(code),
];

/** Whether money came with it: a notification (H) brings none, and less than nothing is no payment. */
export const isDeposit = ({ handling, paid }: Pick<Advice, 'handling' | 'paid'>): boolean =>
  paid > 0 && handling !== 'H';

/**
 * One PaymentReconciliation per BPR, nothing of it posted yet; paymentAmount = Σ detail.amount. One that says it is for
 * information and yet names an amount, or names none, is a draft: it is no payment. Billing rules 58, 64, 65; 835 BPR, TRN, PLB.
 */
export function reconciliation(of: Reconciled): PaymentReconciliation {
  const { advice, on, issuer, payee, interchange } = of;
  const details = [...claimDetails(of), ...adjustmentDetails(of)];
  const method = methods[advice.method];
  return {
    resourceType: 'PaymentReconciliation',
    extension: [
      ...(interchange
        ? [{ url: extension.interchange, valueReference: { reference: interchange.binary } }]
        : []),
      ...position(interchange?.hash, advice, { position: interchange?.position ?? 0 }),
      ...(method === undefined
        ? []
        : [
            {
              url: extension.paymentMethod,
              valueCodeableConcept: concept(system.paymentMethod, method),
            },
          ]),
      state(details.length > 0 ? 'waiting' : 'posted'),
    ],
    identifier: [{ system: system.paymentTrace, value: traceOf(advice) }],
    status: isDeposit(advice) || (advice.paid === 0 && advice.faults.length === 0) ? 'active' : 'draft',
    created: on,
    paymentIssuer:
      issuer === undefined
        ? { display: advice.payer.name ?? 'payer that is not named' }
        : { reference: issuer },
    ...(payee === undefined ? {} : { requestor: { reference: payee } }),
    outcome: details.length > 0 ? 'queued' : 'complete',
    paymentDate: advice.date === '' ? on : advice.date,
    paymentAmount: toMoney(advice.paid),
    paymentIdentifier: {
      system: system.paymentTrace,
      value: traceOf(advice),
      ...(advice.payerTin === undefined
        ? {}
        : { assigner: { identifier: { system: system.taxId, value: advice.payerTin } } }),
    },
    ...(details.length > 0 ? { detail: details } : {}),
  };
}

const traceOf = ({ trace }: Pick<Advice, 'trace'>): string => (trace === '' ? 'none' : trace);

const methods: Readonly<Record<string, string>> = { ACH: 'ach', CHK: 'check', BOP: 'other', FWT: 'other' };

const claimDetails = ({ advice, interchange }: Reconciled): PaymentReconciliationDetail[] =>
  advice.claims.map((remitted) => ({
    extension: [...position(interchange?.hash, advice, remitted), state('waiting')],
    type: concept(system.remittanceType, remitted.status === '22' ? 'adjustment' : 'payment'),
    ...(remitted.payerControlNumber === undefined
      ? {}
      : { identifier: { system: system.payerClaimControlNumber, value: remitted.payerControlNumber } }),
    request: {
      identifier: { system: system.patientControlNumber, value: remitted.patientControlNumber || 'none' },
    },
    date: advice.date,
    amount: toMoney(remitted.paid),
  }));

/** A provider adjustment with its sign turned: what it brings is positive. */
const adjustmentDetails = ({ advice, interchange }: Reconciled): PaymentReconciliationDetail[] =>
  advice.adjustments.map((a) => ({
    extension: [...position(interchange?.hash, advice, a), state('waiting')],
    type: concept(system.remittanceType, 'adjustment'),
    ...(a.reference === undefined ? {} : { identifier: { value: a.reference } }),
    date: advice.date,
    amount: toMoney(negate(a.amount)),
  }));

/** What became of the parts of a remittance: its claims by ordinal, its provider adjustments by theirs. */
export interface Outcome {
  readonly claims: ReadonlyMap<number, Posted>;
  readonly adjustments: ReadonlySet<number>;
  readonly count: number; // of its claims: their details come first
}

/** The interchange that a stored remittance came with. */
export function sourceOf(of: PaymentReconciliation): Reconciled['interchange'] {
  const binary = of.extension?.find((e) => e.url === extension.interchange)?.valueReference?.reference;
  const place = of.extension?.find((e) => e.url === extension.x12Position)?.valueString?.split('|');
  if (binary === undefined) return undefined;
  return place ? { binary, hash: place[0] ?? '', position: Number(place[2] ?? 0) } : { binary };
}

/** Whether an advice is the one that a stored remittance was made of; several payers may use one trace number. */
export function isAdviceOf(payment: PaymentReconciliation, of: Advice): boolean {
  const { paymentIdentifier, detail = [] } = payment;
  return (
    paymentIdentifier?.value === traceOf(of) &&
    paymentIdentifier.assigner?.identifier?.value === of.payerTin &&
    remittedAmount(payment) === of.paid &&
    detail.length === of.claims.length + of.adjustments.length
  );
}

/**
 * What of a stored remittance has not been posted from its deposit: the payment less the details that were. Undefined
 * for one that has no deposit of its own, is at work, or was posted with a difference.
 */
export function notPosted(of: PaymentReconciliation): Cents | undefined {
  const now = stateOf(of);
  if (now === undefined || now === 'waiting') return undefined;
  if (of.status !== 'active') return zero;
  const paid = centsOf(of.paymentAmount) ?? zero;
  if (now === 'posted') return zero;
  const posted = (of.detail ?? []).filter((d) => stateOf(d) === 'posted');
  return subtract(paid, sum(posted.map((d) => centsOf(d.amount) ?? zero)));
}

/** Which claims of a stored remittance, by ordinal, were not posted. */
export const openOrdinals = ({ detail = [] }: PaymentReconciliation, count: number): number[] =>
  detail.slice(0, count).flatMap((d, i) => (stateOf(d) === 'posted' ? [] : [i + 1]));

/** The remittance with what became of it; what was not reached stays as it is. */
export function withOutcome<T extends PaymentReconciliation>(of: T, outcome: Outcome): T {
  const detail = (of.detail ?? []).map((d, i): PaymentReconciliationDetail => {
    if (i >= outcome.count)
      return outcome.adjustments.has(i - outcome.count + 1)
        ? changed(d, { extension: withState(d, 'posted') })
        : d;
    const posted = outcome.claims.get(i + 1);
    // a person may have posted what the job found held
    if (!posted || (posted.held !== undefined && stateOf(d) === 'posted')) return d;
    const { claim, response, held } = posted;
    return changed(d, {
      extension: withState(d, held === undefined && response !== undefined ? 'posted' : 'held'),
      ...(claim === undefined ? {} : { request: { reference: claim } }),
      ...(response === undefined ? {} : { response: { reference: response } }),
    });
  });
  const left = detail.filter((d) => stateOf(d) !== 'posted');
  const now: PostingState =
    left.length === 0 ? 'posted' : left.every((d) => stateOf(d) === 'held') ? 'held' : 'waiting';
  return changed(of, {
    extension: withState(of, now),
    outcome: left.length === 0 ? 'complete' : left.length < detail.length ? 'partial' : 'queued',
    ...(detail.length > 0 ? { detail } : {}),
  } as Partial<T>);
}

/** A remittance of which nothing is posted until a person has looked at it. */
export const wholeHeld = <T extends PaymentReconciliation>(of: T): T =>
  changed(of, {
    extension: withState(of, 'held'),
    ...(of.detail ? { detail: of.detail.map((d) => changed(d, { extension: withState(d, 'held') })) } : {}),
  } as Partial<T>);

/** The remittance of an 835 that was rejected: a person may post what can be read of it, or its payer sends it again. */
export const rejected = <T extends PaymentReconciliation>(of: T): T =>
  changed(of, { outcome: 'error' } as Partial<T>);

/** Whether another 835 takes its place: it came in one that was rejected and nothing of it was posted, or in none. */
export const awaitsRepeat = (of: PaymentReconciliation): boolean =>
  of.status !== 'cancelled' && (of.outcome === 'error' || isBankDeposit(of));

/**
 * A payment that its bank shows and of which no 835 came: it is known by its number and amount, and waits for its 835,
 * which takes its place.
 */
export const bankDeposit = (of: {
  readonly amount: Cents;
  readonly date: string;
  readonly on: string;
  readonly trace: string;
  readonly payerTin?: string | undefined;
  readonly practice: string; // Organization/1
}): PaymentReconciliation => ({
  resourceType: 'PaymentReconciliation',
  extension: [state('held')],
  identifier: [{ system: system.paymentTrace, value: of.trace }],
  status: 'active',
  created: of.on,
  paymentIssuer: { display: 'payer that is not named' },
  requestor: { reference: of.practice },
  outcome: 'queued',
  disposition: 'the bank has it, its 835 did not come',
  paymentDate: of.date,
  paymentAmount: toMoney(of.amount),
  paymentIdentifier: {
    system: system.paymentTrace,
    value: of.trace,
    ...(of.payerTin === undefined
      ? {}
      : { assigner: { identifier: { system: system.taxId, value: of.payerTin } } }),
  },
});

/** Whether it is known from the bank alone. */
export const isBankDeposit = (of: PaymentReconciliation): boolean =>
  sourceOf(of) === undefined && stateOf(of) === 'held';

/** What an 835 says was paid (BPR02); the bank may have confirmed another amount. */
const remittedAmount = (of: PaymentReconciliation): Cents | undefined =>
  centsOf(of.extension?.find((e) => e.url === extension.remittedAmount)?.valueMoney ?? of.paymentAmount);

/** Whether nothing of it was posted but its deposit, as its transaction does not balance. */
export const isWholeHeld = (of: PaymentReconciliation): boolean =>
  stateOf(of) === 'held' && (of.detail ?? []).every((d) => stateOf(d) === 'held') && of.status === 'active';

/** The remittance with the amount that its bank confirms. */
export const confirmed = <T extends PaymentReconciliation>(of: T, amount: Cents): T =>
  changed(of, {
    extension: [
      ...(of.extension ?? []).filter((e) => e.url !== extension.remittedAmount),
      { url: extension.remittedAmount, valueMoney: toMoney(remittedAmount(of) ?? zero) },
    ],
    paymentAmount: toMoney(amount),
  } as Partial<T>);

/** What is known of a payment from the bank alone, as an advice of nothing. */
export const adviceOfBank = (of: PaymentReconciliation): Advice => {
  const tin = of.paymentIdentifier?.assigner?.identifier?.value;
  return {
    ...{ set: 'bank', handling: 'I', paid: centsOf(of.paymentAmount) ?? zero, method: 'ACH' },
    ...{ date: of.paymentDate, trace: of.paymentIdentifier?.value ?? '' },
    ...{ payer: { ids: [] }, payee: { ids: [] }, claims: [], adjustments: [], faults: [] },
    ...(tin === undefined ? {} : { payerTin: tin }),
  };
};
