import { negate, type Cents } from '../../../src/datatypes/cents.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { answersOf, waiting } from './answered.ts';
import { credits, invoicesOf, notInvoiced, receiptFlows, settled, unbilled } from './asked.ts';
import { day, money, nameOf, plain, readAll, type Read } from './records.ts';

/**
 * The money of a practice added up from its resources, without a look at the journal: charges from ChargeItems, what
 * payers paid from remittances, what they took off and refused from their answers, what patients paid from receipts,
 * what was given up from Invoices and Tasks that are settled although nobody paid. It is written for practices as the
 * year's: one claim a visit and payer, answers by line, no credit that is applied after its Invoice was issued.
 */
export interface Flow {
  readonly kind: FlowKind;
  readonly patient: string; // Patient/1
  readonly payer?: string; // Organization/1
  readonly on: string; // FHIR date
  readonly amount: Cents;
}

export const flowKinds = [
  'charge',
  'payer-payment',
  'patient-payment',
  'contractual',
  'denial-write-off',
  'patient-write-off',
  'qmb',
] as const;
export type FlowKind = (typeof flowKinds)[number];

/** What is open at the end, by where it waits. */
export interface Open {
  readonly where: 'unbilled' | 'open' | 'pended' | 'denied' | 'not-invoiced' | 'invoiced' | 'credit';
  readonly patient: string;
  readonly payer?: string;
  readonly amount: Cents;
}

export interface Recount {
  readonly flows: readonly Flow[];
  readonly open: readonly Open[];
}

export async function recount(context: Context): Promise<Recount> {
  const read = await readAll(context);
  const answers = answersOf(read);
  const invoices = invoicesOf(read);
  return {
    flows: [
      ...chargeFlows(read),
      ...paymentFlows(read),
      ...receiptFlows(read),
      ...answers.flatMap(({ flows }) => flows),
      ...invoices.flatMap(({ flows }) => flows),
    ].filter(({ amount }) => amount !== 0),
    open: [
      ...unbilled(read),
      ...answers.flatMap(({ open }) => open),
      ...waiting(read),
      ...invoices.flatMap(({ open }) => open),
      ...settled([...notInvoiced(read), ...credits(read)]),
    ].filter(({ amount }) => amount !== 0),
  };
}

/** A charge counts from the day it was entered; one that was entered in error goes on the day of its successor. */
function chargeFlows({ charges }: Read): Flow[] {
  return charges.flatMap((charge): Flow[] => {
    const amount = money(charge.priceOverride?.value);
    const flow = {
      kind: 'charge',
      patient: plain(charge.subject.reference),
      on: day(charge.enteredDate),
      amount,
    } as const;
    if (charge.status !== 'entered-in-error') return charge.priceOverride ? [flow] : [];
    const source = charge.identifier?.[0]?.value;
    const after = charges.find((c) => c !== charge && c.identifier?.[0]?.value === source);
    return [flow, { ...flow, on: day(after?.enteredDate), amount: negate(amount) }];
  });
}

const paymentFlows = ({ remittances, claims }: Read): Flow[] =>
  remittances.flatMap(({ paymentDate, paymentIssuer, detail = [] }) =>
    detail.map((d): Flow => {
      const claim = claims.find((c) => nameOf(c) === plain(d.request?.reference));
      return {
        kind: 'payer-payment',
        patient: plain(claim?.patient.reference),
        payer: plain(paymentIssuer?.reference),
        on: day(paymentDate),
        amount: money(d.amount?.value),
      };
    }),
  );
