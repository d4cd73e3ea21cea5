import type { Endpoint } from '@medplum/fhirtypes';
import { find } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import type { Loop } from '../../x12/loop.ts';
import { element } from '../../x12/segment.ts';
import { writeInterchange, type SetToWrite } from '../../x12/write.ts';
import type { OperationContext } from '../operation.ts';
import { gatherInterchange, keepInterchange } from '../partner/keepInterchange.ts';
import { keep, kept } from '../partner/kept.ts';
import { takeNumbers } from '../partner/numbers.ts';
import { partnerAt, sendAnswer } from '../partner/sendAnswer.ts';
import { keepSent, type SentInterchange } from '../partner/sentIndex.ts';
import { idsOf, isTradingPartner, partnerOf, type Partner } from '../partner/tradingPartner.ts';
import { betweenOf, clockOf, groupId } from '../x12/answers.ts';
import type { ReceivedSet } from '../x12/handler.ts';

/** What is answered to a set that asked us: sets of one kind, and what each is known by (BHT03). */
export interface Reply {
  readonly set: '271' | '278';
  readonly functionalGroup: 'HB' | 'HI';
  readonly version: string;
  readonly contents: readonly { readonly content: Loop; readonly reference: string }[];
  readonly part: number; // of the answers to one set, from 0: long ones go in several interchanges
}

/**
 * Writes an interchange that answers a set, keeps it and hands it to whoever sends to the partner, in one transaction.
 * The same part again is the same interchange: it is not sent twice. Answers: Binary/1.
 */
export async function reply(context: OperationContext, received: ReceivedSet, given: Reply): Promise<string> {
  const key = `x12-reply|${received.key}|${given.part.toString()}`;
  return context.store.transaction(async (tx) => {
    await tx.lock(key);
    const before = await kept<{ binary: string }>(tx, key);
    if (before) return before.binary;
    const between = betweenOf(received.isa);
    const partner = await partnerFor(tx, received);
    const count = given.contents.length;
    const numbers = await takeNumbers(tx, idsOf(between), {
      ...{ groups: 1, sets: count, first: partner?.firstNumber },
    });
    const { date, time } = clockOf(context);
    const sets: SetToWrite[] = given.contents.map(({ content }, n) => ({
      ...{ controlNumber: String(numbers.set + n).padStart(4, '0'), set: given.set },
      ...{ convention: given.version, content },
    }));
    // what a simulated payer says is never said in earnest
    const text = writeInterchange(
      { ...between, date, time, controlNumber: numbers.interchange, usage: 'T' },
      [
        {
          ...{ functionalGroup: given.functionalGroup, controlNumber: numbers.group },
          sender: groupId(received.gs, 3, received.isa, 8),
          receiver: groupId(received.gs, 2, received.isa, 6),
          ...{ version: given.version, date, time, sets },
        },
      ],
    );
    const gathered = await gatherInterchange(context, Buffer.from(text, 'latin1'));
    const binary = await keepInterchange(context, tx, gathered);
    await keep(tx, key, { binary });
    if (!partner) return binary;
    await keepSent(tx, {
      ...{ endpoint: partner.endpoint, ids: idsOf(between), number: numbers.interchange, binary },
      on: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`,
      sets: given.contents.map(({ reference }, n) => ({
        ...{ group: String(numbers.group), set: String(numbers.set + n).padStart(4, '0'), reference },
        ...{ claims: [], asks: true as const, answers: true as const },
      })),
      acknowledged: {},
    } satisfies SentInterchange);
    await sendAnswer(context, tx, partner, { binary, numbers, between });
    return binary;
  });
}

/** The partner an answer goes to: the one it was fetched from, else the only one with the ids of the interchange. */
async function partnerFor(
  reader: Reader,
  { endpoint, isa }: Pick<ReceivedSet, 'endpoint' | 'isa'>,
): Promise<Partner | undefined> {
  if (endpoint !== undefined) return partnerAt(reader, endpoint);
  const [theirs, ours] = [element(isa, 6).trim(), element(isa, 8).trim()];
  const partners = (await find<Endpoint>(reader, 'Endpoint', {}))
    .filter((one) => isTradingPartner(one) && (one.status === 'active' || one.status === 'test'))
    .map(partnerOf)
    .filter(({ sender, receiver }) => sender.trim() === ours && receiver.trim() === theirs);
  return partners.length === 1 ? partners[0] : undefined;
}
