import type { Invoice, InvoiceLineItem } from '@medplum/fhirtypes';
import { centsOf, sum, toText, zero } from '../../datatypes/cents.ts';
import type { Component } from './component.ts';
import { componentStep } from './component.ts';
import type { Step } from './step.ts';

/** What one line of an Invoice asks for, and the parts that add up to it. */
export function invoiceLineSteps(invoice: Invoice & { id: string }, line: InvoiceLineItem): Step[] {
  const components: readonly Component[] = line.priceComponent ?? [];
  const counted = components.filter((c) => c.type !== 'informational');
  const amount = sum(counted.map((c) => centsOf(c.amount) ?? zero));
  const number = line.sequence ?? (invoice.lineItem ?? []).indexOf(line) + 1;
  const source = `Invoice/${invoice.id}`;
  return [
    {
      level: 0,
      kind: 'amount',
      text: `line ${number} of ${source} (${invoice.status}) asks for ${toText(amount)}`,
      amount,
      source,
    },
    ...counted.map((c) => componentStep(c, 1)),
    ...components.filter((c) => c.type === 'informational').map((c) => componentStep(c, 1)),
  ];
}
