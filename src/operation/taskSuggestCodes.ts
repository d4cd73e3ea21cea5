import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import { decided, toOutcome, warning } from '../outcome/issue.ts';
import { codingWork, type CodingWork } from './coding/codingTask.ts';
import { hintsFor, type Hint } from './coding/hints.ts';
import { suggestionsFor, type Suggestion } from './coding/suggestions.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';

/** GET [base]/Task/[id]/$suggest-codes: what was charted, and what it may be billed as, each with its reason. */
export const taskSuggestCodes: Operation = {
  definition: operationDefinition('Task-suggest-codes'),
  permission: 'capture',
  async run(call): Promise<Parameters> {
    const work = await codingWork(call);
    const suggestions = await suggestionsFor(call, work);
    const hints = await hintsFor(call, work.task.encounter?.reference);
    const issue =
      suggestions.length > 0
        ? decided('codes-suggested', 'Task.focus', `${suggestions.length} codes are suggested`)
        : warning('no-suggestion', 'Task.focus', 'neither history, nor maps, nor value sets suggest a code');
    return {
      resourceType: 'Parameters',
      parameter: [
        chartedPart(work),
        ...suggestions.map(suggestionPart),
        ...hints.map(hintPart),
        { name: 'outcome', resource: toOutcome([issue]) },
      ],
    };
  },
};

const chartedPart = ({ focus, concept, task }: CodingWork): ParametersParameter => ({
  name: 'charted',
  part: [
    { name: 'resource', valueReference: { reference: focus } },
    { name: 'why', valueString: task.reasonCode?.text ?? '' },
    ...(concept?.text === undefined ? [] : [{ name: 'text', valueString: concept.text }]),
    ...(concept?.coding ?? []).map((valueCoding) => ({ name: 'coding', valueCoding })),
  ],
});

const suggestionPart = ({ code, source, reason, from, times, of }: Suggestion): ParametersParameter => ({
  name: 'suggestion',
  part: [
    { name: 'code', valueCoding: changed(code, {}) },
    { name: 'source', valueCode: source },
    { name: 'reason', valueString: reason },
    ...(times === undefined ? [] : [{ name: 'times', valueInteger: times }]),
    ...(of === undefined ? [] : [{ name: 'of', valueInteger: of }]),
    ...(from === undefined ? [] : [{ name: 'from', valueReference: { reference: from } }]),
  ],
});

const hintPart = ({ claim, rule, place, text }: Hint): ParametersParameter => ({
  name: 'hint',
  part: [
    { name: 'claim', valueReference: { reference: claim } },
    { name: 'rule', valueCode: rule },
    { name: 'expression', valueString: place },
    { name: 'text', valueString: text },
  ],
});
