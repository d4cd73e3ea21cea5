import type { Binary } from '@medplum/fhirtypes';
import { dateInZone } from '../../datatypes/date.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import {
  acknowledgementVersion,
  groupAcknowledgement,
  interchangeAcknowledgement,
  isAcknowledgementDue,
} from '../../x12/acknowledge.ts';
import type { GroupJudged, InterchangeJudged } from '../../x12/judgement.ts';
import { element, usualDelimiters } from '../../x12/segment.ts';
import type { Segment } from '../../x12/segment.ts';
import { stripped, writeInterchange } from '../../x12/write.ts';
import type { InterchangeHeader } from '../../x12/write.ts';
import type { OperationContext } from '../operation.ts';
import { takeNumbers, type Numbers } from '../partner/numbers.ts';
import { idsOf, type Between } from '../partner/tradingPartner.ts';

/** An acknowledgement that was written and kept: Binary/1, the numbers it has, and between whom it goes. */
export interface Written {
  readonly binary: string;
  readonly numbers: Numbers;
  readonly between: Between;
}

/**
 * Writes what acknowledges an interchange: a TA1 where it was asked for or something is wrong with the envelope, and a
 * 999 for each group that could be read. What acknowledges is not acknowledged. Undefined where nothing is due. `first`:
 * its control numbers are no lower.
 */
export async function acknowledge(
  context: OperationContext,
  tx: Transaction,
  judged: InterchangeJudged,
  first?: number,
): Promise<Written | undefined> {
  const { header } = judged;
  const groups = judged.status === 'R' ? [] : judged.groups.filter(isAcknowledged);
  const onlyAnswers = judged.groups.length > 0 && !judged.groups.some(isAcknowledged);
  const isTa1Due = isAcknowledgementDue(judged) && !(onlyAnswers && judged.status !== 'R');
  if (groups.length === 0 && !isTa1Due) return undefined;
  const between = betweenOf(header);
  const count = Math.max(1, groups.length);
  const numbers = await takeNumbers(tx, idsOf(between), { groups: count, sets: count, first });
  const envelope: InterchangeHeader = {
    ...between,
    ...clockOf(context),
    controlNumber: numbers.interchange,
    usage: element(header, 15) === 'P' ? 'P' : 'T',
  };
  const text = writeInterchange(envelope, written(context, header, groups, numbers), {
    acknowledgements: isTa1Due ? [interchangeAcknowledgement(judged)] : [],
  });
  const kept = await createResource<Binary>(context, tx, {
    resourceType: 'Binary',
    contentType: 'application/EDI-X12',
    data: Buffer.from(text).toString('base64'),
  });
  return { binary: referenceText(kept), numbers, between };
}

const isAcknowledged = ({ header }: GroupJudged): boolean => element(header, 1) !== 'FA';

const plain = (text: string, most: number): string => stripped(text, usualDelimiters).slice(0, most);

/** Their receiver sends now, and their sender receives. */
export function betweenOf(header: Segment): Between {
  const qualifier = (n: number): string => {
    const given = plain(element(header, n), 2);
    return given.length === 2 ? given : 'ZZ';
  };
  return {
    senderQualifier: qualifier(7),
    sender: plain(element(header, 8), 15),
    receiverQualifier: qualifier(5),
    receiver: plain(element(header, 6), 15),
  };
}

function written(
  context: OperationContext,
  isa: Segment,
  groups: readonly GroupJudged[],
  numbers: Numbers,
): Parameters<typeof writeInterchange>[1] {
  return groups.map((group, n) => ({
    functionalGroup: 'FA',
    sender: groupId(group.header, 3, isa, 8),
    receiver: groupId(group.header, 2, isa, 6),
    controlNumber: numbers.group + n,
    version: acknowledgementVersion,
    ...clockOf(context),
    sets: [
      {
        controlNumber: String(numbers.set + n).padStart(4, '0'),
        set: '999',
        convention: acknowledgementVersion,
        content: groupAcknowledgement(group),
      },
    ],
  }));
}

/** An application's id has at least two characters; where it has not, the interchange's is taken. */
export function groupId(gs: Segment, n: number, isa: Segment, other: number): string {
  const own = plain(element(gs, n), 15);
  return (own.length > 1 ? own : plain(element(isa, other), 15)).padEnd(2, 'X');
}

export function clockOf({ now, timeZone }: OperationContext): {
  readonly date: string;
  readonly time: string;
} {
  const instant = now();
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return {
    date: dateInZone(instant, timeZone).replaceAll('-', ''),
    time: format.format(new Date(instant)).replace(':', ''),
  };
}
