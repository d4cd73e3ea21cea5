import type { Organization } from '@medplum/fhirtypes';
import type { LedgerAccount } from '../../datatypes/entry.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

/** The ledger accounts that a reason of the practice may name: none of a payer's contract or denial. */
export const writeOffAccounts = [
  'bad-debt-expense',
  'charity-adjustment',
  'small-balance-adjustment',
  'self-pay-discount',
  'other-expense',
] as const satisfies readonly LedgerAccount[];

type WriteOffAccount = (typeof writeOffAccounts)[number];

const isAccount = (code: string | undefined): code is WriteOffAccount =>
  (writeOffAccounts as readonly (string | undefined)[]).includes(code);

/** The reasons that every practice has. */
const everywhere: readonly (readonly [string, WriteOffAccount])[] = [
  ['bad-debt', 'bad-debt-expense'],
  ['charity', 'charity-adjustment'],
  ['small-balance', 'small-balance-adjustment'],
];

/**
 * Why a practice gives up what a patient owes, and the ledger account of each reason: the three of every practice,
 * and those of its own extension `write-off-reason`, which win. A reason without an account it may use has none.
 */
export function writeOffReasons(
  practice: Organization | undefined,
): Map<string, WriteOffAccount | undefined> {
  const own = extensionsOf(practice, extension.writeOffReason).flatMap((reason) => {
    const code = extensionOf(reason, 'code')?.valueCode;
    const account = extensionOf(reason, 'account')?.valueCode;
    return code === undefined ? [] : [[code, isAccount(account) ? account : undefined] as const];
  });
  return new Map([...everywhere, ...own]);
}
