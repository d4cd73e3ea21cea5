import type { Entry } from '../../datatypes/entry.ts';
import type { Application } from './creditApplied.ts';
import { lineAbout, metAccount } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** Credit that a line had taken becomes free again: patient receivable / unapplied credit. */
export const creditReleased = (event: Head & Application): Entry =>
  post(event, { reason: 'credit-released', text: 'applied payment taken off' }, [
    ...event.lines.map((l) => debit(metAccount(l), l.amount, lineAbout(l, l.invoice))),
    ...event.from.map((c) => credit('unapplied-patient-credit', c.amount, { encounter: c.encounter })),
  ]);
