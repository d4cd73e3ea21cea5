import type { Quantity } from '@medplum/fhirtypes';
import { decimalText, numberOf } from '../../../x12/value.ts';

export type { Days } from '../../../x12/value.ts';
export {
  text,
  digits,
  amountText,
  decimalText,
  amountOf,
  numberOf,
  dateText,
  dateOfText,
  dtp,
  daysOf,
  optional,
} from '../../../x12/value.ts';

/** Units of a service: UN units, MJ minutes, DA days. */
const serviceUnits: Readonly<Record<string, string>> = { min: 'MJ', d: 'DA' };

export function unitsText(quantity: Quantity | undefined): readonly [string, string] {
  const { value, code } = quantity ?? {};
  return [serviceUnits[code ?? ''] ?? 'UN', value === undefined ? '' : decimalText(value)];
}

export function unitsOf(unit: string, value: string): Quantity | undefined {
  const count = numberOf(value);
  if (count === undefined) return undefined;
  const code = Object.entries(serviceUnits).find(([, name]) => name === unit)?.[0];
  return code === undefined
    ? { value: count }
    : { value: count, unit: code, system: 'http://unitsofmeasure.org', code };
}
