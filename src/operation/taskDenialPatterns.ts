import type { Claim, ClaimResponse, Parameters, ParametersParameter, Task } from '@medplum/fhirtypes';
import { guideForReason } from '../billing/denial/denialGuide.ts';
import { deniedBy, servicesOf } from '../billing/denial/denied.ts';
import { add, toMoney, zero, type Cents } from '../datatypes/cents.ts';
import { codeOf } from '../datatypes/coding.ts';
import { addDays, dateOf } from '../datatypes/date.ts';
import { isOpen } from '../datatypes/openTask.ts';
import { unversionedText } from '../datatypes/sentVersion.ts';
import { find, resolve } from '../interaction/repository.ts';
import { decided, toOutcome } from '../outcome/issue.ts';
import { reasonLabel } from '../terminology/claimAdjustmentReason.ts';
import { system } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import { moneyOf } from './denial/judgeDenials.ts';
import { readGuide } from './denial/readGuide.ts';
import type { Call, Operation } from './operation.ts';
import { dayOf } from './parameters.ts';
import { wholeOf } from './denial/whole.ts';

interface Repeated {
  readonly payer: string;
  readonly carc: string;
  readonly service: string;
  count: number;
  denied: Cents;
  recovered: number;
  lost: number;
  open: number;
  last: string;
}

/** GET [base]/Task/$denial-patterns: which denials repeat, by payer, reason and service. Reads as its caller. */
export const taskDenialPatterns: Operation = {
  definition: operationDefinition('Task-denial-patterns'),
  asCaller: true,
  async run(call): Promise<Parameters> {
    const { tx, on } = call;
    const from = dayOf(call.input, 'from') ?? addDays(on, -90);
    const to = dayOf(call.input, 'to') ?? on;
    const atLeast = wholeOf(call, 'atLeast', { least: 1 }) ?? 3;
    const tasks = await find<Task>(tx, 'Task', {
      code: `${system.task}|denial`,
      'authored-on': [`ge${from}`, `le${to}`],
    });
    const found = new Map<string, Repeated>();
    for (const task of tasks) await count(call, found, task);
    const guide = await readGuide(tx);
    const rows = [...found.values()].filter((r) => r.count >= atLeast);
    rows.sort((a, b) => b.count - a.count || b.denied - a.denied || (a.carc < b.carc ? -1 : 1));
    const text = `${rows.length.toString()} patterns of ${tasks.length.toString()} denials from ${from} to ${to}`;
    return {
      resourceType: 'Parameters',
      parameter: [
        ...rows.map((row) => ({
          name: 'pattern',
          part: partsOf(row, guideForReason(guide, row.carc, row.payer)),
        })),
        { name: 'outcome', resource: toOutcome([decided('denial-patterns', 'Task', text)]) },
      ],
    };
  },
};

const won = ['recovered', 'partly-recovered'];

async function count({ tx }: Call, found: Map<string, Repeated>, task: Task): Promise<void> {
  const claim = await resolve<Claim>(tx, 'Claim', task.focus);
  const carc = codeOf(task.reasonCode, system.carc);
  if (!claim || carc === undefined) return;
  const response = await resolve<ClaimResponse>(tx, 'ClaimResponse', task.reasonReference);
  const denied = response && deniedBy(response).get(carc);
  const payer = unversionedText(claim.insurer?.reference) ?? '';
  const services = denied ? servicesOf(claim, denied.sequences) : [''];
  const outcome = codeOf(task.businessStatus, system.denialOutcome);
  const amount = denied?.amount ?? moneyOf(task, 'denied') ?? zero;
  const day = dateOf(task.authoredOn ?? '');
  for (const service of services) {
    const key = `${payer} ${carc} ${service}`;
    const row = found.get(key) ?? {
      ...{ payer, carc, service, count: 0, denied: zero, recovered: 0, lost: 0, open: 0, last: day },
    };
    row.count += 1;
    row.denied = add(row.denied, amount);
    if (outcome !== undefined && won.includes(outcome)) row.recovered += 1;
    else if (outcome !== undefined) row.lost += 1;
    else if (isOpen(task) || task.status === 'completed') row.open += 1;
    if (day > row.last) row.last = day;
    found.set(key, row);
  }
}

function partsOf(
  row: Repeated,
  guide: { readonly step: string; readonly cause: string },
): ParametersParameter[] {
  const label = reasonLabel(row.carc);
  return [
    ...(row.payer === '' ? [] : [{ name: 'payer', valueReference: { reference: row.payer } }]),
    {
      name: 'carc',
      valueCoding: {
        ...{ system: system.carc, code: row.carc },
        ...(label === undefined ? {} : { display: label }),
      },
    },
    ...(row.service === '' ? [] : [{ name: 'service', valueCode: row.service }]),
    { name: 'count', valueInteger: row.count },
    { name: 'denied', valueMoney: toMoney(row.denied) },
    { name: 'recovered', valueInteger: row.recovered },
    { name: 'lost', valueInteger: row.lost },
    { name: 'open', valueInteger: row.open },
    { name: 'last', valueDate: row.last },
    { name: 'step', valueCode: guide.step },
    ...(guide.cause === '' ? [] : [{ name: 'cause', valueString: guide.cause }]),
  ];
}
