import type { GapKind } from '../../billing/charge/gap.ts';

/** What is missing, for the people of the office. */
export const gapText: Readonly<Record<GapKind, string>> = {
  'no-visit': 'the patient came and there is no visit: chart it, or say on the Appointment what happened',
  'no-charge':
    'the visit was kept and has no charge: chart its services, or cancel this Task where none is due',
  'note-unsigned': 'a note of the visit is not signed',
  'on-hold': 'the claim of the visit is held back: $edit it (hold false) to send it',
  'not-billed': 'the visit has charges that were neither claimed nor invoiced',
};
