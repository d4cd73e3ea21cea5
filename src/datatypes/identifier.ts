import type { Identifier } from '@medplum/fhirtypes';

/** The value of the first identifier of a system. */
export const identifierOf = (
  resource: { readonly identifier?: Identifier[] | undefined } | undefined,
  ...systems: readonly string[]
): string | undefined =>
  resource?.identifier?.find((i) => i.system !== undefined && systems.includes(i.system))?.value;

/**
 * National Provider Identifier: 10 digits, the first 1 or 2, Luhn check over 80840 and the number.
 * Source: 45 CFR 162.406; CMS NPI check digit calculation.
 */
export function isNpi(text: string): boolean {
  if (!/^[12]\d{9}$/.test(text)) return false;
  const digits = Array.from(text, Number);
  const luhn = digits.reduce((total, digit, i) => {
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 24);
  return luhn % 10 === 0;
}
