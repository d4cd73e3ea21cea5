import type { Account, ChargeItem, Task } from '@medplum/fhirtypes';
import { capture } from '../../billing/charge/capture.ts';
import { chargesOf } from '../../billing/charge/chargesOf.ts';
import { difference, sourceOf, stands, type ChargeDifference } from '../../billing/charge/difference.ts';
import { visitDiagnoses } from '../../billing/coding/diagnosis.ts';
import { detailOf, uncodedReasons, type Service, type Uncoded } from '../../billing/charge/service.ts';
import { ownForm } from '../../billing/claim/claimLine.ts';
import type { BillingCode, Coder } from '../../datatypes/chart.ts';
import { has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { createResource, find, updateResource } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { accountOf } from './account.ts';
import { adoptCharges } from './adoptCharges.ts';
import { readPayers } from '../claim/payers.ts';
import { isPosted, postCharge, takeBack, type WrittenCharge } from './postCharge.ts';
import { practiceCoder, practicePrices } from './practice.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { asCorrected, chargesToCorrect } from '../claim/correctedCharges.ts';
import { coverOf, cutsOf } from '../claim/cover.ts';
import { noteVisit } from '../label/labelled.ts';
import { sameDayOf } from './sameDay.ts';
import { performerOf, type Visit } from './visit.ts';

/** A visit with its charges, as they stand after capture. */
export interface CapturedVisit extends Visit {
  readonly coder: Coder;
  readonly account: Account & { id: string };
  /** In order of the chart, charges that others entered at the end; `service` says what the chart gave. */
  readonly charges: readonly { readonly charge: WrittenCharge; readonly service?: Service }[];
  readonly changed: boolean;
  /** Billed charges whose source is gone or has changed: they stay, and people decide. */
  readonly review: readonly WrittenCharge[];
  readonly issues: readonly Issue[];
}

/**
 * Charges a visit: what the chart gives is priced, compared with what was captured before, written and posted. Running
 * it again neither doubles nor loses a charge. 422 with every unusable price at once.
 */
export async function captureCharges(call: Call, visit: Visit): Promise<CapturedVisit> {
  const { tx } = call;
  const { chart, patient, practice, zone, day } = visit;
  const encounter = `Encounter/${chart.encounter.id}`;
  noteVisit(tx, chart);
  const [coder, list] = [await practiceCoder(call), await practicePrices(call)];
  const issues: Issue[] = [];
  const account = await accountOf(call, visit, issues);
  const cuts = cutsOf(await coverOf(call, { ...visit, encounter: visit.chart.encounter }, account));
  const captured = capture(chart, coder, zone, { sameDay: await sameDayOf(call, visit, account), cuts });
  issues.unshift(...captured.issues);
  const payers = list.byPayer
    ? await readPayers(tx, { account, patient, encounter: chart.encounter })
    : undefined;
  const performer = performerOf(chart.encounter);
  const belonging = {
    subject: { reference: `Patient/${patient.id}` },
    encounter,
    account: `Account/${account.id}`,
    organization: practice,
    performers: performer ? [performer] : [],
    reasons: visitDiagnoses(chart, coder)
      .diagnoses.slice(0, 1)
      .map((d) => d.code),
  };
  const payer = (code: BillingCode): string | undefined =>
    payers?.payersOn(day, ownForm(code.system)).coverages[0]?.payor[0]?.reference;
  const priced = chargesOf(captured.services, { list, belonging, payer });
  if (priced.faults.length > 0) throw unprocessable(priced.faults);
  const before = (await find<ChargeItem>(tx, 'ChargeItem', { context: encounter })).map((c): WrittenCharge =>
    changed(c, { id: c.id ?? '' }),
  );
  for (const charge of before.filter((c) => !stands(c)))
    if (await isPosted(call, charge)) await takeBack(call, charge, account.id);
  const now = priced.charges.map((c) => c.charge);
  const { keep, amend, add, withdraw } = await differenceNow(call, { encounter, before, now });
  const late = await withdrawAll(call, withdraw, { account, patient: patient.id, encounter });
  const amended = await amendAll(call, amend);
  const added = await addAll(call, add, { account: account.id, encounter });
  issues.push(...late, ...priced.issues);
  const adopted = await adoptCharges(call, { before, account: account.id, encounter, list, zone, issues });
  const uncoded = [...captured.uncoded, ...priced.uncoded];
  await worklist(call, uncoded, { patient: patient.id, encounter, issues });
  const billed = withdraw.filter((c) => c.status === 'billed');
  const standing = new Map(
    [...keep, ...amended, ...added, ...billed].map((c) => [sourceOf(c), c as WrittenCharge]),
  );
  const charges = captured.services.flatMap((service) => {
    const charge = standing.get(service.source);
    return charge && stands(charge) ? [{ charge, service }] : [];
  });
  const isChanged = add.length + amend.length + withdraw.length > 0;
  if (!isChanged && keep.length > 0)
    issues.push(decided('already-there', 'ChargeItem', 'every charge is there already'));
  return {
    ...visit,
    coder,
    account,
    charges: [...charges, ...adopted],
    changed: isChanged,
    review: billed.map((c) => c as WrittenCharge),
    issues,
  };
}

/**
 * What capturing again changes. A billed charge that differs stays as it is, unless a draft replaces the claim it stands
 * on: then it follows the chart as if it were not billed.
 */
async function differenceNow(
  { tx }: Call,
  of: {
    readonly encounter: string;
    readonly before: readonly ChargeItem[];
    readonly now: readonly ChargeItem[];
  },
): Promise<ChargeDifference> {
  const first = difference(of.before, of.now);
  if (!first.withdraw.some((c) => c.status === 'billed')) return first;
  const corrected = await chargesToCorrect(tx, of.encounter);
  if (corrected.size === 0) return first;
  const anew = difference(asCorrected(of.before, corrected), of.now);
  const stored = new Map(of.before.map((c) => [c.id, c]));
  return {
    ...anew,
    keep: anew.keep.map((c) => stored.get(c.id) ?? c),
    amend: anew.amend.map((c) => changed(c, { status: stored.get(c.id)?.status ?? c.status })),
  };
}

/** What a charge is for has changed, its money has not: a further version, no entry. */
async function amendAll(call: Call, charges: readonly ChargeItem[]): Promise<WrittenCharge[]> {
  const written: WrittenCharge[] = [];
  for (const charge of charges) {
    written.push(await updateResource(call.context, call.tx, changed(charge, { id: charge.id ?? '' })));
  }
  return written;
}

async function addAll(
  call: Call,
  charges: readonly ChargeItem[],
  of: { readonly account: string; readonly encounter: string },
): Promise<WrittenCharge[]> {
  const written: WrittenCharge[] = [];
  for (const charge of charges) {
    const made = await createResource(call.context, call.tx, changed(charge, { enteredDate: call.on }));
    await postCharge(call, made, of);
    written.push(made);
  }
  return written;
}

/** Before submission a charge is taken back and reversed; after it people decide: a Task, and the charge stays. */
export async function withdrawAll(
  call: Call,
  charges: readonly ChargeItem[],
  of: { readonly account: { readonly id: string }; readonly patient: string; readonly encounter: string },
): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (const charge of charges) {
    const id = charge.id ?? '';
    const focus = `ChargeItem/${id}`;
    if (charge.status === 'billed') {
      const text = `${focus}: the chart changed after the charge was billed`;
      const work = {
        code: 'charge-review',
        detail: 'chart-changed',
        patient: `Patient/${of.patient}`,
      } as const;
      await raiseTask(call, { ...work, focus, text, encounter: of.encounter });
      issues.push(warning('charge-review', focus, text));
    } else {
      await takeBack(call, changed(charge, { id }), of.account.id);
      issues.push(
        decided('charge-withdrawn', focus, 'its source is gone or has changed: taken back and reversed'),
      );
    }
  }
  return issues;
}

/** Keeps the coding worklist in step with the chart: an issue and a Task each, closed when it is coded. */
async function worklist(
  call: Call,
  uncoded: readonly Uncoded[],
  of: { readonly patient: string; readonly encounter: string; readonly issues: Issue[] },
): Promise<void> {
  const needed = new Set(uncoded.map((u) => `${u.resource}|${detailOf(u)}`));
  for (const { resource, expression, code, day, text } of uncoded) {
    of.issues.push(warning(code, expression, text));
    const work = {
      code: 'coding',
      focus: resource,
      detail: detailOf({ code, ...(day === undefined ? {} : { day }) }),
      text,
    } as const;
    await raiseTask(call, { ...work, patient: `Patient/${of.patient}`, encounter: of.encounter });
  }
  for (const task of await find<Task>(call.tx, 'Task', { encounter: of.encounter })) {
    if (!has(task.code, system.task, 'coding') || !isOpen(task)) continue;
    const detail = task.reasonCode?.text ?? '';
    const isOurs = uncodedReasons.some((reason) => detail.split(' ')[0] === reason);
    if (isOurs && !needed.has(`${task.focus?.reference ?? ''}|${detail}`)) await closeTask(call, task);
  }
}
