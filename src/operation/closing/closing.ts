import type { Basic, Extension } from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';

/** A step of closing: the months up to `through` are closed from then on, all later ones are open. */
export interface ClosingStep {
  readonly step: 'close' | 'reopen';
  readonly through: string; // the last day of the last closed month
  readonly at: string; // instant
  readonly by: string; // name of the account
  readonly reason?: string;
}

/** Whether a Basic resource says which months of a practice are closed. */
export const isClosing = ({ code }: Basic): boolean => has(code, system.basic, 'closing');

/** Every step, oldest first. */
export const stepsOf = (record: Basic | undefined): ClosingStep[] =>
  (record?.extension ?? [])
    .filter(({ url }) => url === extension.closing)
    .flatMap(({ extension: parts = [] }) => {
      const part = (name: string): Extension | undefined => parts.find(({ url }) => url === name);
      const step = part('step')?.valueCode;
      const through = part('through')?.valueDate;
      if ((step !== 'close' && step !== 'reopen') || through === undefined) return [];
      const reason = part('reason')?.valueString;
      const at = part('at')?.valueInstant ?? '';
      return [{ step, through, at, by: part('by')?.valueString ?? '', ...(reason ? { reason } : {}) }];
    });

/** The last day that is closed; undefined where no month is. */
export const closedThrough = (record: Basic | undefined): string | undefined =>
  stepsOf(record).at(-1)?.through;

/** The record with a further step; a new one where there is none yet. */
export function withStep(record: Basic | undefined, practice: string, step: ClosingStep): Basic {
  const further: Extension = {
    url: extension.closing,
    extension: [
      { url: 'step', valueCode: step.step },
      { url: 'through', valueDate: step.through },
      { url: 'at', valueInstant: step.at },
      { url: 'by', valueString: step.by },
      ...(step.reason === undefined ? [] : [{ url: 'reason', valueString: step.reason }]),
    ],
  };
  if (record) return changed(record, { extension: [...(record.extension ?? []), further] });
  return {
    resourceType: 'Basic',
    code: concept(system.basic, 'closing'),
    author: { reference: practice },
    extension: [further],
  };
}
