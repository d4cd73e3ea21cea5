import type { Claim } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { readResource } from '../../interaction/repository.ts';
import type { Loop } from '../../x12/loop.ts';
import { segment, type Segment } from '../../x12/segment.ts';
import {
  stripped,
  writeInterchange,
  type GroupToWrite,
  type InterchangeHeader,
  type SetToWrite,
} from '../../x12/write.ts';
import { X12WriteError } from '../../x12/writeError.ts';
import type { OperationContext } from '../operation.ts';
import { transmissionOf } from '../submission/transmissionOf.ts';
import type { Delivery } from '../submission/handedOver.ts';
import { claimLoop } from './claimLoop.ts';
import type { Numbers } from './numbers.ts';
import { toPayer } from './toPayer.ts';
import { transactionOf, type TransactionCode } from './route.ts';
import type { Partner } from './tradingPartner.ts';

/** A claim that went out: its number is CLM01. */
export interface SentClaim {
  readonly claim: string; // Claim/1
  readonly number: string;
  readonly trace?: string; // of a question where it stands: TRN02 of the 276
}

/** A set that went out. */
export interface SentSet {
  readonly group: string; // GS06
  readonly set: string; // ST02
  readonly reference: string; // BHT03
  readonly claims: readonly SentClaim[];
  readonly asks?: true; // a 276: the claims were not sent with it
  readonly answers?: true; // it answers questions of the partner
}

export interface Refusal {
  readonly delivery: Delivery;
  readonly reason: string;
}

export interface Composed {
  readonly text: string;
  readonly sets: readonly SentSet[];
  readonly refused: readonly Refusal[];
}

/** What is fixed of an interchange before it is written. */
export interface Sealed {
  readonly partner: Partner;
  readonly numbers: Numbers;
  readonly date: string; // CCYYMMDD
  readonly time: string; // HHMM
}

const guides: Partial<Record<TransactionCode, string>> = {
  '837P': '005010X222A1',
  '837I': '005010X223A2',
  '837D': '005010X224A2',
};

interface Written {
  readonly delivery: Delivery;
  readonly form: TransactionCode;
  readonly loop: Loop;
}

/**
 * The interchange of the claims of a batch: a group for each guide, sets of as many claims as the partner takes. A claim
 * that was cancelled while it waited stays behind; the text is empty where none is left.
 */
export async function compose(
  context: OperationContext,
  sealed: Sealed,
  deliveries: readonly Delivery[],
): Promise<Composed> {
  const written: Written[] = [];
  const refused: Refusal[] = [];
  for (const delivery of deliveries) {
    if (!(await isStillMeant(context, delivery))) continue;
    const transmission = await transmissionOf(context.store, delivery);
    try {
      const loop = toPayer(await claimLoop(context, transmission), transmission.route?.payerId);
      written.push({ delivery, form: transactionOf(transmission.claim), loop });
    } catch (error) {
      if (!(error instanceof X12WriteError)) throw error;
      refused.push({ delivery, reason: error.message });
    }
  }
  if (written.length === 0) return { text: '', sets: [], refused };
  const { partner, numbers, date, time } = sealed;
  const sets: SentSet[] = [];
  const groups: GroupToWrite[] = [];
  for (const [form, version] of Object.entries(guides)) {
    const ofForm = written.filter((w) => w.form === form);
    if (ofForm.length === 0) continue;
    const controlNumber = numbers.group + groups.length;
    const toWrite: SetToWrite[] = [];
    for (let i = 0; i < ofForm.length; i += partner.setClaims) {
      const claims = ofForm.slice(i, i + partner.setClaims);
      const set = String(numbers.set + sets.length).padStart(4, '0');
      const reference = `${numbers.interchange}-${set}`;
      sets.push({ group: String(controlNumber), set, reference, claims: claims.map(sentClaim) });
      const content = setOf(
        sealed,
        reference,
        claims.map(({ loop }) => loop),
      );
      toWrite.push({ controlNumber: set, set: '837', convention: version, content });
    }
    groups.push({
      ...{ functionalGroup: 'HC', sender: partner.groupSender, receiver: partner.groupReceiver },
      ...{ controlNumber, version, date, time, sets: toWrite },
    });
  }
  return { text: writeInterchange(headerOf(sealed), groups), sets, refused };
}

/** The ISA of an interchange of which the partner is to say that it has it. */
export function headerOf({ partner, numbers, date, time }: Sealed): InterchangeHeader {
  const { senderQualifier, sender, receiverQualifier, receiver, usage } = partner;
  return {
    ...{ senderQualifier, sender, receiverQualifier, receiver, usage, date, time },
    controlNumber: numbers.interchange,
    acknowledge: true,
  };
}

export const sentClaim = ({ delivery }: Pick<Written, 'delivery'>): SentClaim => ({
  claim: delivery.claim.split('/_history/')[0] ?? '',
  number: delivery.controlNumber,
});

/** Whether a claim is still to be sent: it may have been cancelled since. */
export async function isStillMeant({ store }: OperationContext, delivery: Delivery): Promise<boolean> {
  const id = parseReference(delivery.claim)?.id ?? '';
  return (await readResource<Claim>(store, 'Claim', id)).status === 'active';
}

/** The set of several claims: head, submitter, receiver, and the levels of the claims numbered through. */
function setOf({ partner, date, time }: Sealed, reference: string, claims: readonly Loop[]): Loop {
  const name = (text: string | undefined, otherwise: string): string =>
    stripped(text ?? otherwise).slice(0, 60);
  let levels = 0;
  const numbered = claims.map((claim) => {
    const [loop, count] = numberedFrom(claim, levels);
    levels += count;
    return loop;
  });
  return {
    id: 'ST',
    segments: [segment('BHT', ['0019', '00', reference, date, time, 'CH'])],
    loops: [
      {
        id: '1000A',
        segments: [
          segment('NM1', [
            '41',
            '2',
            name(partner.submitterName, partner.sender),
            '',
            '',
            '',
            '',
            '46',
            partner.sender.trim(),
          ]),
          segment('PER', [
            'IC',
            name(partner.submitterName, partner.sender),
            'TE',
            partner.contactPhone ?? '0000000000',
          ]),
        ],
        loops: [],
      },
      {
        id: '1000B',
        segments: [
          segment('NM1', [
            '40',
            '2',
            name(partner.receiverName, partner.receiver),
            '',
            '',
            '',
            '',
            '46',
            partner.receiver.trim(),
          ]),
        ],
        loops: [],
      },
      ...numbered,
    ],
  };
}

/** The loop with its levels (HL01, HL02) counted on from others; answers how many levels it has. */
function numberedFrom(loop: Loop, before: number): [Loop, number] {
  let count = 0;
  const shifted = (one: Segment): Segment => {
    if (one.id !== 'HL') return one;
    count += 1;
    const [own = '', parent = '', ...rest] = one.elements;
    const up = (number: string): string => (number === '' ? '' : String(Number(number) + before));
    return { ...one, elements: [up(own), up(parent), ...rest] };
  };
  const within = (one: Loop): Loop => ({
    id: one.id,
    segments: one.segments.map(shifted),
    loops: one.loops.map(within),
  });
  return [within(loop), count];
}
