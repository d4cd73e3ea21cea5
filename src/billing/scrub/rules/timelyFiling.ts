import { filingEnd } from '../filingEnd.ts';
import { fault, type ScrubRule } from '../rule.ts';

/**
 * The claim goes out in time: by the limit of the plan for its kind (original, corrected, secondary, retroactive
 * coverage), else a calendar year. A draft is judged by the day it is to be sent, a sent claim by the day it was.
 */
export const timelyFiling: ScrubRule = {
  id: 'timely-filing',
  source: 'billing rule 17; 42 CFR 424.44, 42 CFR 447.45',
  carc: '29',
  cure: 'Send at once with proof why it is late; the patient does not owe what is denied for this.',
  severity: 'warning',
  check: (view) => {
    const { claim, created, on } = view;
    const sent = claim.status === 'active' ? created : on > created ? on : created;
    const end = filingEnd(view);
    const late = end !== undefined && sent > end.last ? end : undefined;
    if (late === undefined) return [];
    const text = `the time to file (${late.kind}, counted from ${late.anchor}) ended on ${late.last}`;
    return [fault('Claim.created', text)];
  },
};
