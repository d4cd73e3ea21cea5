import { writeInterchange, type GroupToWrite, type SetToWrite } from '../../x12/write.ts';
import type { Segment } from '../../x12/segment.ts';
import { element } from '../../x12/segment.ts';
import { takeNumber, type Books, type Ends } from './books.ts';

/** The day and time at which the payer acts. */
export interface Clock {
  readonly on: string; // FHIR date
  readonly time: string; // HHMM
}

/** A file for a partner. */
export interface Outgoing {
  readonly name: string;
  readonly text: string;
}

/** What a file is to hold; its numbers are made when it is written. */
export interface Content {
  readonly kind: '999' | '271' | '277CA' | '277' | '278' | '835' | 'TA1';
  readonly groups: readonly (Pick<GroupToWrite, 'functionalGroup' | 'version'> & {
    readonly sets: readonly Omit<SetToWrite, 'controlNumber'>[];
  })[];
  readonly acknowledgements?: readonly Segment[];
}

/** The ends of an interchange that came, turned: the payer answers to who sent it. */
export function endsOf(isa: Segment, gs: Segment | undefined): Ends {
  const id = (n: number): string => element(isa, n).trim();
  return {
    ...{ senderQualifier: id(7), sender: id(8), receiverQualifier: id(5), receiver: id(6) },
    groupSender: gs ? element(gs, 3) : id(8),
    groupReceiver: gs ? element(gs, 2) : id(6),
    usage: element(isa, 15) === 'P' ? 'P' : 'T',
  };
}

/** An interchange of the payer, under the next of its numbers. */
export function answerFile(books: Books, ends: Ends, { on, time }: Clock, content: Content): Outgoing {
  const number = takeNumber(books, 'interchange');
  const date = on.replaceAll('-', '');
  const groups = content.groups.map(({ functionalGroup, version, sets }): GroupToWrite => ({
    ...{ functionalGroup, version, date, time },
    ...{ sender: ends.groupSender, receiver: ends.groupReceiver },
    controlNumber: takeNumber(books, 'group'),
    sets: sets.map((set, i) => ({ ...set, controlNumber: String(i + 1).padStart(4, '0') })),
  }));
  const { senderQualifier, sender, receiverQualifier, receiver, usage } = ends;
  const header = { senderQualifier, sender, receiverQualifier, receiver, usage, date, time };
  const { acknowledgements = [] } = content;
  const text = writeInterchange({ ...header, controlNumber: number }, groups, { acknowledgements });
  return { name: `${content.kind}_${String(number).padStart(9, '0')}.x12`, text };
}
