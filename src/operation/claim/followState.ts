import type { ClaimState } from '../../billing/claim/life.ts';
import { changed } from '../../datatypes/json.ts';
import { updateResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';

/** The Task that follows the submission of a claim (Claim/1) says where the claim stands now; a search finds it. */
export async function followState(
  { context, tx, on }: Pick<Call, 'context' | 'tx' | 'on'>,
  claim: string,
  state: ClaimState,
): Promise<void> {
  const task = await holderOf(tx, taskKey('submission', claim));
  if (!task) return;
  const businessStatus = { coding: [{ system: system.claimState, code: state }], text: state };
  const status = state === 'reversed' ? ('in-progress' as const) : ('completed' as const);
  await updateResource(context, tx, changed(task, { status, businessStatus, lastModified: on }));
}
