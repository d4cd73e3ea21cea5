import { createHash } from 'node:crypto';
import type { Claim837 } from './claim837.ts';

/**
 * What makes two claims the same: member, billing provider, form, dates, and every line's code, modifiers, day, units and
 * charge. A correction names the claim before it and is no duplicate. Billing rule 39.
 */
export function samenessOf(claim: Claim837): string | undefined {
  if (claim.prior !== '') return undefined;
  const lines = claim.lines.map((l) => [...l.product, l.revenue, l.from, l.units, l.charge].join(' '));
  const { form, member, payee, rank, received } = claim;
  const text = [form, member, payee.npi, rank, received.from, received.through, ...lines].join('|');
  return createHash('sha256').update(text).digest('base64url');
}
