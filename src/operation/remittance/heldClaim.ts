import type { AdviceClaim } from '../../billing/remittance/advice.ts';
import type { Posted } from '../../billing/remittance/reconciliation.ts';
import { toText } from '../../datatypes/cents.ts';
import { referenceText } from '../../datatypes/reference.ts';
import type { Call } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import type { Desk } from './desk.ts';

/** A Task for a claim of a remittance that could not be posted; ordinal 0 is the remittance as a whole. */
export const holdClaim = (
  call: Pick<Call, 'context' | 'tx' | 'on'>,
  of: {
    readonly remittance: string;
    readonly ordinal: number;
    readonly text: string;
    readonly practice?: string | undefined;
  },
): Promise<void> =>
  raiseTask(call, {
    ...{ code: 'remittance-claim', focus: of.remittance, text: of.text },
    detail: of.ordinal.toString(),
    practice: of.practice,
  });

/** A claim that stays gets its Task, with why and how much; one that was posted after all has its Task closed. */
export async function settleHeld(
  { call, reconciliation }: Desk,
  claim: AdviceClaim,
  { held }: Posted,
): Promise<void> {
  const remittance = referenceText(reconciliation);
  const { ordinal, paid } = claim;
  if (held !== undefined) {
    const text = `claim ${ordinal} (${toText(paid)}) of ${remittance} was not posted: ${held}`;
    await holdClaim(call, {
      ...{ remittance, ordinal, text },
      practice: reconciliation.requestor?.reference,
    });
    return;
  }
  if (!reconciliation.detail) return;
  const task = await holderOf(call.tx, taskKey('remittance-claim', remittance, ordinal.toString()));
  if (task && task.status !== 'completed') await closeTask(call, task);
}
