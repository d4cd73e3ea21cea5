import type { ClaimResponse } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { filingDeadline, type FilingLimit } from '../../datatypes/filing.ts';
import { extension } from '../../terminology/system.ts';
import { knownAs } from './input.ts';
import { dayOf } from './line.ts';
import type { ClaimView } from './view.ts';

const usual: readonly FilingLimit[] = [{ years: 1 }];

/** The last day on which all of a claim can be filed: that of the line whose time ends first. */
export function filingEnd(view: ClaimView): ReturnType<typeof filingDeadline> {
  const { claim, lines, plan, focal, form } = view;
  const through = lastDay(view);
  if (through === undefined) return undefined;
  const facts = {
    institutional: form === 'institutional',
    through,
    corrected: (claim.related ?? []).length > 0,
    priorAnswer: priorAnswer(view),
    lastAnswer: plan.lastAnswer,
    notice: extensionOf(focal?.coverage, extension.noticeOfCoverage)?.valueDate,
  };
  const days = lines.length > 0 ? lines.map((l) => l.from ?? through) : [through];
  return days
    .flatMap((from) => filingDeadline(plan.filing ?? usual, { ...facts, from }) ?? [])
    .sort((a, b) => (a.last < b.last ? -1 : 1))[0];
}

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
