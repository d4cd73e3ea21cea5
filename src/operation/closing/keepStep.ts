import type { Basic } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { createResource, readResource, updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { closingKey, holderOf, reserveKey } from '../uniqueKey.ts';
import { withStep, type ClosingStep } from './closing.ts';
import { lockClosing } from './closingLock.ts';

type Stored = Basic & { id: string };

interface Closing {
  readonly practice: string; // Organization/1
  readonly record: Stored | undefined;
}

/** The practice whose books are closed, and what says which months are. Nothing is posted into a past month meanwhile. */
export async function closingOf({ tx, target }: Call): Promise<Closing> {
  const { id = '' } = target;
  await readResource(tx, 'Organization', id);
  const practice = `Organization/${id}`;
  await lockClosing(tx, practice);
  const record = await holderOf<Basic>(tx, closingKey(practice));
  return { practice, record };
}

/** Writes a step down; the record of the practice is made by the first. */
export async function keepStep(
  { context, tx }: Call,
  { practice, record }: Closing,
  step: Pick<ClosingStep, 'step' | 'through' | 'reason'>,
): Promise<Stored> {
  const by = context.permits?.account ?? context.principal ?? 'server';
  const written = withStep(record, practice, { ...step, at: context.now(), by });
  if (record) return updateResource(context, tx, changed(written, { id: record.id }));
  const made = await createResource<Basic>(context, tx, written);
  await reserveKey(tx, closingKey(practice), `Basic/${made.id}`);
  return made;
}
