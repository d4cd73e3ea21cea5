import type {
  ChargeItem,
  ChargeItemDefinition,
  Consent,
  ExplanationOfBenefit,
  Invoice,
  Practitioner,
} from '@medplum/fhirtypes';
import { isSensitive } from '../../access/sensitive.ts';
import { statementLines, type LedgerLine, type StatementLine } from '../../billing/collection/statement.ts';
import { balance, invoiceOpen, patientStanding } from '../../billing/ledger/index.ts';
import { add, negate, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { dateOf } from '../../datatypes/date.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { compensatedVisits } from '../claim/caseOfVisit.ts';
import { nameOf } from './person.ts';

/** A line of a bill with what people know it by. */
export interface ShownLine extends StatementLine {
  readonly day: string; // of the service
  readonly provider: string;
  readonly charged: ChargeItem | undefined;
  readonly definition: ChargeItemDefinition | undefined;
}

/** An Invoice of which something is open. */
export interface OpenInvoice {
  readonly invoice: Invoice & { readonly id: string };
  readonly date: string;
  readonly open: Cents;
  readonly lines: readonly ShownLine[];
}

/** What an Account asks of its guarantor at the end of a day. */
export interface AccountBill {
  readonly of: PatientAccount;
  readonly invoices: readonly OpenInvoice[];
  readonly invoiced: Cents; // on these Invoices
  readonly unapplied: Cents;
  readonly withheld: readonly OpenInvoice[]; // Invoices that this reader is not told of
}

/** What is read once for many bills: who did something, and what the practice calls it. */
export interface Known {
  readonly practitioners: Map<string, string>;
  readonly definitions: Map<string, ChargeItemDefinition | undefined>;
}
export const nothingKnown = (): Known => ({ practitioners: new Map(), definitions: new Map() });

/** Whom a bill is for: the patient sees all, others nothing that is sensitive or that the minor consented to alone. */
export type Audience = 'patient' | 'other';

export async function readBill(
  reader: Reader,
  of: PatientAccount,
  { asOf, audience, known }: { readonly asOf: string; readonly audience: Audience; readonly known: Known },
): Promise<AccountBill> {
  const journal = of.journal.filter((entry) => entry.on <= asOf);
  const open = Map.groupBy(invoiceOpen(journal), (line) => line.invoice);
  const shown: OpenInvoice[] = [];
  const withheld: OpenInvoice[] = [];
  const own = audience === 'patient' || open.size === 0 ? new Set<string>() : await ownVisits(reader, of);
  const compensated =
    open.size === 0 ? new Set<string>() : await compensatedVisits(reader, `Patient/${of.patient.id}`);
  for (const [name, lines] of open) {
    if (lines.some(({ encounter = '' }) => compensated.has(encounter))) continue; // its insurer is asked
    const invoice = await resolve<Invoice>(reader, 'Invoice', { reference: name });
    if (invoice?.id === undefined) throw new Error(`the ledger names ${name}, which is not here`);
    const read = await readInvoice(reader, changed(invoice, { id: invoice.id }), { journal, known });
    const isOwn =
      (invoice.meta?.security ?? []).some(isSensitive) || lines.some((l) => own.has(l.encounter ?? ''));
    (isOwn && audience === 'other' ? withheld : shown).push(read);
  }
  return {
    of,
    invoices: shown,
    invoiced: sum(shown.map((i) => i.open)),
    unapplied: negate(balance(journal, { account: 'unapplied-patient-credit' })),
    withheld,
  };
}

/**
 * Visits that the patient consented to without a parent: an active Consent of the patient, given by the patient, that
 * names the Encounter.
 */
async function ownVisits(reader: Reader, { patient }: PatientAccount): Promise<Set<string>> {
  const self = `Patient/${patient.id}`;
  const consents = await find<Consent>(reader, 'Consent', { patient: self, status: 'active' });
  return new Set(
    consents
      .filter(({ performer = [] }) => performer.some(({ reference }) => reference === self))
      .filter(({ scope }) => scope.coding?.some(({ code }) => code === 'treatment') === true)
      .flatMap(({ provision }) => provision?.data ?? [])
      .flatMap(({ reference }) => reference.reference ?? []),
  );
}

async function readInvoice(
  reader: Reader,
  invoice: Invoice & { readonly id: string },
  { journal, known }: { readonly journal: readonly Entry[]; readonly known: Known },
): Promise<OpenInvoice> {
  const ledger = ledgerLines(journal, `Invoice/${invoice.id}`);
  const lines = statementLines(invoice, ledger, await claimsOf(reader, invoice));
  const shown: ShownLine[] = [];
  for (const line of lines) shown.push(await named(reader, line, { invoice, known }));
  return {
    invoice,
    date: dateOf(invoice.date ?? ''),
    open: sum(lines.map((l) => l.open)),
    lines: shown,
  };
}

/** What is open on an Invoice, and what the patient paid of its lines, by line. */
export function ledgerLines(journal: readonly Entry[], invoice: string): LedgerLine[] {
  const lines = new Map<string, LedgerLine>();
  const keyOf = ({ claim, item, charge }: Omit<LedgerLine, 'open' | 'paid'>): string =>
    `${claim ?? ''}|${item ?? ''}|${claim === undefined ? (charge ?? '') : ''}`;
  const put = (
    { claim, item, charge }: Omit<LedgerLine, 'open' | 'paid'>,
    open: Cents,
    paid: Cents,
  ): void => {
    const about = { claim, item, charge };
    const here = lines.get(keyOf(about));
    lines.set(keyOf(about), {
      ...about,
      open: add(here?.open ?? zero, open),
      paid: add(here?.paid ?? zero, paid),
    });
  };
  for (const line of invoiceOpen(journal, { invoice })) put(line, line.amount, zero);
  for (const line of patientStanding(journal, { invoice })) put(line, zero, line.applied);
  return [...lines.values()];
}

async function claimsOf(reader: Reader, invoice: Invoice): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const item of invoice.lineItem ?? []) {
    const reference = extensionOf(item, extension.explanation)?.valueReference?.reference;
    if (reference === undefined || found.has(reference)) continue;
    const explanation = await resolve<ExplanationOfBenefit>(reader, 'ExplanationOfBenefit', { reference });
    const claim = parseReference(explanation?.claim?.reference);
    if (claim) found.set(reference, `Claim/${claim.id}`);
  }
  return found;
}

