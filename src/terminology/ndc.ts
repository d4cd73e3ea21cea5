import { system } from './system.ts';

/**
 * National Drug Codes as a claim carries them: eleven digits, 5-4-2 without hyphens (837 loop 2410 LIN03). The label has
 * ten digits in one of three forms, told apart by the hyphens only. 21 CFR 207.33.
 */

/** The systems that charts write NDC with. */
export const ndcSystems: readonly string[] = [system.ndc, 'urn:oid:2.16.840.1.113883.6.69'];

const labelForms: readonly RegExp[] = [
  /^(\d{4})-(\d{4})-(\d{2})$/,
  /^(\d{5})-(\d{3})-(\d{2})$/,
  /^(\d{5})-(\d{4})-(\d{1})$/,
  /^(\d{5})-(\d{4})-(\d{2})$/,
];

/** The eleven digits of a code, or why it cannot be billed. */
export function ndcOf(text: string): { readonly ndc: string } | { readonly why: string } {
  const plain = text.trim();
  if (/^\d{11}$/.test(plain)) return { ndc: plain };
  for (const form of labelForms) {
    const [, labeler = '', product = '', pack = ''] = form.exec(plain) ?? [];
    if (labeler !== '')
      return { ndc: labeler.padStart(5, '0') + product.padStart(4, '0') + pack.padStart(2, '0') };
  }
  if (/^\d{10}$/.test(plain))
    return { why: 'has ten digits without hyphens: nobody can tell where the missing zero belongs' };
  return { why: 'is not eleven digits, nor ten in the form 4-4-2, 5-3-2 or 5-4-1' };
}
