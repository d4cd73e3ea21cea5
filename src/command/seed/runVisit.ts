import type { Claim, ExplanationOfBenefit, Invoice, Parameters, ParametersParameter, Resource, Task } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import type { Context } from '../../interaction/context.ts';
import { system } from '../../terminology/system.ts';
import { localClient, type Client, type Reply } from '../load/client.ts';
import { issuesOf } from '../load/road.ts';
import { addToDrafts } from './addToDrafts.ts';
import type { DatedPayment, DatedVisit } from './clock.ts';

/** The context as it is at the end of a day, so that no step of the demo lies in its future. */
const at = (context: Context, day: string): Client =>
  localClient({ ...context, now: () => `${day}T23:30:00Z` });

const on = (day: string): ParametersParameter => ({ name: 'businessDate', valueDate: day });

/** Sends the first payer's claims of a visit, and those that its answers lead to; answers with all of them. */
export type SendClaims = (context: Context, visit: DatedVisit, first: readonly Claim[]) => Promise<Claim[]>;

/** Does every step of a visit on its day. Each finds what it did before: running it again changes nothing. */
export async function runVisit(
  context: Context,
  visit: DatedVisit,
  send: SendClaims = submitAll,
): Promise<void> {
  const { encounter, checkIn, captured, claimed, invoiced, payments = [] } = visit;
  if (checkIn) await pay(context, checkIn.account, checkIn, [{ name: 'encounter', valueReference: { reference: encounter } }]);
  await call(at(context, captured), `${encounter}/$capture-charges`, [on(captured)]);
  const generated = await call(at(context, claimed), `${encounter}/$generate-claim`, [on(claimed)]);
  // A seeding that was stopped after the first answer finds the next payer's draft too: its turn comes later.
  const first = resources<Claim>(generated, 'claim').filter(isFirstPayers);
  await addToDrafts(at(context, claimed), first, visit.added ?? []);
  const claims = await send(context, visit, first);
  await endCoverageSearch(at(context, invoiced), claims);
  const invoices = await invoiceAll(at(context, invoiced), visit, claims);
  for (const payment of payments) {
    for (const { id } of invoices) await pay(context, `Invoice/${id ?? ''}`, payment, []);
  }
}

const isFirstPayers = ({ insurance }: Claim): boolean => insurance.find((i) => i.focal)?.sequence === 1;

/** Submits the claims of the first payer, then those drafted for the next one by its answer. */
async function submitAll(context: Context, visit: DatedVisit, first: readonly Claim[]): Promise<Claim[]> {
  const { encounter, claimed, answered } = visit;
  const done: Claim[] = [];
  let day = claimed;
  let turn = first;
  for (const answeredOn of answered) {
    for (const claim of turn) {
      // Without a payer connected nobody answers on a day.
      const dated = context.payer === 'none' ? [] : [{ name: 'answeredOn', valueDate: answeredOn }];
      const parameters = [on(day), ...dated];
      await call(at(context, answeredOn), `Claim/${claim.id ?? ''}/$submit`, parameters);
    }
    done.push(...turn);
    const all = await at(context, answeredOn).find<Claim>('Claim', { encounter });
    turn = all.filter((claim) => !done.some(({ id }) => id === claim.id));
    day = answeredOn;
  }
  return done;
}

/** The office looked for other coverage and found none: the patient may be asked. */
async function endCoverageSearch(client: Client, claims: readonly Claim[]): Promise<void> {
  for (const { id } of claims) {
    const tasks = await client.find<Task>('Task', { focus: `Claim/${id ?? ''}`, status: 'requested' });
    for (const task of tasks.filter((t) => has(t.code, system.task, 'find-coverage'))) {
      const entry = {
        resource: changed(task, { status: 'completed' as const }),
        request: { method: 'PUT' as const, url: `Task/${task.id ?? ''}` },
      };
      await client.post({ resourceType: 'Bundle', type: 'transaction', entry: [entry] });
    }
  }
}

async function invoiceAll(client: Client, visit: DatedVisit, claims: readonly Claim[]): Promise<Invoice[]> {
  const invoices = new Map<string, Invoice>();
  const keep = (reply: Reply): void => {
    for (const invoice of resources<Invoice>(reply, 'invoice')) invoices.set(invoice.id ?? '', invoice);
  };
  const day = on(visit.invoiced);
  if (claims.length === 0) keep(await call(client, `${visit.encounter}/$generate-invoice`, [day]));
  for (const { id } of claims) {
    const explanations = await client.find<ExplanationOfBenefit>('ExplanationOfBenefit', { claim: `Claim/${id ?? ''}` });
    for (const eob of explanations) {
      keep(await call(client, `ExplanationOfBenefit/${eob.id ?? ''}/$generate-invoice`, [day]));
    }
  }
  return [...invoices.values()];
}

const pay = (
  context: Context,
  target: string,
  payment: DatedPayment,
  more: readonly ParametersParameter[],
): Promise<Reply> =>
  call(at(context, payment.on), `${target}/$record-payment`, [
    { name: 'amount', valueMoney: { value: payment.amount, currency: 'USD' } },
    { name: 'method', valueCode: payment.method },
    { name: 'reference', valueString: payment.reference },
    { name: 'date', valueDate: payment.on },
    ...more,
  ]);

/** Calls an operation that the demo needs done: a refusal is a fault of the demo and stops it. */
async function call(client: Client, path: string, parameters: readonly ParametersParameter[]): Promise<Reply> {
  const reply = await client.call(path, parameters);
  if (reply.status === 200) return reply;
  const texts = issuesOf(reply).map(({ details }) => details?.text);
  throw new Error(`${path} answered ${reply.status}: ${texts.join('; ')}`);
}

const resources = <T extends Resource>({ resource }: Reply, name: string): T[] =>
  ((resource as Parameters | undefined)?.parameter ?? []).flatMap((p) =>
    p.name === name && p.resource ? [p.resource as T] : [],
  );