async function named(
  reader: Reader,
  line: StatementLine,
  { invoice, known }: { readonly invoice: Invoice; readonly known: Known },
): Promise<ShownLine> {
  const [reference] = line.charges;
  const charge = await resolve<ChargeItem>(reader, 'ChargeItem', { reference: reference ?? '' });
  const day = charge?.occurrenceDateTime ?? charge?.occurrencePeriod?.start ?? invoice.date ?? '';
  const actor = charge?.performer?.[0]?.actor.reference;
  return {
    ...line,
    day: dateOf(day),
    provider: actor === undefined ? '' : await practitionerName(reader, actor, known),
    charged: charge,
    definition: await definitionOf(reader, charge?.definitionCanonical?.[0], known),
  };
}

async function practitionerName(reader: Reader, reference: string, known: Known): Promise<string> {
  const name =
    known.practitioners.get(reference) ??
    nameOf((await resolve<Practitioner>(reader, 'Practitioner', { reference }))?.name);
  known.practitioners.set(reference, name);
  return name;
}

export async function definitionOf(
  reader: Reader,
  canonical: string | undefined,
  { definitions }: Known,
): Promise<ChargeItemDefinition | undefined> {
  if (canonical === undefined) return undefined;
  if (definitions.has(canonical)) return definitions.get(canonical);
  const [url = ''] = canonical.split('|');
  const [definition] = await find<ChargeItemDefinition>(reader, 'ChargeItemDefinition', { url });
  definitions.set(canonical, definition);
  return definition;
}
