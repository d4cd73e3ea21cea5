import type { Account, Basic, Invoice, Parameters } from '@medplum/fhirtypes';
import { decidedOn, readApplication } from '../billing/collection/assistance.ts';
import { released } from '../billing/collection/hold.ts';
import { payableOn, writeOff } from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { ownNumber } from '../billing/payment/receipt.ts';
import { centsOf, least, most, rateOf, subtract, sum, toText, zero, type Cents } from '../datatypes/cents.ts';
import type { Entry } from '../datatypes/entry.ts';
import { versionText } from '../datatypes/reference.ts';
import { readResource, resolve, updateResource } from '../interaction/repository.ts';
import { conflict, fhirError, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode } from '../outcome/issue.ts';
import { isProposer } from './approval/secondPerson.ts';
import { isApplication } from './books/keptBy.ts';
import { post } from './closing/post.ts';
import { dayFor, openByInvoice, settingsOf, type OpenInvoice } from './collection/openInvoices.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';
import { assistanceKey, holderOf, releaseKey, taskKey } from './uniqueKey.ts';
import { closeTask } from './worklist/task.ts';

/** POST [base]/Basic/[id]/$decide-assistance: a second person grants or denies what a household applied for. */
export const basicDecideAssistance: Operation = {
  definition: operationDefinition('Basic-decide-assistance'),
  permission: 'approve',
  async run(call): Promise<Parameters> {
    const { context, tx, input, on } = call;
    const record = await readResource<Basic & { id: string }>(tx, 'Basic', call.target.id ?? '');
    const name = `Basic/${record.id}`;
    if (!(await isApplication(tx, record)))
      throw unprocessable([businessFault('not-an-application', 'Basic.code', `${name} is no application`)]);
    const decision = parameter(input, 'decision')?.valueCode;
    if (decision !== 'grant' && decision !== 'deny') {
      const at = "Parameters.parameter.where(name='decision').value";
      throw unprocessable([unknownCode('assistance-decision', at, 'the decision is grant or deny')]);
    }
    const { account, status, given } = readApplication(record);
    const wanted = decision === 'grant' ? 'granted' : 'denied';
    if (status === wanted)
      return answer([['application', record]], [decided('already-there', 'Basic', `${name} is ${status}`)]);
    if (status !== 'applied') throw conflict('not-to-be-done', `${name} is ${status}`, 'Basic.extension');
    const task = await holderOf(tx, taskKey('assistance-review', name));
    if (task && isProposer(call, task))
      throw fhirError(
        403,
        'forbidden',
        'same-person',
        `${name} is decided by another person than who took it in`,
      );
    const of = await patientAccount(call, { reference: account }, 'Basic.extension');
    const { writeOffs, amount } =
      decision === 'grant' ? await give(call, of, given) : { writeOffs: [], amount: zero };
    const reason = parameter(input, 'reason')?.valueString?.trim();
    const written = await updateResource(
      context,
      tx,
      decidedOn(record, { status: wanted, on, reason, writeOffs }),
    );
    await updateResource<Account>(context, tx, released(of.account, 'charity-application', on));
    await releaseKey(tx, assistanceKey(of.name));
    if (task && task.status !== 'completed') await closeTask(call, task);
    const text = decision === 'grant' ? `${toText(amount)} is given up` : `${name} is denied`;
    return answer([['application', written]], [decided('decided', 'Basic', text)]);
  },
};

/** Gives up the part of each open Invoice; of a hospital that pays no tax at least what exceeds the usual charge. */
async function give(
  call: Call,
  of: PatientAccount,
  given: number,
): Promise<{ readonly writeOffs: string[]; readonly amount: Cents }> {
  const { context, on } = call;
  const { facility, generallyBilled } = await settingsOf(call, of);
  const reference = ownNumber('WO', context.newId());
  const writeOffs: string[] = [];
  let [journal, amount]: [readonly Entry[], Cents] = [of.journal, zero];
  const open = openByInvoice(journal);
  for (const one of open) {
    const invoice = await resolve<Invoice>(call.tx, 'Invoice', { reference: one.name });
    if (!invoice) continue;
    const limit = facility === 'nonprofit-hospital' && given > 0 ? generallyBilled : undefined;
    const part = partGiven(one, { given, limit, charges: chargesOf(invoice) });
    const day = dayFor(journal, one.name, on);
    const { applied } = allocate(part, payableOn(journal, { invoice: one.name }, day));
    if (applied.length === 0) continue;
    const head = { id: context.newId(), on: day, account: of.name, cause: versionText(invoice) };
    const to = { invoice: one.name, why: 'charity', to: 'charity-adjustment', reference } as const;
    const entry = await post(call, writeOff({ ...head, ...to, lines: applied }));
    journal = [...journal, entry];
    amount = sum([amount, ...applied.map((l) => l.amount)]);
    writeOffs.push(`${reference} ${one.name}`);
  }
  await settleInvoices(
    call,
    journal,
    open.map((one) => one.name),
  );
  return { writeOffs, amount };
}

/** The part by the table, and at least what is above the amounts generally billed: 26 CFR 1.501(r)-5. */
function partGiven(
  { open }: OpenInvoice,
  of: { readonly given: number; readonly limit: number | undefined; readonly charges: Cents },
): Cents {
  const part = rateOf(of.given, open);
  if (of.limit === undefined) return part;
  return least(open, most(part, subtract(open, rateOf(of.limit, of.charges))));
}

const chargesOf = (invoice: Invoice): Cents =>
  sum(
    (invoice.lineItem ?? []).flatMap((line) =>
      (line.priceComponent ?? []).filter((c) => c.type === 'base').map((c) => centsOf(c.amount) ?? zero),
    ),
  );
