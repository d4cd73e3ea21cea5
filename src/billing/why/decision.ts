import type { ClaimResponse } from '@medplum/fhirtypes';
import { adjudicated, type Adjudicated } from '../../datatypes/adjudication.ts';
import { sum, toText } from '../../datatypes/cents.ts';
import { dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';
import { adjustmentText } from './component.ts';
import type { Step } from './step.ts';

/** What a payer decided on a line of a claim (or on the claim as a whole), and where in its file it said so. */
export function decisionSteps(response: ClaimResponse & { id: string }, item: number | undefined): Step[] {
  const all = adjudicated(response);
  const line = all.find((d) => d.sequence === item) ?? all.find((d) => d.sequence === undefined);
  const source = `ClaimResponse/${response.id}`;
  const on = ` on ${dateOf(response.created)}`;
  const of = line?.sequence === undefined ? 'the claim as a whole' : `line ${line.sequence}`;
  const by = response.insurer.reference ?? 'the payer';
  const stands = response.status === 'cancelled' ? ', since taken back' : '';
  if (!line)
    return [{ level: 0, kind: 'decision', text: `${by} answered ${response.outcome}${on}${stands}`, source }];
  return [
    {
      level: 0,
      kind: 'decision',
      text: `${by} decided on ${of}${on}: of ${toText(line.submitted)} it pays ${toText(line.paid)}${stands}${placeOf(response, line)}`,
      amount: line.paid,
      source,
    },
    ...line.adjustments.map((a): Step => ({
      level: 1,
      kind: 'part',
      text: `${adjustmentText(a.group, a.reason)}: ${toText(a.amount)}`,
      amount: a.amount,
    })),
    ...balanceOf(line),
  ];
}

function placeOf(response: ClaimResponse, line: Adjudicated): string {
  const item = response.item?.find((i) => i.itemSequence === line.sequence);
  const place = (extensionOf(item, extension.x12Position) ?? extensionOf(response, extension.x12Position))
    ?.valueString;
  return place === undefined ? '' : `; it stands at ${place} of the 835`;
}

/** Says so where an answer does not add up: it was entered so by somebody else. */
function balanceOf({ submitted, paid, adjustments }: Adjudicated): Step[] {
  const told = sum([paid, ...adjustments.map((a) => a.amount)]);
  if (told === submitted) return [];
  const text = `what was decided adds up to ${toText(told)}, not to the ${toText(submitted)} asked for`;
  return [{ level: 1, kind: 'part', text }];
}
