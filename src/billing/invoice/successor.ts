import type { Invoice } from '@medplum/fhirtypes';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';

/** An Invoice that another one replaces, or of which nothing is left to pay: only its status changes. */
export const replaced = <T extends Invoice>(invoice: T, successor: string | undefined): T =>
  changed(invoice, {
    ...(successor === undefined
      ? {}
      : {
          extension: [
            ...(invoice.extension ?? []),
            { url: extension.replacedBy, valueReference: { reference: successor } },
          ],
        }),
    status: 'cancelled',
    cancelledReason: successor === undefined ? 'nothing is left to pay' : `replaced by ${successor}`,
  });

/** An Invoice that is taken back because what it asked for is not decided any more. */
export const successorless = <T extends Invoice>(invoice: T, cancelledReason: string): T =>
  changed(invoice, { status: 'cancelled', cancelledReason });

/** The successor of a cancelled Invoice. */
export const successorOf = (invoice: Invoice): string | undefined =>
  extensionOf(invoice, extension.replacedBy)?.valueReference?.reference;

/** The explanations an Invoice is from. */
export const explanationsOf = (invoice: Invoice): string[] =>
  extensionsOf(invoice, extension.explanation).flatMap((e) => e.valueReference?.reference ?? []);

/** An issued Invoice with nothing open is balanced, a balanced one with something open is issued again. */
export function settle<T extends Invoice>(invoice: T, open: number): T {
  if (invoice.status !== 'issued' && invoice.status !== 'balanced') return invoice;
  const status = open === 0 ? 'balanced' : 'issued';
  return status === invoice.status ? invoice : changed(invoice, { status });
}
