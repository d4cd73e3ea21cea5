import type { ChargeItem, Encounter, Invoice } from '@medplum/fhirtypes';
import { add, negate, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { dateOf } from '../../datatypes/date.ts';
import type { Entry, LedgerAccount } from '../../datatypes/entry.ts';
import { find, readResource } from '../../interaction/repository.ts';
import type { Context } from '../../interaction/context.ts';

/** What the ledger says of money; per visit: charge = all others, the credit taken off. */
export interface Amounts {
  readonly charge: Cents;
  readonly insurerPaid: Cents;
  readonly writtenOff: Cents;
  readonly withInsurer: Cents;
  readonly patientPaid: Cents;
  readonly patientOwes: Cents;
  readonly credit: Cents;
}

export const amountNames = [
  'charge',
  'insurerPaid',
  'writtenOff',
  'withInsurer',
  'patientPaid',
  'patientOwes',
  'credit',
] as const satisfies readonly (keyof Amounts)[];

export interface Row extends Amounts {
  readonly patient: string;
  readonly visit: string; // Encounter/story-01
  readonly on: string;
  readonly invoices: readonly string[]; // Invoice/1
}

const accounts = (journal: readonly Entry[], names: readonly LedgerAccount[]): Cents =>
  sum(journal.flatMap((e) => e.postings.filter((p) => names.includes(p.account)).map((p) => p.amount)));

/** Entries by which patients' money comes and goes. */
const patientCash: readonly string[] = ['patient-payment', 'payment-reversed', 'refund', 'refund-reversed'];

/** The amounts of a journal, as the ledger's accounts hold them. */
export function amountsOf(journal: readonly Entry[]): Amounts {
  const fromPatient = journal.filter(({ reason }) => patientCash.includes(reason));
  const patientPaid = accounts(fromPatient, ['cash']);
  // what an 835 pays comes from its deposit, which is cash in the books of the remittance
  const allPaid = accounts(journal, ['cash', 'unidentified-payer-cash']);
  return {
    charge: negate(accounts(journal, ['revenue'])),
    insurerPaid: subtract(allPaid, patientPaid),
    writtenOff: accounts(journal, ['contractual-adjustment']),
    withInsurer: accounts(journal, [
      'receivable-unbilled',
      'receivable-insurance-open',
      'receivable-insurance-pended',
      'receivable-insurance-denied',
    ]),
    patientPaid,
    patientOwes: accounts(journal, ['receivable-patient-not-invoiced', 'receivable-patient-invoiced']),
    credit: negate(accounts(journal, ['unapplied-patient-credit'])),
  };
}

/** One row for each visit, in the order given; the demo has one visit an Account. */
export async function tableRows(context: Context, encounters: readonly string[]): Promise<Row[]> {
  const { store } = context;
  const rows: Row[] = [];
  for (const visit of encounters) {
    const encounter = await readResource<Encounter>(store, 'Encounter', visit.slice('Encounter/'.length));
    const charges = await find<ChargeItem>(store, 'ChargeItem', { context: visit });
    const account = charges[0]?.account?.[0]?.reference ?? '';
    const invoices = account === '' ? [] : await find<Invoice>(store, 'Invoice', { account });
    rows.push({
      patient: encounter.subject?.display ?? '',
      visit,
      on: dateOf(encounter.period?.start ?? ''),
      invoices: invoices.filter(({ status }) => status !== 'cancelled').map(({ id }) => `Invoice/${id ?? ''}`),
      ...amountsOf(account === '' ? [] : await store.journal(account)),
    });
  }
  return rows;
}

/** The last line of the table. */
export const totalOf = (rows: readonly Row[]): Amounts => {
  const total = (name: keyof Amounts): Cents => rows.reduce((t, row) => add(t, row[name]), zero);
  return {
    charge: total('charge'),
    insurerPaid: total('insurerPaid'),
    writtenOff: total('writtenOff'),
    withInsurer: total('withInsurer'),
    patientPaid: total('patientPaid'),
    patientOwes: total('patientOwes'),
    credit: total('credit'),
  };
};
