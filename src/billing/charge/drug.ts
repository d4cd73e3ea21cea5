import type { CodeableConcept, Quantity } from '@medplum/fhirtypes';
import type { BillingCode } from '../../datatypes/chart.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { ndcOf, ndcSystems } from '../../terminology/ndc.ts';
import { system } from '../../terminology/system.ts';

/** The drug behind a billing code: what the payer pays its rebate or its price by (837 loop 2410). */
export interface Drug {
  readonly ndc: string; // eleven digits
  readonly quantity?: Quantity; // UCUM mg, g, mL, [iU] or 1
}

/** Why a charted drug code does not reach the claim, or reaches it without amount. */
export interface DrugFault {
  readonly code: 'no-ndc' | 'ndc-quantity';
  readonly text: string;
}

/** The drug of a charted concept; nothing where it has no NDC. */
export function drugOf(
  concept: CodeableConcept | undefined,
  dose: Quantity | undefined,
): { readonly drug?: Drug; readonly fault?: DrugFault } {
  const charted = codeOf(concept, ...ndcSystems);
  if (charted === undefined) return {};
  const found = ndcOf(charted);
  if ('why' in found) return { fault: { code: 'no-ndc', text: `its NDC ${found.why}` } };
  const quantity = dose && drugQuantity(dose);
  if (quantity) return { drug: { ndc: found.ndc, quantity } };
  const text = 'its amount is in no unit that goes with an NDC (mg, g, mL, international unit, each)';
  return { drug: { ndc: found.ndc }, fault: { code: 'ndc-quantity', text } };
}

/** Which power of ten turns a charted unit into the unit that stands beside an NDC. */
const units: Readonly<Record<string, readonly [code: string, power: number]>> = {
  mg: ['mg', 0],
  ug: ['mg', -3],
  mcg: ['mg', -3],
  ng: ['mg', -6],
  g: ['g', 0],
  kg: ['g', 3],
  mL: ['mL', 0],
  ml: ['mL', 0],
  cc: ['mL', 0],
  uL: ['mL', -3],
  dL: ['mL', 2],
  L: ['mL', 3],
  l: ['mL', 3],
  '[iU]': ['[iU]', 0],
};

/** A dose as the amount beside an NDC: milligram, gram, millilitre, international unit, or a count. */
export function drugQuantity({ value, code, unit }: Quantity): Quantity | undefined {
  if (value === undefined || value <= 0) return undefined;
  const charted = code ?? unit ?? '1';
  const [to, power] = units[charted] ?? (/^(?:1|\{[^}]*\})$/.test(charted) ? (['1', 0] as const) : []);
  if (to === undefined || power === undefined) return undefined;
  return {
    value: Number(`${value.toString()}e${power.toString()}`),
    unit: to,
    system: system.ucum,
    code: to,
  };
}

/** Drugs and vaccines: an NDC stands beside these, not beside the administration that a map gives with them. */
const isDrugCode = ({ code }: BillingCode): boolean => /^[ACJPQS]\d{4}$|^90[3-7]\d{2}$/.test(code);

/** The code of several that the drug stands beside. */
export const drugCode = (codes: readonly BillingCode[]): BillingCode | undefined =>
  codes.find(isDrugCode) ?? codes[0];
