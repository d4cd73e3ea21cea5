import type { ExplanationOfBenefit } from '@medplum/fhirtypes';
import { exactCents, negate, toDecimal } from '../../datatypes/cents.ts';
import { changed, without } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';

/**
 * The explanation that takes another one back: the same with the sign of every amount turned, naming the one it takes
 * back. Billing rule 62.
 */
export function reversedExplanation(of: ExplanationOfBenefit & { id: string }): ExplanationOfBenefit {
  const { extension: given = [] } = of;
  const turned = turn(without(of, 'id', 'text', 'extension')) as Omit<ExplanationOfBenefit, 'extension'>;
  return changed(turned, {
    meta: without(of.meta ?? {}, 'versionId', 'lastUpdated'),
    extension: [
      ...given,
      { url: extension.reverses, valueReference: { reference: `ExplanationOfBenefit/${of.id}` } },
    ],
    disposition: 'Reversal of an earlier payment',
  });
}

const isMoney = (value: object): value is { value: number; currency: string } =>
  'currency' in value && 'value' in value && typeof value.value === 'number';

/** Turns the sign of every Money in an element. */
function turn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turn);
  if (typeof value !== 'object' || value === null) return value;
  if (isMoney(value)) {
    const amount = exactCents(value.value);
    return amount === undefined ? value : { ...value, value: toDecimal(negate(amount)) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, turn(item)]));
}
