import { requestGuide } from '../../billing/authorization/request278.ts';
import { isUndecided } from '../../billing/authorization/review.ts';
import { writeInterchange, type SetToWrite } from '../../x12/write.ts';
import { X12WriteError } from '../../x12/writeError.ts';
import type { OperationContext } from '../operation.ts';
import { standingAnswer } from '../submission/answers.ts';
import type { Delivery } from '../submission/handedOver.ts';
import { transmissionOf } from '../submission/transmissionOf.ts';
import { authorizationSet, faultOfRequest } from './authorizationSet.ts';
import {
  headerOf,
  isStillMeant,
  sentClaim,
  type Composed,
  type Refusal,
  type Sealed,
  type SentSet,
} from './compose.ts';

/** The guide of an inquiry; its answers are read as those to a request are. */
const inquiryGuide = '005010X215';

/**
 * The interchange of requests for authorization (278 X217), or of questions what was decided on them (X215): a set each.
 * What was cancelled while it waited stays behind, and nobody is asked after what is decided.
 */
export async function composeAuthorizations(
  context: OperationContext,
  sealed: Sealed & { readonly asks: boolean },
  deliveries: readonly Delivery[],
): Promise<Composed> {
  const { partner, numbers, date, time, asks } = sealed;
  const on = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  const version = asks ? inquiryGuide : requestGuide;
  const refused: Refusal[] = [];
  const sets: SentSet[] = [];
  const toWrite: SetToWrite[] = [];
  for (const delivery of deliveries) {
    if (!(await isStillMeant(context, delivery))) continue;
    const sent = sentClaim({ delivery });
    const answer = asks ? await standingAnswer(context.store, sent.claim) : undefined;
    if (answer && !isUndecided(answer)) continue;
    const transmission = await transmissionOf(context.store, delivery);
    try {
      const written = await authorizationSet(context, transmission, { on, time, asks });
      const reason = faultOfRequest(written);
      if (reason !== undefined) {
        if (!asks) refused.push({ delivery, reason });
        continue;
      }
      const set = String(numbers.set + sets.length).padStart(4, '0');
      sets.push({
        ...{ group: String(numbers.group), set, reference: written.trace, claims: [sent] },
        ...(asks ? { asks: true as const } : {}),
      });
      toWrite.push({ controlNumber: set, set: '278', convention: version, content: written.set });
    } catch (error) {
      if (!(error instanceof X12WriteError)) throw error;
      if (!asks) refused.push({ delivery, reason: error.message });
    }
  }
  if (toWrite.length === 0) return { text: '', sets: [], refused };
  const group = {
    ...{ functionalGroup: 'HI', sender: partner.groupSender, receiver: partner.groupReceiver },
    ...{ controlNumber: numbers.group, version, date, time, sets: toWrite },
  };
  return { text: writeInterchange(headerOf(sealed), [group]), sets, refused };
}
