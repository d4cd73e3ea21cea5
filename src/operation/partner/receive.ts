import { businessFault, type Issue } from '../../outcome/issue.ts';
import type { Loop } from '../../x12/loop.ts';
import { element, type Segment } from '../../x12/segment.ts';
import type { OperationContext } from '../operation.ts';
import type { ReceivedSet, SetHandler } from '../x12/handler.ts';
import { tell } from '../x12/tell.ts';
import {
  recordImplementationAcknowledgement,
  recordInterchangeAcknowledgement,
  type Inbound,
} from './acknowledgement.ts';
import { hopOfSource, recordPatientLevel, recordReceiverLevel } from './claimStatus.ts';
import { recordUnanswered } from './inquiryAnswer.ts';

/** What is recorded of an interchange that came in: its sender is the partner, its receiver are we. */
export function inboundOf(isa: Segment, interchange: string): Inbound {
  const id = (n: number): string => `${element(isa, n)}${element(isa, n + 1).trim()}`;
  const day = element(isa, 9);
  return {
    ids: `${id(7)}>${id(5)}`,
    number: Number(element(isa, 13)),
    binary: interchange,
    on: `20${day.slice(0, 2)}-${day.slice(2, 4)}-${day.slice(4, 6)}`,
  };
}

const warning = (code: string, text: string): Issue => ({
  ...businessFault(code, 'Binary', text),
  severity: 'warning',
});

/** 999: the sets that we sent are accepted or rejected. */
export const acknowledgementHandler: SetHandler = async (context, received) => {
  const from = inboundOf(received.isa, received.interchange);
  const responses: Loop[] = [];
  for await (const part of received.parts()) {
    if (part.kind === 'unit') responses.push(part.loop);
    else if (
      !(await recordImplementationAcknowledgement(context, from, {
        ...part.set,
        loops: [...part.set.loops, ...responses],
      }))
    )
      return { made: [], issues: [warning('acknowledged-unknown', 'a 999 names a group that was not sent')] };
  }
  return { made: [] };
};

/** TA1: an interchange that we sent is accepted or rejected. */
export const interchangeAcknowledged = (
  context: OperationContext,
  { isa, interchange, ta1 }: { readonly isa: Segment; readonly interchange: string; readonly ta1: Segment },
): Promise<boolean> => recordInterchangeAcknowledgement(context, inboundOf(isa, interchange), ta1);

const statusHandler =
  (event: '277CA' | '277' | '277RFAI'): SetHandler =>
  async (context, received: ReceivedSet) => {
    const from = inboundOf(received.isa, received.interchange);
    const { sha256, position } = received;
    const set = element(received.st, 2);
    let strangers = 0;
    for await (const part of received.parts()) {
      if (part.kind === 'unit') {
        const said = { event, hop: hopOfSource(part.above), set, sha256 };
        strangers += (await recordPatientLevel(context, from, part.loop, said)).length;
      } else
        for (const level of part.bare) {
          const said = { event, hop: hopOfSource([level.loop, ...level.above]), set, sha256 };
          if (event === '277CA') await recordReceiverLevel(context, from, level, said);
          else await recordUnanswered(context, from, level);
        }
    }
    if (strangers === 0) return { made: [] };
    const text =
      strangers === 1
        ? `a ${event} names a claim that is not here`
        : `a ${event} names ${strangers.toString()} claims that are not here`;
    await context.store.transaction((tx) =>
      tell(context, tx, {
        ...{ binary: received.interchange, detail: `set ${position.toString()}` },
        text: `${text}: find out whose it is`,
      }),
    );
    return { made: [], issues: [warning('claim-unknown', text)] };
  };

/** 277CA: claims are accepted or rejected, by the clearinghouse or the payer. */
export const claimAcknowledgementHandler = statusHandler('277CA');

/** 277: where claims stand that were asked for. */
export const claimStatusHandler = statusHandler('277');

/** 277 X213: the payer asks for information before it judges a claim. */
export const informationRequestHandler = statusHandler('277RFAI');
