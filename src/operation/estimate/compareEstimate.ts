import type { Claim, ClaimResponse, Encounter, Invoice, Task } from '@medplum/fhirtypes';
import {
  billedIn,
  comparisonOf,
  comparisonTask,
  differenceIn,
  disputedFrom,
  disputeDays,
  estimateOf,
  outputsOf,
  withBill,
  withoutInvoice,
  type BilledVisit,
  type Comparison,
} from '../../billing/estimate/compared.ts';
import { isGoodFaith } from '../../billing/estimate/goodFaith.ts';
import { askedOf, type OwedLine } from '../../billing/invoice/owed.ts';
import { centsOf, sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { addDays, dateInZone } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { idOf, referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { createResource, find, resolve, updateResource } from '../../interaction/repository.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';

type Writing = Pick<Call, 'context' | 'tx' | 'on'>;
type Stored<T> = T & { readonly id: string };

/** A bill of a patient, as it was issued; no Invoice where all of it was paid before. */
export interface Bill {
  readonly of: PatientAccount;
  readonly lines: readonly OwedLine[];
  readonly invoice: Invoice | undefined;
  readonly on: string;
}

/** Holds what is billed for each visit against the estimate that was given for it. */
export async function compareEstimates(call: Call, bill: Bill): Promise<Issue[]> {
  const { patient, practice } = bill.of;
  const estimates = (
    await find<Claim>(call.tx, 'Claim', { patient: referenceText(patient), use: 'predetermination' })
  ).flatMap((claim) =>
    claim.id !== undefined && claim.provider.reference === practice.reference
      ? [changed(claim, { id: claim.id })]
      : [],
  );
  if (estimates.length === 0) return [];
  const issues: Issue[] = [];
  for (const [encounter, lines] of Map.groupBy(bill.lines, (line) => line.encounter ?? '')) {
    const visit = await visitOf(call, encounter, lines);
    const estimate = visit && estimateOf(estimates, visit);
    if (estimate) issues.push(...(await compare(call, bill, { estimate, encounter, lines })));
  }
  return issues;
}

async function visitOf(
  { tx }: Call,
  reference: string,
  lines: readonly OwedLine[],
): Promise<BilledVisit | undefined> {
  const encounter = await resolve<Encounter>(tx, 'Encounter', { reference });
  const day = encounter?.period?.start?.slice(0, 10);
  if (!encounter || day === undefined) return undefined;
  return {
    day,
    appointments: (encounter.appointment ?? []).flatMap((one) => {
      const id = idOf(one, 'Appointment');
      return id === undefined ? [] : [`Appointment/${id}`];
    }),
    codes: new Set(lines.flatMap(({ code }) => (code.coding ?? []).flatMap((c) => c.code ?? []))),
    isInsured: lines.some(({ claim }) => claim !== undefined),
  };
}

interface Comparing {
  readonly estimate: Stored<Claim>;
  readonly encounter: string;
  readonly lines: readonly OwedLine[];
}

async function compare(call: Call, bill: Bill, { estimate, encounter, lines }: Comparing): Promise<Issue[]> {
  const { context, tx } = call;
  const key = taskKey('estimate-compared', referenceText(estimate));
  const known = await holderOf(tx, key);
  const before: Comparison = known
    ? comparisonOf(known)
    : { estimated: await estimatedOf(call, estimate), parts: [] };
  const part = {
    of: lines.find(({ explanation }) => explanation !== undefined)?.explanation ?? encounter,
    invoice: bill.invoice && referenceText(bill.invoice),
    amount: sum(lines.map(askedOf)),
  };
  const now = withBill(before, part);
  if (known) await updateResource(context, tx, changed(known, { output: outputsOf(now) }));
  else {
    const task = await createResource(context, tx, comparisonTask(estimate, now, bill.on));
    await reserveKey(tx, key, referenceText(task));
  }
  return tell({ context, tx, on: bill.on }, estimate, now);
}

/** What an estimate says the patient pays: all of a good-faith one, the patient's part of another. */
async function estimatedOf({ tx }: Call, estimate: Stored<Claim>): Promise<Cents> {
  if (isGoodFaith(estimate)) return centsOf(estimate.total) ?? zero;
  const [answer] = await find<ClaimResponse>(tx, 'ClaimResponse', { request: referenceText(estimate) });
  const total = answer?.total?.find(
    ({ category }) => codeOf(category, system.c4bbAdjudication) === 'memberliability',
  );
  return centsOf(total?.amount) ?? zero;
}

/** From 400.00 above a good-faith estimate somebody of the practice is told while the patient may dispute the bill. */
async function tell(call: Writing, estimate: Stored<Claim>, now: Comparison): Promise<Issue[]> {
  const focus = referenceText(estimate);
  const difference = differenceIn(now);
  const text = `${focus} estimates ${toText(now.estimated)}, billed are ${toText(billedIn(now))}`;
  const open = await holderOf(call.tx, taskKey('estimate-exceeded', focus));
  if (!isGoodFaith(estimate) || difference < disputedFrom) {
    if (open && isOpen(open)) await closeTask(call, open);
    return [decided('estimate-compared', 'Claim', text)];
  }
  const due = addDays(call.on, disputeDays);
  await raiseTask(call, {
    ...{ code: 'estimate-exceeded', focus, detail: '', due },
    text: `the bill is ${toText(difference)} above the good-faith estimate ${focus} of ${toText(now.estimated)}: correct it, or tell the patient why; until ${due} they may start a dispute with HHS, and $hold with reason ppdr stops collection then`,
    patient: unversionedText(estimate.patient.reference),
    practice: unversionedText(estimate.provider.reference),
  });
  return [warning('estimate-exceeded', 'Claim', `${text}: the patient may dispute the bill until ${due}`)];
}

/** An Invoice that is cancelled was not billed: the comparison of each of its visits goes on without it, and so does its Task. */
export const comparisonHook: WriteHook = {
  types: ['Invoice'],
  async run(context, tx, { after, before }) {
    if (after?.resourceType !== 'Invoice' || after.status !== 'cancelled') return undefined;
    const former = await before();
    const patient = idOf(after.subject, 'Patient');
    if (former?.resourceType !== 'Invoice' || former.status === 'cancelled' || patient === undefined)
      return undefined;
    const invoice = referenceText(after);
    const kept = await find<Task>(tx, 'Task', {
      patient: `Patient/${patient}`,
      code: `${system.task}|estimate-compared`,
    });
    const held: { readonly known: Stored<Task>; readonly estimate: Stored<Claim> }[] = [];
    for (const task of kept.filter((one) =>
      comparisonOf(one).parts.some((part) => part.invoice === invoice),
    )) {
      const claim = await resolve<Claim>(tx, 'Claim', task.focus);
      if (task.id !== undefined && claim?.id !== undefined)
        held.push({ known: changed(task, { id: task.id }), estimate: changed(claim, { id: claim.id }) });
    }
    if (held.length === 0) return undefined;
    return async () => {
      const on = dateInZone(context.now(), context.timeZone);
      for (const { known, estimate } of held) {
        const now = withoutInvoice(comparisonOf(known), invoice);
        await updateResource(context, tx, changed(known, { output: outputsOf(now) }));
        await tell({ context, tx, on }, estimate, now);
      }
    };
  },
};
