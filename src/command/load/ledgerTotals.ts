import type { Account, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { add, centsOf, negate, subtract, zero, type Cents } from '../../datatypes/cents.ts';
import type { Client } from './client.ts';
import { noMoney, type Split } from './money.ts';
import type { LoadedPatient } from './visit.ts';

/** What the ledger holds: the split of what is on a claim or Invoice, and what was captured and is on neither. */
export interface LedgerTotals extends Split {
  readonly unbilled: Cents;
}

type Sums = { -readonly [key in keyof LedgerTotals]: Cents };

/** What the ledger holds for the patients' Accounts, asked of each Account's $balance. */
export async function ledgerTotals(
  client: Client,
  patients: readonly LoadedPatient[],
): Promise<LedgerTotals> {
  const sums: Sums = { ...noMoney, unbilled: zero };
  for (const patient of patients) {
    const accounts = await client.find<Account>('Account', { patient: `Patient/${patient.id}` });
    for (const { id } of accounts) {
      const reply = await client.call(`Account/${id ?? ''}/$balance`, []);
      for (const { name, part = [] } of (reply.resource as Parameters).parameter ?? []) {
        if (name === 'entry') count(sums, part);
      }
    }
  }
  return { ...sums, charges: subtract(sums.charges, sums.unbilled) };
}

/** Adds one posting on a receivable to what it is about. */
function count(sums: Sums, part: readonly ParametersParameter[]): void {
  const valueOf = (name: string): string => part.find((p) => p.name === name)?.valueCode ?? '';
  const amount = centsOf(part.find((p) => p.name === 'amount')?.valueMoney) ?? zero;
  const reason = valueOf('reason');
  const to = (key: keyof Sums, of: Cents): void => {
    sums[key] = add(sums[key], of);
  };
  switch (valueOf('part')) {
    case 'unbilled':
      to('unbilled', amount);
      if (/^charge-/.test(reason)) to('charges', amount);
      break;
    case 'open':
    case 'pended':
    case 'denied':
      to('open', amount);
      if (reason === 'insurer-payment') to('insurerPaid', negate(amount));
      if (reason === 'contractual') to('adjusted', negate(amount));
      break;
    case 'notInvoiced':
    case 'invoiced':
      if (/^(?:patient-share|self-pay-invoiced|invoice-)/.test(reason)) to('patient', amount);
      break;
    default:
  }
}
