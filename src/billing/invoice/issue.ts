import type { Account, Invoice, InvoiceLineItem, Money, Patient } from '@medplum/fhirtypes';
import { subtract, sum, toMoney, type Cents } from '../../datatypes/cents.ts';
import { ageOn } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { idOf, referenceTo } from '../../datatypes/reference.ts';
import { extension, system } from '../../terminology/system.ts';
import { notAskedComponents, settledComponents } from './component.ts';
import { askedOf, type OwedLine } from './owed.ts';

/** What is owed for a line, and what of it is met already. */
export interface BilledLine extends OwedLine {
  readonly paid: Cents; // by the patient, before or at issue
  readonly writtenOff: Cents;
}

/** What the line asks for. */
export const netOf = (line: BilledLine): Cents => subtract(askedOf(line), sum([line.paid, line.writtenOff]));

export interface Issue {
  readonly id: string;
  readonly on: string; // FHIR date
  readonly patient: Patient;
  readonly account: Account;
  readonly lines: readonly BilledLine[];
}

/** The Invoice of what a patient owes, issued; its arithmetic is in docs/model.md. See https://hl7.org/fhir/R4/invoice.html */
export function issueInvoice({ id, on, patient, account, lines }: Issue): Invoice & { id: string } {
  const explanations = [...new Set(lines.flatMap((l) => l.explanation ?? []))];
  return changed(issued({ id, on, patient, account }, toMoney(sum(lines.map(netOf)))), {
    ...(explanations.length === 0 ? {} : { extension: explanations.map(explainedBy) }),
    lineItem: lines.map(lineItem),
  });
}

/** What every Invoice that is issued says, whatever it bills: its number, whom it asks, and the total. No tax is charged. */
export function issued(
  { id, on, patient, account }: Omit<Issue, 'lines'>,
  total: Money,
): Invoice & { id: string } {
  const recipient = recipientOf(account, patient, on);
  return {
    resourceType: 'Invoice',
    id,
    identifier: [{ system: system.invoiceNumber, value: invoiceNumber(id) }],
    status: 'issued',
    subject: referenceTo(patient),
    ...(recipient ? { recipient } : {}),
    date: on,
    ...(account.owner ? { issuer: account.owner } : {}),
    account: referenceTo(account),
    totalNet: total,
    totalGross: total,
  };
}

const explainedBy = (reference: string) => ({ url: extension.explanation, valueReference: { reference } });

function lineItem(line: BilledLine, index: number): InvoiceLineItem {
  const [only, ...others] = line.charges;
  const single = only !== undefined && others.length === 0;
  return {
    extension: [
      ...line.charges.map((reference) => ({ url: extension.chargeItem, valueReference: { reference } })),
      ...(line.explanation === undefined ? [] : [explainedBy(line.explanation)]),
      ...(line.item === undefined ? [] : [{ url: extension.claimItem, valuePositiveInt: line.item }]),
    ],
    sequence: index + 1,
    ...(single ? { chargeItemReference: { reference: only } } : { chargeItemCodeableConcept: line.code }),
    priceComponent: [
      ...line.components,
      ...notAskedComponents(subtract(line.share, askedOf(line))),
      ...settledComponents(line.paid, line.writtenOff),
    ],
  };
}

/** A short number for people, from the id nobody else has. */
export const invoiceNumber = (id: string): string =>
  `INV-${id
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(-12)
    .toUpperCase()}`;

const ageOfMajority = 18;

/** Who pays: the guarantor of the Account, else the patient; never a minor, so there may be nobody. */
export function recipientOf(account: Account, patient: Patient, on: string): Invoice['recipient'] {
  const party = account.guarantor?.find((g) => !g.onHold)?.party;
  if (party && idOf(party, 'Patient') !== patient.id) return party;
  const minor = patient.birthDate !== undefined && ageOn(patient.birthDate, on) < ageOfMajority;
  return minor ? undefined : referenceTo(patient);
}
