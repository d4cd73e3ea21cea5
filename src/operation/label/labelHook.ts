import type { Coding, Resource, ResourceType } from '@medplum/fhirtypes';
import type { Change, WriteHook } from '../../interaction/context.ts';
import type { Stored, Transaction } from '../../store/store.ts';
import { chartTypes } from './chartTypes.ts';
import { addLabels, forgetNoted, labelsOf, sensitiveOf } from './labelled.ts';
import { passOn, visitsOf } from './passOn.ts';
import { sourcesOf } from './sources.ts';

type Follow = ((written: Stored) => Promise<void>) | undefined;

/** What is made of a visit on the way to its bill. */
const derivedTypes: readonly ResourceType[] = [
  ...(['ChargeItem', 'Claim', 'ClaimResponse', 'ExplanationOfBenefit'] as const),
  ...(['Invoice', 'PaymentNotice', 'PaymentReconciliation', 'Task'] as const),
];

/** Types of which operations write a next version that is built anew, without the labels of the one before. */
const builtAnew: readonly ResourceType[] = ['ClaimResponse', 'ExplanationOfBenefit', 'Task'];

/**
 * Passes sensitive labels on: what an operation makes of a visit is labelled as what it is made of, and a label that
 * comes later goes on to what was made before, in the same transaction. A plain write never takes one off what an
 * operation passed it to; $meta-delete does. See docs/decision/0038
 */
export const labelHook: WriteHook = {
  types: [...chartTypes, ...derivedTypes],
  async run(context, tx, change): Promise<Follow> {
    const { target, by, after } = change;
    if (!after) return undefined;
    if (chartTypes.includes(target.type)) {
      forgetNoted(tx);
      const labels = sensitiveOf(after);
      if (labels.length === 0) return undefined;
      return async () => passOn(context, tx, { visits: await visitsOf(tx, after), labels });
    }
    if (by === 'operation') await inherit(tx, target.type, after);
    else if (by === 'client') await keep(after, change);
    return undefined;
  },
};

async function inherit(tx: Transaction, type: ResourceType, after: Resource & { id: string }): Promise<void> {
  const sources = sourcesOf(after);
  const labels: Coding[] = [];
  for (const source of sources) labels.push(...(await labelsOf(tx, source)));
  if (builtAnew.includes(type)) labels.push(...(await labelsOf(tx, `${type}/${after.id}`)));
  if (labels.length > 0) addLabels(after, labels);
}

async function keep(after: Resource, { before }: Change): Promise<void> {
  const former = await before();
  if (former) addLabels(after, sensitiveOf(former));
}
