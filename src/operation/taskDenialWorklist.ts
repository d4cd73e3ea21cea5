import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { sum, toMoney, toText } from '../datatypes/cents.ts';
import { referenceText } from '../datatypes/reference.ts';
import { decided, toOutcome } from '../outcome/issue.ts';
import { reasonLabel } from '../terminology/claimAdjustmentReason.ts';
import { system } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import { assigneeOf, readDenials, snoozedUntil, type DenialRow } from './denial/readDenials.ts';
import { wholeOf } from './denial/whole.ts';
import type { Operation } from './operation.ts';
import { dayOf, parameter } from './parameters.ts';

const pageMax = 200;

/** GET [base]/Task/$denial-worklist: the open denials, the most promising first. Reads as its caller. */
export const taskDenialWorklist: Operation = {
  definition: operationDefinition('Task-denial-worklist'),
  asCaller: true,
  async run(call): Promise<Parameters> {
    const { input, tx, on } = call;
    const text = (name: string): string | undefined => parameter(input, name)?.valueString;
    const count = wholeOf(call, 'count', { least: 1, most: pageMax }) ?? 50;
    const offset = wholeOf(call, 'offset', { least: 0 }) ?? 0;
    const dueBy = dayOf(input, 'dueBy');
    const rows = await readDenials(tx, {
      ...{ today: on, dueBy, payer: text('payer'), owner: text('owner') },
      carc: parameter(input, 'carc')?.valueCode,
      step: parameter(input, 'step')?.valueCode,
      olderThan: wholeOf(call, 'olderThan', { least: 0 }),
      isWithSnoozed: parameter(input, 'snoozed')?.valueBoolean === true,
    });
    const page = rows.slice(offset, offset + count);
    const open = sum(rows.map((r) => r.recoverable));
    const next = offset + count < rows.length ? [{ name: 'next', valueInteger: offset + count }] : [];
    const told = decided('denials', 'Task', `${rows.length} denials, ${toText(open)} open`);
    return {
      resourceType: 'Parameters',
      parameter: [
        { name: 'total', valueInteger: rows.length },
        { name: 'recoverable', valueMoney: toMoney(open) },
        { name: 'expected', valueMoney: toMoney(sum(rows.map((r) => r.expected))) },
        ...page.map((row) => ({ name: 'item', part: partsOf(row) })),
        ...next,
        { name: 'outcome', resource: toOutcome([told]) },
      ],
    };
  },
};

const ten_thousand = 10_000;

function partsOf(row: DenialRow): ParametersParameter[] {
  const { task, claim, carc, guide, seen, deadline } = row;
  const due = task.restriction?.period?.end;
  const snoozed = snoozedUntil(task);
  const assignee = assigneeOf(task);
  const label = reasonLabel(carc);
  const from =
    seen.over === 0
      ? `assumed: ${guide.odds.toString()} of 100`
      : `${seen.won.toString()} of ${seen.over.toString()} such denials were recovered, with ${guide.odds.toString()} of 100 assumed before`;
  return [
    { name: 'task', valueReference: { reference: referenceText(task) } },
    { name: 'claim', valueReference: { reference: referenceText(claim) } },
    ...(task.for ? [{ name: 'patient', valueReference: task.for }] : []),
    ...(row.payer === '' ? [] : [{ name: 'payer', valueReference: { reference: row.payer } }]),
    {
      name: 'carc',
      valueCoding: { system: system.carc, code: carc, ...(label === undefined ? {} : { display: label }) },
    },
    ...row.remarks.map((code) => ({ name: 'remark', valueCode: code })),
    { name: 'recoverable', valueMoney: toMoney(row.recoverable) },
    { name: 'odds', valueDecimal: row.odds / ten_thousand },
    { name: 'oddsFrom', valueString: from },
    { name: 'expected', valueMoney: toMoney(row.expected) },
    ...(deadline === undefined ? [] : [{ name: 'deadline', valueDate: deadline }]),
    ...(due === undefined ? [] : [{ name: 'due', valueDate: due.slice(0, 10) }]),
    ...(snoozed === undefined ? [] : [{ name: 'snoozedUntil', valueDate: snoozed }]),
    ...(assignee === undefined ? [] : [{ name: 'assignee', valueReference: { reference: assignee } }]),
    { name: 'age', valueInteger: row.age },
    { name: 'step', valueCode: guide.step },
    { name: 'nextStep', valueString: guide.text },
    ...(guide.cause === '' ? [] : [{ name: 'cause', valueString: guide.cause }]),
    { name: 'desk', valueCode: guide.desk },
    ...guide.evidence.map((valueString) => ({ name: 'evidence', valueString })),
    ...row.remarkGuides.map((g) => ({ name: 'advice', valueString: `${g.code}: ${g.text}` })),
  ];
}
