import { inquiryGuide, inquirySet, type Inquiry } from '../../billing/submission/inquiry276.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { system } from '../../terminology/system.ts';
import { writeInterchange, type SetToWrite } from '../../x12/write.ts';
import { X12WriteError } from '../../x12/writeError.ts';
import type { OperationContext } from '../operation.ts';
import { standingAnswer } from '../submission/answers.ts';
import { transmissionOf } from '../submission/transmissionOf.ts';
import type { Delivery } from '../submission/handedOver.ts';
import { claimLoop } from './claimLoop.ts';
import { toPayer } from './toPayer.ts';
import {
  headerOf,
  isStillMeant,
  sentClaim,
  type Composed,
  type Sealed,
  type SentClaim,
  type SentSet,
} from './compose.ts';

interface Asked {
  readonly inquiry: Inquiry;
  readonly sent: SentClaim;
}

/**
 * The interchange that asks where claims stand (276): sets of as many claims as the partner takes. A claim that was answered
 * or cancelled while the question waited is not asked after; the text is empty where none is left.
 */
export async function composeInquiries(
  context: OperationContext,
  sealed: Sealed,
  deliveries: readonly Delivery[],
): Promise<Composed> {
  const { partner, numbers, date, time } = sealed;
  const asked: Asked[] = [];
  for (const delivery of deliveries) {
    const one = await askedOf(context, delivery, `${numbers.interchange}-${asked.length + 1}`);
    if (one) asked.push(one);
  }
  if (asked.length === 0) return { text: '', sets: [], refused: [] };
  const sets: SentSet[] = [];
  const toWrite: SetToWrite[] = [];
  for (let i = 0; i < asked.length; i += partner.setClaims) {
    const some = asked.slice(i, i + partner.setClaims);
    const set = String(numbers.set + sets.length).padStart(4, '0');
    const reference = `${numbers.interchange}-${set}`;
    const claims = some.map(({ sent }) => sent);
    sets.push({ group: String(numbers.group), set, reference, claims, asks: true });
    const content = inquirySet(
      {
        ...{ reference, date: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`, time },
        receiver: { name: partner.submitterName ?? partner.sender, number: partner.sender.trim() },
      },
      some.map(({ inquiry }) => inquiry),
    );
    toWrite.push({ controlNumber: set, set: '276', convention: inquiryGuide, content });
  }
  const group = {
    ...{ functionalGroup: 'HR', sender: partner.groupSender, receiver: partner.groupReceiver },
    ...{ controlNumber: numbers.group, version: inquiryGuide, date, time, sets: toWrite },
  };
  return { text: writeInterchange(headerOf(sealed), [group]), sets, refused: [] };
}

/** What asks after a claim; undefined where it is not to be asked after any more, or cannot be named. */
async function askedOf(
  context: OperationContext,
  delivery: Delivery,
  trace: string,
): Promise<Asked | undefined> {
  const sent = sentClaim({ delivery });
  const answer = await standingAnswer(context.store, sent.claim);
  if (answer?.outcome !== 'queued' || !(await isStillMeant(context, delivery))) return undefined;
  const transmission = await transmissionOf(context.store, delivery);
  try {
    const claim = toPayer(await claimLoop(context, transmission), delivery.route?.payerId);
    const payerNumber = identifierOf(answer, system.payerClaimControlNumber) ?? '';
    return { inquiry: { claim, trace, payerNumber }, sent: { ...sent, trace } };
  } catch (error) {
    // it was refused as an 837 then, which is told already
    if (error instanceof X12WriteError) return undefined;
    throw error;
  }
}
