import type { ClaimResponse } from '@medplum/fhirtypes';
import { extensionOf } from '../../../datatypes/extension.ts';
import { filingDeadline, type FilingLimit } from '../../../datatypes/filing.ts';
import { extension } from '../../../terminology/system.ts';
import { dayOf } from '../line.ts';
import { fault, knownAs, type ScrubRule } from '../rule.ts';
import type { ClaimView } from '../view.ts';

const usual: readonly FilingLimit[] = [{ years: 1 }];

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
    const { claim, created, on, lines, plan, focal, form } = view;
    const through = lastDay(view);
    if (through === undefined) return [];
    const sent = claim.status === 'active' ? created : on > created ? on : created;
    const facts = {
      institutional: form === 'institutional',
      through,
      corrected: (claim.related ?? []).length > 0,
      priorAnswer: priorAnswer(view),
      lastAnswer: plan.lastAnswer,
      notice: extensionOf(focal?.coverage, extension.noticeOfCoverage)?.valueDate,
    };
    const days = lines.length > 0 ? lines.map((l) => l.from ?? through) : [through];
    const late = days
      .flatMap((from) => filingDeadline(plan.filing ?? usual, { ...facts, from }) ?? [])
      .filter((deadline) => sent > deadline.last)
      .sort((a, b) => (a.last < b.last ? -1 : 1))[0];
    if (late === undefined) return [];
    const text = `the time to file (${late.kind}, counted from ${late.anchor}) ended on ${late.last}`;
    return [fault('Claim.created', text)];
  },
};

const lastDay = ({ end, lines }: ClaimView): string | undefined =>
  [end, ...lines.map((l) => l.through)]
    .flatMap((day) => day ?? [])
    .sort()
    .at(-1);

/** When the payer before answered last. */
const priorAnswer = ({ insurances, known }: ClaimView): string | undefined =>
  insurances
    .flatMap((i) => {
      const response = knownAs<ClaimResponse>(known, 'ClaimResponse', i.element.claimResponse);
      return i.element.focal ? [] : (dayOf(response?.created) ?? []);
    })
    .at(-1);
