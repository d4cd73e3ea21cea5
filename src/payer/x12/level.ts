import { stripped } from '../../x12/write.ts';
import type { Loop } from '../../x12/loop.ts';
import { segment, type Segment } from '../../x12/segment.ts';
import type { Claim837 } from './claim837.ts';
import { dayText } from './value.ts';

/** A loop without loops of its own. */
export const loop = (id: string, ...segments: readonly Segment[]): Loop => ({ id, segments, loops: [] });

/** The name of an organization as an NM1 takes it. */
export const named = (text: string): string => stripped(text).slice(0, 60) || 'UNKNOWN';

/** NM1 of the billing provider: by NPI, else by tax number. */
export function providerName({ payee }: Pick<Claim837, 'payee'>, entity: string): Segment {
  const [qualifier, id] = payee.npi === '' ? ['FI', payee.tin || '000000000'] : ['XX', payee.npi];
  return segment('NM1', [entity, '2', named(payee.name), '', '', '', '', qualifier, id]);
}

/** NM1*QC of the patient, by the member id. */
export const patientName = ({ patient, member }: Pick<Claim837, 'patient' | 'member'>): Segment => {
  const first = stripped(patient.first).slice(0, 35);
  return segment('NM1', ['QC', '1', named(patient.last), first, '', '', '', 'MI', member || 'UNKNOWN']);
};

/** DTP*472 of a claim or a line; the day it came where it says none. */
export function served(
  { from, through }: { readonly from: string; readonly through: string },
  on: string,
): Segment {
  if (from === '') return segment('DTP', ['472', 'D8', dayText(on)]);
  const isOne = from === through;
  return segment('DTP', [
    '472',
    isOne ? 'D8' : 'RD8',
    isOne ? dayText(from) : `${dayText(from)}-${dayText(through)}`,
  ]);
}
