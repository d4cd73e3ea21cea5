import type { Invoice } from '@medplum/fhirtypes';
import { successorOf } from '../../billing/invoice/successor.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { conflict } from '../../outcome/fhirError.ts';

/** 409 for an Invoice that nothing can be paid on or written off from: a cancelled one names its successor. */
export function assertIssued(invoice: Invoice): void {
  if (invoice.status === 'issued' || invoice.status === 'balanced') return;
  const name = referenceText(invoice);
  if (invoice.status !== 'cancelled') {
    throw conflict('invoice-not-issued', `${name} is ${invoice.status}`, 'Invoice.status');
  }
  const successor = successorOf(invoice);
  const text = successor === undefined ? `${name} was cancelled` : `${name} was replaced by ${successor}`;
  throw conflict('invoice-cancelled', text, 'Invoice.status');
}
