import type { Contract, Extension, Organization, Patient, Reference } from '@medplum/fhirtypes';
import { allocate, centsOf, subtract, sum, toMoney, zero, most, type Cents } from '../../datatypes/cents.ts';
import { has, concept } from '../../datatypes/coding.ts';
import { addDays, addMonths, dateOf } from '../../datatypes/date.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';

/** One payment of a plan. */
export interface Instalment {
  readonly due: string; // FHIR date
  readonly amount: Cents;
}

export const rhythms = ['week', 'two-weeks', 'month'] as const;
export type Rhythm = (typeof rhythms)[number];

/** More instalments than this are credit in writing, with what its law asks to be told (12 CFR 1026.2(a)(17)). */
const freeInstalments = 4;
export const isFlagged = (instalments: readonly Instalment[]): boolean =>
  instalments.length > freeInstalments;

/** The day of the n-th instalment; in a shorter month its last day. */
const dueOn = (first: string, every: Rhythm, n: number): string =>
  every === 'month' ? addMonths(first, n) : addDays(first, n * (every === 'week' ? 7 : 14));

/** An amount in so many instalments that differ by a cent at most, the larger ones first. */
export const evenInstalments = (
  amount: Cents,
  of: { readonly count: number; readonly first: string; readonly every: Rhythm },
): Instalment[] =>
  allocate(amount, Array<number>(of.count).fill(1)).map((part, n) => ({
    due: dueOn(of.first, of.every, n),
    amount: part,
  }));

/** What a plan is made of. */
export interface PlanTerms {
  readonly account: string; // Account/1
  readonly patient: Reference<Patient>;
  readonly practice: Reference<Organization>;
  readonly on: string;
  readonly invoices: readonly string[]; // Invoice/1
  readonly instalments: readonly Instalment[];
  readonly autopay?: { readonly processor: string; readonly token: string } | undefined;
}

/** The plan as a Contract: its instalments are the valued items of its one term. */
export function planContract(terms: PlanTerms): Contract {
  const { account, patient, practice, on, invoices, instalments, autopay } = terms;
  const last = instalments.at(-1)?.due ?? on;
  const parts: Extension[] = [
    ...invoices.map((reference) => ({ url: 'invoice', valueReference: { reference } })),
    ...(autopay
      ? [
          { url: 'processor', valueString: autopay.processor },
          { url: 'token', valueString: autopay.token },
        ]
      : []),
    { url: 'flagged', valueBoolean: isFlagged(instalments) },
  ];
  return {
    resourceType: 'Contract',
    extension: [{ url: extension.paymentPlan, extension: parts }],
    status: 'executed',
    type: concept(system.contract, 'payment-plan'),
    issued: on,
    applies: { start: on, end: last },
    subject: [{ reference: account }, patient],
    authority: [practice],
    term: [
      {
        offer: { text: 'What is open on the invoices is paid in instalments.' },
        asset: [
          {
            valuedItem: instalments.map((one) => ({
              paymentDate: one.due,
              net: toMoney(one.amount),
            })),
          },
        ],
      },
    ],
  };
}

export const isPlan = (contract: Pick<Contract, 'type'>): boolean =>
  has(contract.type, system.contract, 'payment-plan');

export const instalmentsOf = (plan: Contract): Instalment[] =>
  (plan.term ?? []).flatMap((term) =>
    (term.asset ?? []).flatMap((asset) =>
      (asset.valuedItem ?? []).map((item) => ({
        due: dateOf(item.paymentDate ?? ''),
        amount: centsOf(item.net) ?? zero,
      })),
    ),
  );

export const invoicesOf = (plan: Contract): string[] =>
  extensionsOf(extensionOf(plan, extension.paymentPlan), 'invoice').flatMap(
    (e) => e.valueReference?.reference ?? [],
  );

/** How a plan stands on a day. */
export interface PlanStanding {
  readonly open: Cents;
  /** What should have been paid by now and is not. */
  readonly behind: Cents;
  /** The first instalment that is not paid in full and is past its days of grace. */
  readonly missed?: Instalment;
  readonly next?: Instalment;
  readonly isPaid: boolean;
}

/**
 * How a plan stands: what is still open on its Invoices, against the instalments that are still to come. Whatever made
 * the open amount smaller (a payment, a write-off, a credit) counts for the earliest instalments.
 */
export function planStanding(
  plan: Contract,
  open: Cents,
  of: { readonly day: string; readonly graceDays: number },
): PlanStanding {
  const all = instalmentsOf(plan);
  const toCome = all.filter((one) => addDays(one.due, of.graceDays) >= of.day);
  const behind = most(subtract(open, sum(toCome.map((one) => one.amount))), zero);
  let paid = subtract(sum(all.map((one) => one.amount)), open);
  const unpaid = all.find((one) => {
    paid = subtract(paid, one.amount);
    return paid < 0;
  });
  return {
    open,
    behind,
    isPaid: open <= 0,
    ...(behind > 0 && unpaid ? { missed: unpaid } : {}),
    ...(unpaid && open > 0 ? { next: unpaid } : {}),
  };
}
