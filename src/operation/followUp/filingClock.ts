import type { Claim, Coverage } from '@medplum/fhirtypes';
import { filingEnd } from '../../billing/scrub/filingEnd.ts';
import { knownAs } from '../../billing/scrub/input.ts';
import { viewOf } from '../../billing/scrub/view.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';
import { lifeOf } from '../claim/claimLife.ts';
import { planOf } from '../claim/practicePlans.ts';
import type { Call } from '../operation.ts';
import { lastAnswer } from '../submission/lastAnswer.ts';
import { readKnown } from '../submission/readKnown.ts';

/** States in which a claim is not with its payer, and still has to come there. */
const unfiled: readonly string[] = ['draft', 'scrubbed', 'undelivered', 'rejected'];

/** The last day to file a claim that is not with its payer; undefined where no clock runs. */
export async function lastDayToFile(call: Call, claim: Claim & { id: string }): Promise<string | undefined> {
  if (claim.use !== 'claim' || extensionOf(claim, extension.crossedOver)) return undefined;
  const { state } = await lifeOf(call.tx, claim);
  if (!unfiled.includes(state)) return undefined;
  const known = await readKnown(call.tx, claim);
  const focal = claim.insurance.find((i) => i.focal)?.coverage;
  const plan = await planOf(call, knownAs<Coverage>(known, 'Coverage', focal), claim.insurer);
  const answered = await lastAnswer(call, claim);
  const view = viewOf({
    ...{ claim, on: call.on, known, earlier: [] },
    plan: {
      authorization: new Set(),
      ...(plan && plan.filing.length > 0 ? { filing: plan.filing } : {}),
      ...(answered === undefined ? {} : { lastAnswer: answered }),
    },
  });
  return filingEnd(view)?.last;
}
