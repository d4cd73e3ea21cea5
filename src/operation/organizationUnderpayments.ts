import type { Parameters, ParametersParameter, Task } from '@medplum/fhirtypes';
import { expectedOf, standingOf } from '../billing/contract/feeContract.ts';
import { lateIn } from '../billing/contract/latePay.ts';
import { add, sum, toMoney, toText, zero, type Cents } from '../datatypes/cents.ts';
import { isDate } from '../datatypes/date.ts';
import { find, readResource } from '../interaction/repository.ts';
import { badRequest } from '../outcome/fhirError.ts';
import { decided, toOutcome } from '../outcome/issue.ts';
import { system } from '../terminology/system.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';

interface Row {
  claims: number;
  expected: Cents;
  found: Cents;
  recovered: Cents;
  open: Cents;
  over: Cents;
  late: Cents; // paid after the last day
  interest: Cents; // owed for it
  received: Cents; // of interest
}

/** GET [base]/Organization/[id]/$underpayments: by payer, what was expected, found missing, recovered, and is open. */
export const organizationUnderpayments: Operation = {
  definition: operationDefinition('Organization-underpayments'),
  permission: 'report',
  async run(call): Promise<Parameters> {
    const { tx, target, context } = call;
    requireOwnPractice(context, target.id ?? '');
    await readResource(tx, 'Organization', target.id ?? '');
    const [start, end] = [dayInput(call, 'start'), dayInput(call, 'end')];
    const keptOf = (code: string): Promise<Task[]> =>
      find<Task>(tx, 'Task', {
        code: `${system.task}|${code}`,
        owner: `Organization/${target.id ?? ''}`,
        'authored-on': [`ge${start}`, `le${end}`],
      });
    const kept = await keptOf('payment-expected');
    const rows = new Map<string, Row>();
    for (const task of kept) count(rows, task);
    for (const task of await keptOf('late-paid')) countLate(rows, task);
    const all = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
    const total = (name: 'open' | 'recovered'): string => toText(sum(all.map(([, row]) => row[name])));
    const told = `${kept.length} claims: ${total('open')} missing, ${total('recovered')} recovered`;
    return {
      resourceType: 'Parameters',
      parameter: [
        ...all.map(([payer, row]) => ({ name: 'payer', part: partsOf(payer, row) })),
        { name: 'outcome', resource: toOutcome([decided('underpayments', 'Task', told)]) },
      ],
    };
  },
};

function dayInput({ input }: Call, name: 'start' | 'end'): string {
  const day = parameter(input, name)?.valueDate ?? '';
  if (isDate(day)) return day;
  const at = `Parameters.parameter.where(name='${name}').value`;
  throw badRequest('malformed-value', `${name} must be a full date`, at);
}

function rowOf(rows: Map<string, Row>, task: Task): Row {
  const payer = task.requester?.reference?.split('/_history/')[0] ?? '';
  const row = rows.get(payer) ?? {
    ...{ claims: 0, expected: zero, found: zero, recovered: zero, open: zero, over: zero },
    ...{ late: zero, interest: zero, received: zero },
  };
  rows.set(payer, row);
  return row;
}

function countLate(rows: Map<string, Row>, task: Task): void {
  const row = rowOf(rows, task);
  const { paid, interest, received } = lateIn(task);
  row.late = add(row.late, paid);
  row.interest = add(row.interest, interest);
  row.received = add(row.received, received);
}

function count(rows: Map<string, Row>, task: Task): void {
  const row = rowOf(rows, task);
  const standing = standingOf(task);
  row.claims += 1;
  row.expected = add(row.expected, sum(expectedOf(task).map((line) => line.amount)));
  row.found = add(row.found, standing?.found ?? zero);
  row.recovered = add(row.recovered, standing?.recovered ?? zero);
  row.open = add(row.open, standing?.short ?? zero);
  row.over = add(row.over, standing?.over ?? zero);
}

const partsOf = (payer: string, row: Row): ParametersParameter[] => [
  { name: 'organization', valueReference: { reference: payer } },
  { name: 'claims', valueInteger: row.claims },
  ...(['expected', 'found', 'recovered', 'open', 'over', 'late', 'interest', 'received'] as const).map(
    (name) => ({
      name,
      valueMoney: toMoney(row[name]),
    }),
  ),
];
