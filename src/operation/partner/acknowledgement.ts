import type { HopEvent, HopStatus } from '../../datatypes/hop.ts';
import { loopsOf, segmentOf, type Loop } from '../../x12/loop.ts';
import { element, type Segment } from '../../x12/segment.ts';
import type { OperationContext } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { recordHop } from '../submission/recordHop.ts';
import type { SentSet } from './compose.ts';
import { raisePartnerTask } from './partnerTask.ts';
import {
  interchangeMark,
  noteAcknowledged,
  sentOf,
  sentWithGroup,
  type SentInterchange,
} from './sentIndex.ts';

/** An interchange that came from a partner, as what is read of it is recorded. */
export interface Inbound {
  readonly ids: string; // idsOf the partner, as we send to it
  readonly number: number; // ISA13
  readonly binary: string; // Binary/1
  readonly on: string; // FHIR date of its ISA
}

/** What a partner said of sets that we sent. */
interface Said {
  readonly event: HopEvent;
  readonly code: string;
  readonly numbers: string; // of the file that says so
  readonly position: number;
  readonly errors: readonly string[]; // codes
}

const inOneTransaction = 25;

/** A 999 of ours: each set that it names is accepted or rejected, and with it its claims. False: we sent no such group. */
export async function recordImplementationAcknowledgement(
  context: OperationContext,
  from: Inbound,
  set: Loop,
): Promise<boolean> {
  const ak1 = segmentOf(set, 'AK1');
  const ak9 = segmentOf(set, 'AK9');
  const st = segmentOf(set, 'ST');
  const group = ak1 ? element(ak1, 2) : '';
  const sent = await sentWithGroup(context.store, from.ids, group);
  if (!sent) return false;
  const numbers = `${from.number}|${st ? element(st, 2) : ''}`;
  const said = new Map<string, Said>();
  for (const loop of loopsOf(set, '2000')) {
    const ak2 = segmentOf(loop, 'AK2');
    const ik5 = segmentOf(loop, 'IK5');
    if (!ak2 || !ik5) continue;
    const code = element(ik5, 1);
    said.set(element(ak2, 2), {
      event: '999',
      code,
      numbers,
      position: ak2.position,
      errors: errorsOf(loop, ik5),
    });
  }
  const whole = ak9 ? element(ak9, 1) : '';
  for (const one of sent.sets.filter((s) => s.group === group)) {
    // a partner may name only the sets that are at fault, or none
    const own = said.get(one.set) ?? (ak9 && wholeGroup(whole, ak9, numbers));
    if (own) await recordSet(context, from, sent, { set: one, said: own });
  }
  return true;
}

function wholeGroup(code: string, ak9: Segment, numbers: string): Said | undefined {
  if (code === 'P') return undefined; // some are rejected: which, is not said
  return {
    event: '999',
    code,
    numbers,
    position: ak9.position,
    errors: [element(ak9, 5)].filter((e) => e !== ''),
  };
}

/** IK502 and the codes of each segment and element at fault: IK3 segment, IK304, IK403. */
function errorsOf(loop: Loop, ik5: Segment): string[] {
  const own = [2, 3, 4, 5, 6].map((n) => element(ik5, n)).filter((code) => code !== '');
  const found = loopsOf(loop, '2100').flatMap((at) => {
    const ik3 = segmentOf(at, 'IK3');
    if (!ik3) return [];
    const where = `${element(ik3, 1)}${element(ik3, 3) === '' ? '' : ` in ${element(ik3, 3)}`}`;
    const elements = loopsOf(at, '2110').flatMap((inner) => segmentOf(inner, 'IK4') ?? []);
    if (elements.length === 0) return [`${where} ${element(ik3, 4)}`];
    return elements.map((ik4) => `${where} element ${element(ik4, 1)} ${element(ik4, 3)}`);
  });
  return [...own, ...found].slice(0, 10);
}

/** A TA1 of ours. False: we sent no such interchange. */
export async function recordInterchangeAcknowledgement(
  context: OperationContext,
  from: Inbound,
  ta1: Segment,
): Promise<boolean> {
  const sent = await sentOf(context.store, from.ids, Number(element(ta1, 1)));
  if (!sent) return false;
  const code = element(ta1, 4);
  const errors = [element(ta1, 5)].filter((e) => e !== '' && e !== '000');
  const said: Said = { event: 'TA1', code, numbers: String(from.number), position: ta1.position, errors };
  for (const set of sent.sets) await recordSet(context, from, sent, { set, said });
  if (sent.sets.length === 0) await note(context, sent, interchangeMark(sent.number), code);
  return true;
}

interface Recording {
  readonly set: SentSet;
  readonly said: Said;
}

async function recordSet(
  context: OperationContext,
  from: Inbound,
  sent: SentInterchange,
  { set, said }: Recording,
): Promise<void> {
  if (set.asks === true) return recordInquirySet(context, sent, { set, said });
  const status = statusOf(said.code);
  for (let i = 0; i < set.claims.length; i += inOneTransaction) {
    await context.store.transaction(async (tx) => {
      const call = laterCall(context, tx, from.on);
      for (const { claim, number } of set.claims.slice(i, i + inOneTransaction)) {
        await recordHop(call, {
          claim,
          hop: {
            ...{ event: said.event, hop: 'clearinghouse', status, code: said.code, on: from.on },
            ...{ control: number, number: said.numbers, position: String(said.position), proof: from.binary },
          },
          reason: [said.event, said.code, ...said.errors].join(' '),
        });
      }
    });
  }
  await note(context, sent, said.event === 'TA1' ? interchangeMark(sent.number) : set.set, said.code);
}

/** A set of questions, or of answers of ours, that is refused says nothing of the claims: a person sees to it. */
async function recordInquirySet(
  context: OperationContext,
  sent: SentInterchange,
  { set, said }: Recording,
): Promise<void> {
  if (statusOf(said.code) === 'rejected')
    await context.store.transaction((tx) =>
      raisePartnerTask(context, tx, {
        ...{
          code: 'transmission',
          endpoint: sent.endpoint,
          detail: `questions in interchange ${sent.number}`,
        },
        text: `a partner refused ${set.answers === true ? 'answers to its own questions' : 'questions where claims stand'} (${[said.event, said.code, ...said.errors].join(' ')})`,
      }),
    );
  await note(context, sent, said.event === 'TA1' ? interchangeMark(sent.number) : set.set, said.code);
}

const note = (context: OperationContext, sent: SentInterchange, mark: string, code: string): Promise<void> =>
  context.store.transaction((tx) => noteAcknowledged(tx, sent, { [mark]: code }));

/** A accepted, E accepted with errors noted; every other code refuses. */
const statusOf = (code: string): HopStatus => (code === 'A' || code === 'E' ? 'acknowledged' : 'rejected');
