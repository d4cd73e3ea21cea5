import type { Account, PaymentNotice } from '@medplum/fhirtypes';
import { toMoney, type Cents } from '../../datatypes/cents.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';

/** What of an Account is with a collection agency. */
export interface Placement {
  readonly agency: string; // Organization/1
  readonly on: string;
  readonly reference: string; // the number of its write-offs
  readonly invoices: readonly string[]; // Invoice/1
}

/** What is with an agency now; undefined for none. */
export function placementOf(account: Pick<Account, 'extension'>): Placement | undefined {
  const said = extensionOf(account, extension.agencyPlacement);
  if (!said) return undefined;
  return {
    agency: extensionOf(said, 'agency')?.valueReference?.reference ?? '',
    on: extensionOf(said, 'placed')?.valueDate ?? '',
    reference: extensionOf(said, 'reference')?.valueString ?? '',
    invoices: extensionsOf(said, 'invoice').flatMap((e) => e.valueReference?.reference ?? []),
  };
}

export const placed = <T extends Account>(account: T, { agency, on, reference, invoices }: Placement): T =>
  changed(account, {
    extension: [
      ...(account.extension ?? []),
      {
        url: extension.agencyPlacement,
        extension: [
          { url: 'agency', valueReference: { reference: agency } },
          { url: 'placed', valueDate: on },
          ...invoices.map((one) => ({ url: 'invoice', valueReference: { reference: one } })),
          { url: 'reference', valueString: reference },
        ],
      },
    ],
  });

export function recalled<T extends Account>(account: T): T {
  const rest = (account.extension ?? []).filter((e) => e.url !== extension.agencyPlacement);
  return changed(account, { extension: rest.length > 0 ? rest : undefined });
}

/** The agency that handed on the money of a receipt; undefined where it came from elsewhere. */
export const agencyOf = (notice: PaymentNotice): string | undefined =>
  extensionOf(extensionOf(notice, extension.throughAgency), 'agency')?.valueReference?.reference;

/** The receipt of money that an agency handed on. */
export const throughAgency = <T extends PaymentNotice>(
  notice: T,
  of: { readonly agency: string; readonly gross: Cents; readonly fee: Cents },
): T =>
  changed(notice, {
    extension: [
      ...(notice.extension ?? []),
      {
        url: extension.throughAgency,
        extension: [
          { url: 'agency', valueReference: { reference: of.agency } },
          { url: 'gross', valueMoney: toMoney(of.gross) },
          { url: 'fee', valueMoney: toMoney(of.fee) },
        ],
      },
    ],
  });
