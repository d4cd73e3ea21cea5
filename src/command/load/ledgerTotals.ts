import type { Account, Parameters } from '@medplum/fhirtypes';
import { add, centsOf, negate, zero, type Cents } from '../../datatypes/cents.ts';
import type { Client } from './client.ts';
import { noMoney, type Split } from './money.ts';
import type { LoadedPatient } from './visit.ts';

/** Which part of a split a ledger account belongs to. */
const partOf = (account: string): keyof Split | undefined => {
  if (account === 'revenue') return 'charges';
  if (account === 'cash') return 'insurerPaid';
  if (account.endsWith('-adjustment')) return 'adjusted';
  if (account.startsWith('receivable-patient')) return 'patient';
  return account.startsWith('receivable-') ? 'open' : undefined;
};

/** What the ledger holds for the patients' Accounts, asked of each Account's $balance. */
export async function ledgerTotals(client: Client, patients: readonly LoadedPatient[]): Promise<Split> {
  const totals: Record<keyof Split, Cents> = { ...noMoney };
  for (const patient of patients) {
    const accounts = await client.find<Account>('Account', { patient: `Patient/${patient.id}` });
    for (const { id } of accounts) {
      const reply = await client.call(`Account/${id ?? ''}/$balance`, []);
      for (const { name, part = [] } of (reply.resource as Parameters).parameter ?? []) {
        if (name !== 'entry') continue;
        const account = part.find((p) => p.name === 'account')?.valueCode ?? '';
        const amount = centsOf(part.find((p) => p.name === 'amount')?.valueMoney) ?? zero;
        const to = partOf(account);
        if (to !== undefined) totals[to] = add(totals[to], to === 'charges' ? negate(amount) : amount);
      }
    }
  }
  return totals;
}
