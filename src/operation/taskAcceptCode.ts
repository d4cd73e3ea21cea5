import type { ChargeItem, Parameters, Resource, Task } from '@medplum/fhirtypes';
import { idOf } from '../datatypes/reference.ts';
import { changed } from '../datatypes/json.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { hasPermission } from '../interaction/permits.ts';
import { fhirError, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode, type Issue } from '../outcome/issue.ts';
import { recapture } from './charge/recapture.ts';
import { codingWork, requireOpen, withConcept, type CodingWork } from './coding/codingTask.ts';
import { keepCoder } from './coding/codedBy.ts';
import { codeGiven, mapCode } from './coding/newCode.ts';
import { askReview } from './coding/review.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

/**
 * POST [base]/Task/[id]/$accept-code: what was charted is billed so. The code is written beside those of the chart, or
 * into the map for all that is charted alike; the visit is captured again, and the work is done where that was all.
 */
export const taskAcceptCode: Operation = {
  definition: operationDefinition('Task-accept-code'),
  permission: 'capture',
  async run(call): Promise<Parameters> {
    const work = await codingWork(call);
    const code = codeGiven(call);
    const issues: Issue[] = [];
    const { charted, concept, task } = work;
    const has = concept?.coding?.some((c) => c.system === code.system && c.code === code.code) === true;
    if (has && task.status === 'completed')
      return answer([['task', task]], [decided('already-there', 'Task', 'it is coded so already')]);
    requireOpen(work);
    if (!charted || !concept) {
      const text = 'what this work is about has no code of its own: change what it was made of';
      throw unprocessable([businessFault('not-coded-here', 'Task.focus', text)]);
    }
    const resources: [string, Resource][] = [];
    const { url: definition = '' } = taskAcceptCode.definition;
    const kept = { task: `Task/${task.id}`, practice: work.practice, definition };
    if (asksForMap(call)) {
      const from = concept.coding?.find((c) => c.system !== code.system) ?? {};
      const map = await mapCode(call, from, code);
      if (map) await keepCoder(call, map, kept);
      issues.push(
        decided(map ? 'code-mapped' : 'already-there', 'ConceptMap', 'it is billed so from now on'),
      );
    } else {
      const coded = withConcept(charted, changed(concept, { coding: [...(concept.coding ?? []), code] }));
      const written = has ? charted : await updateResource(call.context, call.tx, coded);
      if (!has) await keepCoder(call, written, kept);
      resources.push(['resource', written]);
      issues.push(decided('code-charted', work.focus, 'the code stands beside those of the chart'));
    }
    return after(call, work, { resources, issues });
  },
};

/** Captures the visit again and says what became of the work. */
async function after(
  call: Call,
  { task }: CodingWork,
  { resources, issues }: { readonly resources: [string, Resource][]; readonly issues: Issue[] },
): Promise<Parameters> {
  const visit = idOf(task.encounter, 'Encounter');
  let charges: readonly ChargeItem[] = [];
  if (visit !== undefined) {
    const again = await recapture(call, visit);
    charges = again.charges;
    issues.push(...again.issues);
    if (parameter(call.input, 'secondReview')?.valueBoolean === true)
      resources.push(['review', await askReview(call, `Encounter/${visit}`)]);
  }
  const now = await readResource<Task>(call.tx, 'Task', task.id);
  const charged = charges.map((charge): [string, Resource] => ['charge', charge]);
  return answer([['task', now], ...resources, ...charged], issues);
}

/** Whether the code is for all that is charted alike; that holds for every practice of the server. */
function asksForMap({ context, input }: Call): boolean {
  const to = parameter(input, 'to')?.valueCode ?? 'chart';
  if (to !== 'chart' && to !== 'map') {
    const place = "Parameters.parameter.where(name='to').value";
    throw unprocessable([unknownCode('code-place-unknown', place, 'a code is written to chart or map')]);
  }
  if (to === 'map' && !hasPermission(context, 'administer'))
    throw fhirError(
      403,
      'forbidden',
      'not-permitted',
      'A map of codes is changed by who administers the server',
    );
  return to === 'map';
}
