import type { ExplanationOfBenefit, Invoice, InvoiceLineItem, Parameters } from '@medplum/fhirtypes';
import { invoiceLineSteps } from '../billing/why/invoiceLine.ts';
import { entryStep } from '../billing/why/standing.ts';
import { below, type Step } from '../billing/why/step.ts';
import { centsOf, sum, toText, zero } from '../datatypes/cents.ts';
import type { Posting } from '../datatypes/entry.ts';
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
import { claimChain, claimLineSteps, decisionsOn, itemsOf } from './why/claimChain.ts';

type Written = Invoice & { id: string };

/** GET [base]/Invoice/[id]/$why: an Invoice, or one `line` of it, from the cent back to the note. */
export const invoiceWhy: Operation = {
  definition: operationDefinition('Invoice-why'),
  async run(call): Promise<Parameters> {
    const invoice = await readResource<Written>(call.tx, 'Invoice', call.target.id ?? '');
    const number = parameter(call.input, 'line')?.valuePositiveInt;
    const all = invoice.lineItem ?? [];
    if (number === undefined) {
      const steps = await Promise.all(all.map((line) => lineSteps(call, invoice, line)));
      return answerWhy(call, [wholeStep(invoice), ...below(1, steps.flat())]);
    }
    const line = all.find((l, i) => (l.sequence ?? i + 1) === number);
    if (!line) {
      const at = "Parameters.parameter.where(name='line').value";
      throw badRequest('line-unknown', `the Invoice has no line ${number}`, at);
    }
    return answerWhy(call, await lineSteps(call, invoice, line));
  },
};

function wholeStep(invoice: Written): Step {
  const amount = centsOf(invoice.totalNet) ?? zero;
  const text = `Invoice/${invoice.id} (${invoice.status}) asks for ${toText(amount)}`;
  return { level: 0, kind: 'amount', text, amount, source: `Invoice/${invoice.id}` };
}

async function lineSteps(call: Call, invoice: Written, line: InvoiceLineItem): Promise<Step[]> {
  const { tx } = call;
  const explanation = extensionOf(line, extension.explanation)?.valueReference;
  const item = extensionOf(line, extension.claimItem)?.valuePositiveInt;
  const explained = await resolve<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', explanation);
  const claim = explained?.claim?.reference?.split('/_history/')[0];
  const chain = claim === undefined ? [] : await claimChain(tx, claim);
  const last = chain.at(-1);
  const named = [
    line.chargeItemReference,
    ...extensionsOf(line, extension.chargeItem).map((e) => e.valueReference),
  ];
  const charges = named.flatMap((r) => r?.reference ?? []);
  const steps: Step[] = [...invoiceLineSteps(invoice, line)];
  if (explained?.id !== undefined && last) {
    const text = `it was explained to the patient by ExplanationOfBenefit/${explained.id}`;
    steps.push({ level: 1, kind: 'decision', text, source: `ExplanationOfBenefit/${explained.id}` });
    steps.push(...below(2, await decisionsOn(tx, chain, item)));
    for (const of of itemsOf(last, item)) steps.push(...below(1, await claimLineSteps(tx, last, of)));
  } else {
    for (const charge of new Set(charges)) steps.push(...below(1, await chargeOriginSteps(tx, charge)));
  }
  return [...steps, ...below(1, await entriesOf(call, invoice, { claim, item, charges }))];
}

interface About {
  readonly claim: string | undefined;
  readonly item: number | undefined;
  readonly charges: readonly string[];
}

/** What was posted on a line of an Invoice. */
async function entriesOf(call: Call, invoice: Written, about: About): Promise<Step[]> {
  const account = invoice.account?.reference;
  if (account === undefined) return [];
  const journal = await seenJournal(call, await call.tx.journal(account));
  const isOf = (p: Posting): boolean =>
    p.invoice === `Invoice/${invoice.id}` &&
    (p.charge === undefined || about.charges.length === 0 || about.charges.includes(p.charge)) &&
    (p.item === undefined || about.item === undefined || p.item === about.item);
  return journal.flatMap((entry) => {
    const own = entry.postings.filter(isOf);
    return own.length === 0 ? [] : [entryStep(entry, sum(own.map((p) => p.amount)))];
  });
}
