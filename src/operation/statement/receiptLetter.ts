import type { Organization } from '@medplum/fhirtypes';
import type { Cents } from '../../datatypes/cents.ts';
import type { Letter } from '../letter/letter.ts';
import { dollars, spokenDate, type Words } from '../letter/words.ts';
import { addressLines, openAddress, phoneOf } from './person.ts';
import type { Recipient } from './statement.ts';
import { words } from './words.ts';

/** What a receipt says. */
export interface Receipt {
  readonly practice: Organization;
  readonly recipient: Recipient;
  readonly on: string;
  readonly number: string;
  readonly amount: Cents;
  readonly isRefund: boolean;
  readonly method: string | undefined;
  readonly account: string;
  readonly invoice: string | undefined;
}

const methods: Readonly<Record<string, Words>> = {
  cash: { en: 'Cash', es: 'Efectivo' },
  check: { en: 'Check', es: 'Cheque' },
  card: { en: 'Card', es: 'Tarjeta' },
  ach: { en: 'Bank transfer', es: 'Transferencia bancaria' },
};

const says = {
  receipt: { en: 'Receipt', es: 'Recibo' },
  refund: { en: 'Refund', es: 'Reembolso' },
  thanks: { en: 'We received your payment. Thank you.', es: 'Recibimos su pago. Muchas gracias.' },
  back: { en: 'We paid this money back to you.', es: 'Le devolvimos este dinero.' },
  day: { en: 'Date', es: 'Fecha' },
  number: { en: 'Number', es: 'Número' },
  method: { en: 'How', es: 'Forma de pago' },
  other: { en: 'Other', es: 'Otra' },
  invoice: { en: 'For bill', es: 'Para la factura' },
  amount: { en: 'Amount', es: 'Monto' },
} as const satisfies Readonly<Record<string, Words>>;

/** A receipt as a letter: no service and no diagnosis, for it may be shown to others. */
export function receiptLetter(receipt: Receipt): Letter {
  const { practice, recipient, on, number, isRefund } = receipt;
  const { language } = recipient;
  const phone = phoneOf(practice);
  const method = methods[receipt.method ?? ''] ?? says.other;
  return {
    title: `Receipt ${number}`,
    on,
    language,
    from: [practice.name ?? '', ...addressLines(openAddress(practice, on)), ...(phone ? [phone] : [])],
    to: [recipient.name, ...recipient.address],
    running: `${says[isRefund ? 'refund' : 'receipt'][language]} ${number}`,
    parts: [
      { kind: 'heading', level: 1, text: says[isRefund ? 'refund' : 'receipt'][language] },
      { kind: 'paragraph', text: says[isRefund ? 'back' : 'thanks'][language] },
      {
        kind: 'facts',
        facts: [
          { label: says.day[language], value: spokenDate(language, on) },
          { label: says.number[language], value: number },
          { label: says.method[language], value: method[language] },
          { label: words.accountNumber[language], value: receipt.account },
          ...(receipt.invoice === undefined
            ? []
            : [{ label: says.invoice[language], value: receipt.invoice }]),
          { label: says.amount[language], value: dollars(receipt.amount), strong: true },
        ],
      },
    ],
  };
}
