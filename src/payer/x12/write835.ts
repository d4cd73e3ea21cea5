import { negate, sum, type Cents } from '../../datatypes/cents.ts';
import type { Loop } from '../../x12/loop.ts';
import { segment, type Segment } from '../../x12/segment.ts';
import { stripped } from '../../x12/write.ts';
import type { Payee } from './claim837.ts';
import { claimLoop } from './claim835.ts';
import type { House } from './house.ts';
import type { Remitted } from './remitted.ts';
import { amountText, dayText } from './value.ts';

/** An adjustment of the payee's account: PLB. */
export interface AccountAdjustment {
  readonly code: 'WO' | 'FB' | 'L6';
  readonly reference: string;
  readonly amount: Cents; // positive takes, negative gives
}

/** One payment: BPR and TRN with all that belongs to it. */
export interface Payment {
  readonly house: House;
  readonly payee: Payee;
  readonly trace: string;
  readonly on: string;
  readonly clps: readonly Remitted[];
  readonly adjustments: readonly AccountAdjustment[];
}

/** What is paid: Σ CLP04 − Σ PLB. Billing rule 58. */
export const paidBy = ({ clps, adjustments }: Pick<Payment, 'clps' | 'adjustments'>): Cents =>
  sum([...clps.map((c) => c.paid), ...adjustments.map((a) => negate(a.amount))]);

/** The set of an 835, as the loops of its guide. */
export function write835(payment: Payment): Loop {
  const { house, payee, trace, on, clps } = payment;
  const paid = paidBy(payment);
  const [handling, method] = paid === 0 ? (['H', 'NON'] as const) : (['I', 'CHK'] as const);
  const payer = `1${house.tin}`;
  const bpr = [handling, amountText(paid), 'C', method, '', '', '', '', ''];
  return {
    id: 'ST',
    segments: [
      segment('BPR', [...bpr, payer, '', '', '', '', '', dayText(on)]),
      segment('TRN', ['1', trace, payer]),
      segment('DTM', ['405', dayText(on)]),
      ...accountAdjustments(payment),
    ],
    loops: [
      payerLoop(house),
      {
        id: '1000B',
        segments: [
          segment('N1', ['PE', stripped(payee.name).slice(0, 60), 'XX', payee.npi]),
          segment('REF', ['TJ', payee.tin]),
        ],
        loops: [],
      },
      ...(clps.length === 0
        ? []
        : [{ id: '2000', segments: [segment('LX', ['1'])], loops: clps.map(claimLoop) }]),
    ],
  };
}

const payerLoop = ({ id, name, phone, address }: House): Loop => ({
  id: '1000A',
  segments: [
    segment('N1', ['PR', name]),
    segment('N3', [address.street]),
    segment('N4', [address.city, address.state, address.zip]),
    segment('REF', ['2U', id]),
    segment('PER', ['BL', 'PROVIDER SERVICE', 'TE', phone === '' ? '0000000000' : phone]),
  ],
  loops: [],
});

/** Up to six adjustments to a PLB; the fiscal year ends with the calendar's. */
function accountAdjustments({ payee, on, adjustments }: Payment): Segment[] {
  const made: Segment[] = [];
  for (let i = 0; i < adjustments.length; i += 6) {
    const some = adjustments
      .slice(i, i + 6)
      .flatMap(({ code, reference, amount }) => [
        reference === '' ? [code] : [code, reference],
        amountText(amount),
      ]);
    made.push(segment('PLB', [payee.npi, `${on.slice(0, 4)}1231`, ...some]));
  }
  return made;
}
