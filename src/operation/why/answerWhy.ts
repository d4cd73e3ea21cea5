import type { OperationOutcome, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Step } from '../../billing/why/step.ts';
import { toMoney, zero } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { decided, toOutcome } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';

/**
 * The chain of an amount: the amount, each step with its level, and an outcome to read whose links lead to what each
 * step stands on. A step about what the caller does not see is left out with all below it.
 */
export async function answerWhy(call: Call, steps: readonly Step[]): Promise<Parameters> {
  const seen = await seenSteps(call, steps);
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'amount', valueMoney: toMoney(seen[0]?.amount ?? zero) },
      ...seen.map(stepParameter),
      { name: 'outcome', resource: toRead(call.context.publicUrl, seen) },
    ],
  };
}

async function seenSteps({ view }: Call, steps: readonly Step[]): Promise<Step[]> {
  if (!view) return [...steps];
  const seen: Step[] = [];
  let hiddenAt: number | undefined;
  for (const step of steps) {
    if (hiddenAt !== undefined && step.level > hiddenAt) continue;
    hiddenAt = undefined;
    const target = parseReference(step.source?.split('/_history/')[0]);
    const isHidden =
      target !== undefined &&
      isResourceType(target.type) &&
      (await view.read(target.type, target.id)) === undefined;
    if (isHidden) hiddenAt = step.level;
    else seen.push(step);
  }
  return seen;
}

const stepParameter = ({ level, kind, text, amount, source, rule }: Step): ParametersParameter => ({
  name: 'step',
  part: [
    { name: 'level', valueInteger: level },
    { name: 'kind', valueCode: kind },
    { name: 'text', valueString: text },
    ...(amount === undefined ? [] : [{ name: 'amount', valueMoney: toMoney(amount) }]),
    ...(source === undefined ? [] : [{ name: 'source', valueReference: { reference: source } }]),
    ...(rule === undefined ? [] : [{ name: 'rule', valueUri: rule }]),
  ],
});

/** An issue a step, and the same as nested lists with links. */
const toRead = (publicUrl: string, steps: readonly Step[]): OperationOutcome =>
  changed(toOutcome(steps.map(({ kind, text }) => decided(`why-${kind}`, undefined, text))), {
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${listOf(publicUrl, steps)}</div>`,
    },
  });

function listOf(publicUrl: string, steps: readonly Step[]): string {
  let html = '';
  let depth = -1;
  for (const { level, text, source } of steps) {
    if (level > depth) html += '<ul>'.repeat(level - depth);
    else html += `</li>${'</ul></li>'.repeat(depth - level)}`;
    depth = level;
    const link =
      source === undefined ? '' : ` <a href="${escaped(`${publicUrl}/${source}`)}">${escaped(source)}</a>`;
    html += `<li>${escaped(text)}${link}`;
  }
  return depth < 0 ? '' : `${html}</li>${'</ul></li>'.repeat(depth)}</ul>`;
}

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => marks[c] ?? c);
