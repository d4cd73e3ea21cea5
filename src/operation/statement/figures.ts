import type { Coding, Extension } from '@medplum/fhirtypes';
import { isSensitive } from '../../access/sensitive.ts';
import { aged } from '../../billing/collection/statement.ts';
import { toMoney, type Cents } from '../../datatypes/cents.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { extension } from '../../terminology/system.ts';
import type { ToKeep } from './keepDocument.ts';
import type { ShownLine } from './readBill.ts';
import type { Statement } from './statement.ts';

const money = (url: string, amount: Cents): Extension => ({ url, valueMoney: toMoney(amount) });

/** A line of a kept document, as data. */
export const lineFigures = (line: ShownLine): Extension => ({
  url: extension.statementLine,
  extension: [
    { url: 'invoice', valueReference: { reference: line.invoice } },
    { url: 'day', valueDate: line.day },
    money('charge', line.charge),
    money('insurance', line.insurance),
    money('adjusted', line.adjusted),
    money('paid', line.paid),
    money('open', line.open),
  ],
});

/** What a statement says, as data: the sums, and each line. */
function figuresOf(statement: Statement): Extension[] {
  const { scope, level, asOf, dueOn, recipient, bills, invoiced, unapplied, due } = statement;
  const ages = aged(
    bills.flatMap((b) => b.invoices),
    asOf,
  );
  return [
    {
      url: extension.statementFigures,
      extension: [
        { url: 'scope', valueCode: scope },
        { url: 'level', valueUnsignedInt: level },
        { url: 'as-of', valueDate: asOf },
        { url: 'due-on', valueDate: dueOn },
        { url: 'recipient', valueReference: recipient.reference },
        money('invoiced', invoiced),
        money('unapplied', unapplied),
        money('due', due),
        money('current', ages.current),
        money('over-30', ages.over30),
        money('over-60', ages.over60),
        money('over-90', ages.over90),
      ],
    },
    ...bills.flatMap((b) => b.invoices.flatMap((i) => i.lines.map(lineFigures))),
  ];
}

/** The record of a statement. */
export function statementRecord(statement: Statement): ToKeep {
  const { bills, recipient, practice, isLarge } = statement;
  const invoices = bills.flatMap((b) => b.invoices.map((i) => i.invoice));
  const labels = new Map<string, Coding>();
  for (const label of invoices.flatMap(({ meta }) => meta?.security ?? []).filter(isSensitive))
    labels.set(`${label.system ?? ''}|${label.code ?? ''}`, label);
  const patients = new Set(bills.map((b) => referenceText(b.of.patient)));
  const [only] = patients;
  return {
    type: 'statement',
    of: bills[0]?.of.name ?? '',
    number: statement.number,
    practice: `Organization/${practice.id}`,
    subject: patients.size === 1 ? only : undefined,
    recipient: recipient.reference.reference ?? '',
    channel: recipient.channel,
    language: recipient.language,
    labels: [...labels.values()],
    related: [...bills.map((b) => b.of.name), ...invoices.map(referenceText)],
    figures: figuresOf(statement),
    ...(isLarge ? { says: 'large print' } : {}),
  };
}
