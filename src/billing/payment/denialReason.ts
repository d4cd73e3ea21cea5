import type { Organization } from '@medplum/fhirtypes';
import type { LedgerAccount } from '../../datatypes/entry.ts';
import { writeOffReasons } from './writeOffReason.ts';

/** Why a denied receivable is given up; all of them are denial write-offs in the ledger. Billing rule 54. */
export const denialReasons = [
  'timely-filing',
  'no-authorization',
  'not-covered',
  'medical-necessity',
  'bundled',
  'duplicate',
  'small-balance',
  'other',
] as const;

/** The reasons for a denied receivable, with the ledger account of each; those of the practice itself win. */
export function denialAccounts(practice: Organization | undefined): Map<string, LedgerAccount | undefined> {
  const own = [...writeOffReasons(practice)].filter(([code]) => !ofPatients.includes(code));
  return new Map<string, LedgerAccount | undefined>([
    ...denialReasons.map((code) => [code, 'denial-write-off'] as const),
    ...own,
  ]);
}

/** What every practice has for what patients owe. */
const ofPatients: readonly string[] = ['bad-debt', 'charity', 'small-balance'];
