import type { CodeableConcept, Invoice, InvoiceLineItem } from '@medplum/fhirtypes';
import { add, centsOf, negate, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { daysBetween } from '../../datatypes/date.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';

/** What the ledger says of one line of an Invoice at the end of a day. */
export interface LedgerLine {
  readonly claim?: string | undefined; // Claim/1
  readonly item?: number | undefined;
  readonly charge?: string | undefined; // ChargeItem/1, of a charge that no payer was asked for
  readonly open: Cents;
  readonly paid: Cents; // by the patient, before the Invoice and since
}

/** One line of a statement: charge = insurance + adjusted + paid + open. */
export interface StatementLine {
  readonly invoice: string; // Invoice/1
  readonly charges: readonly string[]; // ChargeItem/1
  readonly code?: CodeableConcept; // of a line that is no single charge
  readonly charge: Cents;
  readonly insurance: Cents; // what payers paid
  readonly adjusted: Cents; // what nobody is asked for: contract, discount, write-off
  readonly paid: Cents;
  readonly open: Cents;
}

/**
 * The lines of an Invoice with what is open of each. `claimOf` tells which claim an explanation is of. What the ledger
 * has open and no line of the Invoice tells of is a line of its own, so that no cent is left out.
 */
export function statementLines(
  invoice: Invoice & { readonly id: string },
  ledger: readonly LedgerLine[],
  claimOf: ReadonlyMap<string, string>,
): StatementLine[] {
  const name = `Invoice/${invoice.id}`;
  const left = new Map<string, LedgerLine>(ledger.map((line) => [keyOf(line), line]));
  const lines = (invoice.lineItem ?? []).map((item) => {
    const charges = extensionsOf(item, extension.chargeItem).flatMap(
      ({ valueReference }) => valueReference?.reference ?? [],
    );
    const key = keyOf(dimensionsOf(item, charges, claimOf));
    const posted = left.get(key);
    left.delete(key);
    return lineOf(name, { item, charges, posted });
  });
  const rest = [...left.values()]
    .filter(({ open }) => open !== 0)
    .map(({ open, charge }) => ({
      invoice: name,
      charges: charge === undefined ? [] : [charge],
      charge: open,
      insurance: zero,
      adjusted: zero,
      paid: zero,
      open,
    }));
  return [...lines, ...rest];
}

type Dimensions = Pick<LedgerLine, 'claim' | 'item' | 'charge'>;

const keyOf = ({ claim, item, charge }: Dimensions): string =>
  `${claim ?? ''}|${item ?? ''}|${claim === undefined ? (charge ?? '') : ''}`;

function dimensionsOf(
  item: InvoiceLineItem,
  charges: readonly string[],
  claimOf: ReadonlyMap<string, string>,
): Dimensions {
  const explained = extensionOf(item, extension.explanation)?.valueReference?.reference;
  if (explained === undefined) return { charge: charges[0] };
  return {
    claim: claimOf.get(explained),
    item: extensionOf(item, extension.claimItem)?.valuePositiveInt,
  };
}

interface Billed {
  readonly item: InvoiceLineItem;
  readonly charges: readonly string[];
  readonly posted: LedgerLine | undefined;
}

function lineOf(invoice: string, { item, charges, posted }: Billed): StatementLine {
  const components = item.priceComponent ?? [];
  const sumOf = (fits: (c: (typeof components)[number]) => boolean): Cents =>
    sum(components.filter(fits).map((c) => centsOf(c.amount) ?? zero));
  const charge = sumOf((c) => c.type === 'base');
  const insurance = negate(sumOf((c) => codeOf(c.code, system.adjudication) === 'benefit'));
  const { open, paid } = posted ?? { open: zero, paid: zero };
  const adjusted = subtract(charge, sum([insurance, paid, open]));
  const { chargeItemCodeableConcept: code } = item;
  return { invoice, charges, ...(code ? { code } : {}), charge, insurance, adjusted, paid, open };
}

/** What is open by its age in days since the Invoice was issued. */
export interface Aging {
  readonly current: Cents; // 0 to 30 days
  readonly over30: Cents;
  readonly over60: Cents;
  readonly over90: Cents;
}

export function aged(
  invoices: readonly { readonly date: string; readonly open: Cents }[],
  on: string,
): Aging {
  const found = { current: zero, over30: zero, over60: zero, over90: zero };
  for (const { date, open } of invoices) {
    const days = daysBetween(date, on);
    const part = days > 90 ? 'over90' : days > 60 ? 'over60' : days > 30 ? 'over30' : 'current';
    found[part] = add(found[part], open);
  }
  return found;
}

/** What is to be paid now: what stands on Invoices, less the money that is kept for the patient and not used yet. */
export const dueNow = (invoiced: Cents, unapplied: Cents): Cents =>
  invoiced > unapplied ? subtract(invoiced, unapplied) : zero;
