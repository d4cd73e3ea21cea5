import { contentText } from '../../datatypes/content.ts';
import type { Advice } from './advice.ts';

/**
 * The text that is the same when a payer or a clearinghouse sends the same remittance again, whatever numbers its
 * envelope has: payer, trace, date, payment, and of each CLP what was decided. Billing rule 69.
 */
export const adviceContent = ({ payerTin, trace, date, paid, claims, adjustments }: Advice): string =>
  contentText({
    ...{ payerTin, trace, date, paid },
    claims: claims
      .map((c) =>
        contentText([
          ...[c.patientControlNumber, c.payerControlNumber, c.status, c.charge, c.paid],
          [...c.adjustments, ...c.lines.flatMap((l) => l.adjustments)].map((a) => [
            a.group,
            a.reason,
            a.amount,
          ]),
        ]),
      )
      .sort(),
    adjustments: adjustments.map((a) => contentText([a.code, a.reference, a.amount])).sort(),
  });

/** Who paid, by the number that a remittance names him by: his tax number, else an id, else his name. */
export const payerNumber = ({ payerTin, payer }: Pick<Advice, 'payerTin' | 'payer'>): string =>
  payerTin ?? payer.ids[0]?.value ?? payer.name ?? '';
