import { isNpi } from '../../datatypes/identifier.ts';
import { sum } from '../../datatypes/cents.ts';
import type { Claim837 } from './claim837.ts';

/** Why a claim does not get into adjudication: category, status and entity of an STC. */
export interface Rejection {
  readonly category: 'A3' | 'A6' | 'A7' | 'A8';
  readonly status: string;
  readonly entity?: string;
}

/** The first reason to send a claim back, by what it says itself; undefined where there is none. */
export function rejectionOf(
  claim: Claim837,
  of: { isKnownPayer: boolean; on: string },
): Rejection | undefined {
  const { payee, member, lines, charge, frequency, prior, received } = claim;
  if (!of.isKnownPayer) return { category: 'A3', status: '116', entity: 'PR' };
  if (payee.npi === '') return { category: 'A6', status: '562', entity: '85' };
  if (!isNpi(payee.npi)) return { category: 'A7', status: '562', entity: '85' };
  if (payee.tin === '') return { category: 'A6', status: '128', entity: '85' };
  if (member === '') return { category: 'A6', status: '164', entity: 'IL' };
  if (lines.length === 0) return { category: 'A6', status: '121' };
  if (sum(lines.map((l) => l.charge)) !== charge) return { category: 'A7', status: '400' };
  if (received.from === '') return { category: 'A6', status: '187' };
  if (received.through > of.on) return { category: 'A7', status: '510' };
  if (!['', '1', '7', '8'].includes(frequency) && claim.form !== 'institutional')
    return { category: 'A7', status: '535' };
  if ((frequency === '7' || frequency === '8') && prior === '') return { category: 'A8', status: '464' };
  return undefined;
}
