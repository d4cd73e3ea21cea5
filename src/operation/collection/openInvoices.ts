import type { Invoice, Organization } from '@medplum/fhirtypes';
import { invoiceOpen, lastPosted, openOf } from '../../billing/ledger/index.ts';
import { collectionSettings, type CollectionSettings } from '../../billing/collection/settings.ts';
import { sum, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, unresolved } from '../../outcome/issue.ts';
import { extension } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { parameters } from '../parameters.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';

/** An Invoice of an Account and what is open of it. */
export interface OpenInvoice {
  readonly name: string; // Invoice/1
  readonly open: Cents;
}

/** What is open of each Invoice of a journal, in the order they were issued. */
export function openByInvoice(journal: readonly Entry[]): OpenInvoice[] {
  const names = [...new Set(invoiceOpen(journal).map((line) => line.invoice))];
  return names.map((name) => ({ name, open: openOf(journal, name) })).filter(({ open }) => open > 0);
}

/** The Invoices that parameters `invoice` name, each with something open; all that are open where none is named. */
export function openInvoices({ input }: Pick<Call, 'input'>, of: PatientAccount): OpenInvoice[] {
  const all = openByInvoice(of.journal);
  const named = parameters(input, 'invoice');
  if (named.length === 0) {
    if (all.length > 0) return all;
    throw unprocessable([
      businessFault('nothing-open', 'Account', `nothing is open on Invoices of ${of.name}`),
    ]);
  }
  const faults = [];
  const found: OpenInvoice[] = [];
  for (const [i, { valueReference }] of named.entries()) {
    const target = parseReference(valueReference?.reference);
    const one = all.find(({ name }) => name === `Invoice/${target?.id ?? ''}` && target?.type === 'Invoice');
    const at = `Parameters.parameter.where(name='invoice')[${i}].value`;
    if (!one)
      faults.push(unresolved('invoice-not-open', at, `names no Invoice of ${of.name} with something open`));
    else if (!found.includes(one)) found.push(one);
  }
  if (faults.length > 0) throw unprocessable(faults);
  return found;
}

/** The day on which all that is open of an Invoice can be met: that of a step, or of the last posting about it. */
export function dayFor(journal: readonly Entry[], invoice: string, on: string): string {
  const last = lastPosted(journal, new Set([invoice]));
  return last > on ? last : on;
}

/** The Invoice that stands for one now: its last successor. */
export async function standingInvoice({ tx }: Pick<Call, 'tx'>, name: string): Promise<string> {
  const seen = new Set([name]);
  for (let last = name; ;) {
    const invoice = await resolve<Invoice>(tx, 'Invoice', { reference: last });
    const next = invoice && extensionOf(invoice, extension.replacedBy)?.valueReference?.reference;
    if (next === undefined || seen.has(next)) return last;
    seen.add(next);
    last = next;
  }
}

/** What is open on Invoices, each followed to the one that stands for it now. */
export async function openOn(
  call: Pick<Call, 'tx'>,
  journal: readonly Entry[],
  names: readonly string[],
): Promise<Cents> {
  const standing = new Set<string>();
  for (const name of names) standing.add(await standingInvoice(call, name));
  return sum([...standing].map((name) => openOf(journal, name)));
}

/** How the practice of an Account collects. */
export const settingsOf = async (
  { tx }: Pick<Call, 'tx'>,
  of: Pick<PatientAccount, 'practice'>,
): Promise<CollectionSettings> =>
  collectionSettings(await resolve<Organization>(tx, 'Organization', of.practice));
