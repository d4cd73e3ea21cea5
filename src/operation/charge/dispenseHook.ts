import type { MedicationDispense, Organization, Resource } from '@medplum/fhirtypes';
import { dateInZone } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Context, WriteHook } from '../../interaction/context.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';

const detail = 'no-encounter';

/**
 * A dispense of an organization here that names no Encounter is on no claim: its writing puts it on the coding worklist,
 * and takes it off again when it names one or does not count any more. See docs/decision/0030
 */
export const dispenseHook: WriteHook = {
  types: ['MedicationDispense'],
  async run(context, tx, { after, before, target }) {
    const focus = `MedicationDispense/${target.id}`;
    if (after?.resourceType === 'MedicationDispense' && (await isStranded(tx, after)))
      return () => raise(context, tx, after);
    const former = await before();
    if (former === undefined || !isWithoutEncounter(former)) return undefined;
    const task = await holderOf(tx, taskKey('coding', focus, detail));
    return task?.status === 'requested' ? () => closeTask(callOf(context, tx), task) : undefined;
  },
};

/** Completed, by an organization of this server, in no Encounter. */
async function isStranded(tx: Transaction, dispense: MedicationDispense): Promise<boolean> {
  if (!isWithoutEncounter(dispense)) return false;
  for (const { actor } of dispense.performer ?? []) {
    if (parseReference(actor.reference)?.type !== 'Organization') continue;
    if (await resolve<Organization>(tx, 'Organization', actor)) return true;
  }
  return false;
}

const isWithoutEncounter = (resource: Resource): boolean =>
  resource.resourceType === 'MedicationDispense' &&
  resource.status === 'completed' &&
  parseReference(resource.context?.reference)?.type !== 'Encounter';

const callOf = (context: Context, tx: Transaction) => ({
  context,
  tx,
  on: dateInZone(context.now(), context.timeZone),
});

async function raise(
  context: Context,
  tx: Transaction,
  { id = '', subject }: MedicationDispense,
): Promise<void> {
  const focus = `MedicationDispense/${id}`;
  const text = `${focus} names no Encounter: it is billed when its context is the Encounter of the fill`;
  await raiseTask(callOf(context, tx), {
    ...{ code: 'coding', focus, detail, text },
    patient: subject?.reference ?? '',
  });
}
