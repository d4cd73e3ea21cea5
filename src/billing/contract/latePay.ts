import type { Basic, Claim, Task, TaskOutput } from '@medplum/fhirtypes';
import { centsOf, interestOf, subtract, sum, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { addDays, contains, daysBetween, dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { extension, system } from '../../terminology/system.ts';

/** In how many days a payer has to pay, and what it owes for each day after: a row of the table, a Basic of code prompt-pay. */
export interface PromptPay {
  readonly payer: string | undefined; // Organization/1; none: every payer of the state
  readonly state: string | undefined; // none: wherever the practice is
  readonly start: string;
  readonly end: string | undefined;
  readonly days: number;
  readonly rate: number; // thousandths of a percent, a year of 365 days
}

/** The rows of the table that make sense; another one counts for nothing. */
export const promptPayRows = (rows: readonly Basic[]): PromptPay[] =>
  rows.flatMap((row) => {
    const said = extensionOf(row, extension.promptPay);
    const part = (name: string) => extensionOf(said, name);
    const days = part('days')?.valuePositiveInt;
    const percent = part('rate')?.valueDecimal;
    const period = part('period')?.valuePeriod;
    const [payer, state] = [part('payer')?.valueReference?.reference, part('state')?.valueCode];
    if (days === undefined || percent === undefined || percent < 0 || percent > 100) return [];
    if (payer === undefined && state === undefined) return [];
    return [
      {
        ...{ payer, state, days, rate: Math.round(percent * 1000) },
        start: dateOf(period?.start ?? ''),
        end: period?.end === undefined ? undefined : dateOf(period.end),
      },
    ];
  });

/** The row for a claim: that of its payer before that of the state, the latest first day first. */
export function promptPayOn(
  rows: readonly PromptPay[],
  of: { readonly payer: string; readonly state: string | undefined; readonly day: string },
): PromptPay | undefined {
  const held = rows.filter(
    ({ payer, state, start, end }) =>
      (payer === undefined || payer === of.payer) &&
      (state === undefined || state === of.state) &&
      contains({ start, ...(end === undefined ? {} : { end }) }, of.day),
  );
  const rank = ({ payer, state }: PromptPay): number =>
    (payer === undefined ? 0 : 2) + (state === undefined ? 0 : 1);
  return held.sort((a, b) => rank(b) - rank(a) || b.start.localeCompare(a.start))[0];
}

/** What a payer paid on a claim, when, and what it says of interest. */
export interface Payment {
  readonly amount: Cents;
  readonly on: string;
  readonly interest: Cents; // AMT*I
}

/** What came late of a claim. */
export interface Late {
  readonly paid: Cents; // after the last day
  readonly interest: Cents; // owed for it
  readonly received: Cents; // of interest
}

/** The last day on which a payer pays in time a claim that it got on a day. */
export const payDue = ({ days }: PromptPay, receivedOn: string): string => addDays(receivedOn, days);

/** What of the payments came after the last day, and the interest on each for the days it was late. Billing rule 57. */
export function lateOf(row: PromptPay, due: string, payments: readonly Payment[]): Late {
  const late = payments.filter(({ amount, on }) => amount > 0 && on > due);
  return {
    paid: sum(late.map(({ amount }) => amount)),
    interest: sum(late.map(({ amount, on }) => interestOf(row.rate, daysBetween(due, on), amount))),
    received: sum(payments.map(({ interest }) => interest)),
  };
}

/** What is still owed of the interest. */
export const interestOpen = ({ interest, received }: Late): Cents =>
  received >= interest ? zero : subtract(interest, received);

const names = ['paid', 'interest', 'received'] as const;

/** What came late of a claim, kept beside it: a Task that no plain write makes or changes. */
export const lateTask = (claim: Claim & { id: string }, late: Late): Task => ({
  resourceType: 'Task',
  ...(claim.meta?.security ? { meta: { security: claim.meta.security } } : {}),
  status: 'completed',
  intent: 'order',
  code: concept(system.task, 'late-paid'),
  description: 'what the payer paid late, the interest owed for it, and what of that was received',
  focus: { reference: referenceText(claim) },
  for: claim.patient,
  owner: { reference: claim.provider.reference?.split('/_history/')[0] ?? '' },
  ...(claim.insurer ? { requester: claim.insurer } : {}),
  authoredOn: dateOf(claim.created),
  output: lateOutputs(late),
});

export const lateOutputs = (late: Late): TaskOutput[] =>
  names.map((name) => ({
    id: name,
    type: { ...concept(system.task, 'late-paid'), text: name },
    valueMoney: toMoney(late[name]),
  }));

export const lateIn = ({ output = [] }: Task): Late => {
  const of = (name: string): Cents => centsOf(output.find(({ id }) => id === name)?.valueMoney) ?? zero;
  return { paid: of('paid'), interest: of('interest'), received: of('received') };
};
