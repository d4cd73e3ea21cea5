import { writtenText } from '../datatypes/json.ts';
import type { TypeDefinition } from './definition.ts';

const whole = /^(?:0|-?[1-9]\d*)$/;
const types = new Set(['integer', 'positiveInt', 'unsignedInt']);

/** The elements of a type whose values are whole numbers, by their JSON name. */
export const integersOf = (definition: TypeDefinition): readonly string[] =>
  [...definition.elements.values()].filter(({ type }) => types.has(type)).map(({ key }) => key);

/**
 * Whether the whole number of an element is written as one: 1.0 and 1e0 are decimals, whatever they are worth.
 * See https://hl7.org/fhir/R4/datatypes.html#integer
 */
export function isWrittenWhole(holder: Readonly<Record<string, unknown>>, key: string): boolean {
  const value = holder[key];
  if (!Array.isArray(value)) return whole.test(writtenText(holder, key) ?? '0');
  return value.every((_, i) => whole.test(writtenText(value, String(i)) ?? '0'));
}
