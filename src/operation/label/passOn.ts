import type {
  ChargeItem,
  Claim,
  ClaimResponse,
  Coding,
  Communication,
  DocumentReference,
  Encounter,
  ExplanationOfBenefit,
  Invoice,
  PaymentNotice,
  PaymentReconciliation,
  Provenance,
  Resource,
  ResourceType,
  Task,
} from '@medplum/fhirtypes';
import { remittanceNumber } from '../../billing/remittance/remit.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import type { Context } from '../../interaction/context.ts';
import { find, resolve, updateResource } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { extension, system } from '../../terminology/system.ts';
import { addLabels } from './labelled.ts';

/** References that are asked for in one search. */
const askedTogether = 50;

/** The visits that a resource of the chart is about: `Encounter/1`. */
export async function visitsOf(
  tx: Transaction,
  resource: Resource & { id: string },
): Promise<readonly string[]> {
  if (resource.resourceType === 'Encounter') return [referenceText(resource)];
  const pointers: unknown[] = [
    'encounter' in resource ? resource.encounter : undefined,
    'context' in resource ? resource.context : undefined,
    'extension' in resource ? extensionsOf(resource, extension.encounter)[0]?.valueReference : undefined,
  ];
  const named = pointers.flatMap((pointer) => {
    const is = typeof pointer === 'object' && pointer !== null && 'reference' in pointer;
    const target =
      is && typeof pointer.reference === 'string' ? parseReference(pointer.reference) : undefined;
    return target?.type === 'Encounter' ? [`Encounter/${target.id}`] : [];
  });
  if (resource.resourceType !== 'Condition') return named;
  const diagnosed = await find<Encounter>(tx, 'Encounter', { diagnosis: referenceText(resource) });
  return [...new Set([...named, ...diagnosed.map(referenceText)])];
}

/** Labels what was made of visits before: charges, claims, answers, explanations, Invoices, receipts, payments, letters, packets of appeals, Tasks, origins. */
export async function passOn(
  context: Context,
  tx: Transaction,
  { visits, labels }: { readonly visits: readonly string[]; readonly labels: readonly Coding[] },
): Promise<void> {
  for (const made of await madeOf(tx, visits)) {
    const { id } = made;
    if (id !== undefined && addLabels(made, labels))
      await updateResource(context, tx, Object.assign(made, { id }));
  }
}

async function madeOf(tx: Transaction, visits: readonly string[]): Promise<readonly Resource[]> {
  const charges = await among<ChargeItem>(tx, 'ChargeItem', 'context', visits);
  const claims = await among<Claim>(tx, 'Claim', 'encounter', visits);
  const sent = claims.map(referenceText);
  const responses = await among<ClaimResponse>(tx, 'ClaimResponse', 'request', sent);
  const explanations = await among<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', 'claim', sent);
  const invoices = await invoicesOf(tx, charges);
  const notices = await among<PaymentNotice>(tx, 'PaymentNotice', 'request', invoices.map(referenceText));
  const made = [...charges, ...claims, ...responses, ...explanations, ...invoices, ...notices];
  const names = made.map(referenceText);
  const tasks = [
    ...(await among<Task>(tx, 'Task', 'encounter', visits)),
    ...(await among<Task>(tx, 'Task', 'focus', [...visits, ...names])),
  ];
  const origins = await among<Provenance>(tx, 'Provenance', 'target', [
    ...names,
    ...tasks.map(referenceText),
  ]);
  const documents = await among<DocumentReference>(
    tx,
    'DocumentReference',
    'related',
    [...claims, ...invoices, ...notices].map(referenceText),
  );
  const letters = await among<Communication>(tx, 'Communication', 'based-on', documents.map(referenceText));
  const payments = await paymentsOf(tx, responses);
  const all = [...made, ...tasks, ...origins, ...documents, ...letters, ...payments];
  return [...new Map(all.map((one) => [referenceText(one), one])).values()];
}

/** The Invoices that ask for one of the charges: they are on the Accounts of those. */
async function invoicesOf(tx: Transaction, charges: readonly ChargeItem[]): Promise<readonly Invoice[]> {
  const asked = new Set(charges.map(referenceText));
  const accounts = charges.flatMap(({ account = [] }) => account.flatMap(({ reference }) => reference ?? []));
  const invoices = await among<Invoice>(tx, 'Invoice', 'account', [...new Set(accounts)]);
  return invoices.filter(({ lineItem = [] }) =>
    lineItem.some((line) =>
      [
        line.chargeItemReference,
        ...extensionsOf(line, extension.chargeItem).map((one) => one.valueReference),
      ].some((pointer) => asked.has(pointer?.reference ?? '')),
    ),
  );
}

/** The payments of payers that answers came with: named by those of an 835, else with the number of the answer. */
async function paymentsOf(
  tx: Transaction,
  responses: readonly ClaimResponse[],
): Promise<readonly PaymentReconciliation[]> {
  const named = responses.map(
    (response) => extensionOf(response, extension.remittance)?.valueReference?.reference,
  );
  const found: PaymentReconciliation[] = [];
  for (const reference of new Set(named.flatMap((name) => name ?? []))) {
    const payment = await resolve<PaymentReconciliation>(tx, 'PaymentReconciliation', { reference });
    if (payment) found.push(payment);
  }
  const others = responses.filter((_, i) => named[i] === undefined);
  const numbers = others.map(
    (response) => `${system.remittanceNumber}|${escaped(remittanceNumber(response))}`,
  );
  const answers = new Set(others.map(referenceText));
  const numbered = await among<PaymentReconciliation>(tx, 'PaymentReconciliation', 'identifier', numbers);
  return [
    ...found,
    ...numbered.filter(({ detail }) => detail?.some((d) => answers.has(d.response?.reference ?? ''))),
  ];
}

/** A value as a search takes it. */
const escaped = (value: string): string => value.replace(/[\\,|$]/g, '\\$&');

async function among<T extends Resource>(
  tx: Transaction,
  type: T['resourceType'] & ResourceType,
  code: string,
  values: readonly string[],
): Promise<T[]> {
  const found: T[] = [];
  for (let from = 0; from < values.length; from += askedTogether) {
    const some = values.slice(from, from + askedTogether);
    found.push(...(await find<T>(tx, type, { [code]: some.join(',') })));
  }
  return found;
}
