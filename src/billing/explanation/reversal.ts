import type { ExplanationOfBenefit } from '@medplum/fhirtypes';
import { changed, without } from '../../datatypes/json.ts';
import { turned } from '../../datatypes/turned.ts';
import { extension } from '../../terminology/system.ts';

/**
 * The explanation that takes another one back: the same with the sign of every amount turned, naming the one it takes
 * back. Billing rule 62.
 */
export function reversedExplanation(of: ExplanationOfBenefit & { id: string }): ExplanationOfBenefit {
  const { extension: given = [] } = of;
  const back = turned(without(of, 'id', 'text', 'extension')) as Omit<ExplanationOfBenefit, 'extension'>;
  return changed(back, {
    meta: without(of.meta ?? {}, 'versionId', 'lastUpdated'),
    extension: [
      ...given,
      { url: extension.reverses, valueReference: { reference: `ExplanationOfBenefit/${of.id}` } },
    ],
    disposition: 'Reversal of an earlier payment',
  });
}
