import type { ExplanationOfBenefit, Invoice, InvoiceLineItem, Parameters } from '@medplum/fhirtypes';
import { invoiceLineSteps } from '../billing/why/invoiceLine.ts';
import { entryStep } from '../billing/why/standing.ts';
import { below, type Step } from '../billing/why/step.ts';
import { centsOf, sum, toText, zero } from '../datatypes/cents.ts';
import type { Entry, Posting } from '../datatypes/entry.ts';
import { extensionOf, extensionsOf } from '../datatypes/extension.ts';
import { readResource, resolve } from '../interaction/repository.ts';
import { badRequest } from '../outcome/fhirError.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { seenJournal } from './payment/seenJournal.ts';
import { answerWhy } from './why/answerWhy.ts';
import { chargeOriginSteps } from './why/chargeOrigin.ts';
import { claimChain, claimLineSteps, decisionsOn, itemsOf, type Answered } from './why/claimChain.ts';

type Written = Invoice & { id: string };

/** GET [base]/Invoice/[id]/$why: an Invoice, or one `line` of it, from the cent back to the note. */
export const invoiceWhy: Operation = {
  definition: operationDefinition('Invoice-why'),
  async run(call): Promise<Parameters> {
    const invoice = await readResource<Written>(call.tx, 'Invoice', call.target.id ?? '');
    const number = parameter(call.input, 'line')?.valuePositiveInt;
    const all = invoice.lineItem ?? [];
    const line = all.find((l, i) => (l.sequence ?? i + 1) === number);
    if (number !== undefined && !line) {
      const at = "Parameters.parameter.where(name='line').value";
      throw badRequest('line-unknown', `the Invoice has no line ${number}`, at);
    }
    const about: About = { invoice, journal: await journalOf(call, invoice), chains: new Map() };
    if (line) return answerWhy(call, await lineSteps(call, about, line));
    const steps = [wholeStep(invoice)];
    for (const one of all) steps.push(...below(1, await lineSteps(call, about, one)));
    return answerWhy(call, steps);
  },
};

function wholeStep(invoice: Written): Step {
  const amount = centsOf(invoice.totalNet) ?? zero;
  const text = `Invoice/${invoice.id} (${invoice.status}) asks for ${toText(amount)}`;
  return { level: 0, kind: 'amount', text, amount, source: `Invoice/${invoice.id}` };
}

/** What the caller sees of the journal of the Account that an Invoice is on. */
async function journalOf(call: Call, { account }: Invoice): Promise<readonly Entry[]> {
  return account?.reference === undefined ? [] : seenJournal(call, await call.tx.journal(account.reference));
}

/** What is read once for all lines of an Invoice. */
interface About {
  readonly invoice: Written;
  readonly journal: readonly Entry[];
  readonly chains: Map<string, readonly Answered[]>;
}

async function chainOf({ tx }: Call, { chains }: About, claim: string): Promise<readonly Answered[]> {
  const chain = chains.get(claim) ?? (await claimChain(tx, claim));
  chains.set(claim, chain);
  return chain;
}

async function lineSteps(call: Call, about: About, line: InvoiceLineItem): Promise<Step[]> {
  const { tx } = call;
  const { invoice } = about;
  const explanation = extensionOf(line, extension.explanation)?.valueReference;
  const item = extensionOf(line, extension.claimItem)?.valuePositiveInt;
  const explained = await resolve<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', explanation);
  const claim = explained?.claim?.reference?.split('/_history/')[0];
  const chain = claim === undefined ? [] : await chainOf(call, about, claim);
  const last = chain.at(-1)?.claim;
  const named = [
    line.chargeItemReference,
    ...extensionsOf(line, extension.chargeItem).map((e) => e.valueReference),
  ];
  const charges = named.flatMap((r) => r?.reference ?? []);
  const steps: Step[] = [...invoiceLineSteps(invoice, line)];
  if (explained?.id !== undefined && last) {
    const text = `it was explained to the patient by ExplanationOfBenefit/${explained.id}`;
    steps.push({ level: 1, kind: 'decision', text, source: `ExplanationOfBenefit/${explained.id}` });
    steps.push(...below(2, decisionsOn(chain, item)));
    for (const of of itemsOf(last, item)) steps.push(...below(1, await claimLineSteps(tx, last, of)));
  } else {
    for (const charge of new Set(charges)) steps.push(...below(1, await chargeOriginSteps(tx, charge)));
  }
  return [...steps, ...below(1, entriesOf(about, item, charges))];
}

/** What was posted on a line of an Invoice. */
function entriesOf(
  { invoice, journal }: About,
  item: number | undefined,
  charges: readonly string[],
): Step[] {
  const isOf = (p: Posting): boolean =>
    p.invoice === `Invoice/${invoice.id}` &&
    (p.charge === undefined || charges.length === 0 || charges.includes(p.charge)) &&
    (p.item === undefined || item === undefined || p.item === item);
  return journal.flatMap((entry) => {
    const own = entry.postings.filter(isOf);
    return own.length === 0 ? [] : [entryStep(entry, sum(own.map((p) => p.amount)))];
  });
}
