import type { Claim, Encounter, Task } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import { parsePairs } from '../../search/parse.ts';
import { system } from '../../terminology/system.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import { closeTask } from '../worklist/task.ts';
import { enqueueAutomation } from './enqueue.ts';
import { isOpen, stoppedCode } from './inStep.ts';

/**
 * Tries again every night what stopped: its reason may lie outside the chart (a coverage, a price, an enrolment). An
 * item is a Task and the page that it was found on.
 */
export const automationWork: NightlyWork = {
  code: 'automation',
  text: 'Tries again what did not go on by itself',
  async next({ store }, _night, { after, count }) {
    const [last, cursor = ''] = (after ?? '').split('|');
    const page = async (from: string): Promise<{ names: string[]; next: string | undefined }> => {
      const query = parsePairs('Task', [
        ['code', `${system.task}|${stoppedCode}`],
        ['_count', String(count)],
      ]);
      const found = await store.search(from === '' ? query : { ...query, cursor: from });
      return { names: found.matches.map(({ id }) => `Task/${id}`), next: found.next };
    };
    let here = await page(cursor);
    let from = cursor;
    const rest = here.names.slice(here.names.indexOf(last ?? '') + 1);
    if (rest.length > 0) return rest.map((name) => `${name}|${from}`);
    if (here.next === undefined) return [];
    from = here.next;
    here = await page(from);
    return here.names.map((name) => `${name}|${from}`);
  },
  async one(context, tx, item, { date }) {
    const [reference = ''] = item.split('|');
    const task = await resolve<Task>(tx, 'Task', { reference });
    const encounter = task?.encounter?.reference;
    const focus = task?.focus?.reference;
    if (encounter === undefined || focus === undefined || task === undefined || !isOpen(task.status)) return;
    const claim = focus.startsWith('Claim/')
      ? await resolve<Claim>(tx, 'Claim', { reference: focus })
      : undefined;
    const visit = await resolve<Encounter>(tx, 'Encounter', { reference: encounter });
    if (visit?.status !== 'finished' || (claim && claim.status !== 'draft')) {
      await closeTask({ context, tx }, task); // a person sent it, or nothing is to be sent
      return;
    }
    const about = focus.startsWith('ExplanationOfBenefit/')
      ? { encounter, explanation: focus }
      : { encounter };
    await enqueueAutomation(context, tx, { about, occasion: date });
  },
};
