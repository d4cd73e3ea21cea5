import type { Claim, Encounter, Task } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import { closeTask } from '../worklist/task.ts';
import { enqueueAutomation } from './enqueue.ts';
import { isOpen, stoppedCode } from './inStep.ts';

/**
 * Tries again every night what stopped: its reason may lie outside the chart (a coverage, a price, an enrolment).
 */
export const automationWork: NightlyWork = {
  code: 'automation',
  text: 'Tries again what did not go on by itself',
  next: inPages('Task', ['code', `${system.task}|${stoppedCode}`]),
  async one(context, tx, item, { date }) {
    const task = await resolve<Task>(tx, 'Task', { reference: referenceOf(item) });
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
