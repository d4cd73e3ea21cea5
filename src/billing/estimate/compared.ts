import type { Claim, Task, TaskOutput } from '@medplum/fhirtypes';
import { centsOf, subtract, sum, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { system } from '../../terminology/system.ts';
import { appointmentOf, isGoodFaith } from './goodFaith.ts';

/** A visit whose bill is held against an estimate. */
export interface BilledVisit {
  readonly day: string;
  readonly appointments: readonly string[]; // Appointment/1
  readonly codes: ReadonlySet<string>; // of the services that are billed
  readonly isInsured: boolean; // what a payer left is billed
}

/** Above its good-faith estimate by so much, a bill may be disputed. 45 CFR 149.620(a)(2) */
export const disputedFrom = 40_000;

/** Calendar days from the bill in which the patient may start the dispute. 45 CFR 149.620(c)(1) */
export const disputeDays = 120;

/**
 * The estimate that a bill is held against: the last one given for an appointment of the visit, else for its day and at
 * least one of its services. What is billed without a payer is held against good-faith estimates, the rest against those
 * of what an insured patient owes.
 */
export function estimateOf<T extends Claim>(estimates: readonly T[], visit: BilledVisit): T | undefined {
  const fitting = estimates.filter(
    (one) =>
      one.status === 'active' &&
      isGoodFaith(one) !== visit.isInsured &&
      one.created.slice(0, 10) <= visit.day,
  );
  const isForIt = (one: Claim): boolean => {
    const appointment = appointmentOf(one);
    return appointment !== undefined && visit.appointments.includes(appointment);
  };
  const isOfDay = (one: Claim): boolean => {
    const { start = '', end = start } = one.billablePeriod ?? {};
    const isForOther = appointmentOf(one) !== undefined && visit.appointments.length > 0;
    const codes = (one.item ?? []).flatMap(
      ({ productOrService }) => productOrService.coding?.[0]?.code ?? [],
    );
    return (
      !isForOther && start <= visit.day && visit.day <= end && codes.some((code) => visit.codes.has(code))
    );
  };
  const last = (all: readonly T[]): T | undefined =>
    [...all].sort((a, b) => (whenOf(a) < whenOf(b) ? 1 : -1))[0];
  return last(fitting.filter(isForIt)) ?? last(fitting.filter(isOfDay));
}

const whenOf = ({ created, meta }: Claim): string => `${created}|${meta?.lastUpdated ?? ''}`;

/** What was billed for one thing: the key of its bill, and the Invoice where one asks for it. */
export interface BilledPart {
  readonly of: string; // Encounter/1 or ExplanationOfBenefit/1
  readonly invoice: string | undefined; // Invoice/1
  readonly amount: Cents;
}

export interface Comparison {
  readonly estimated: Cents;
  readonly parts: readonly BilledPart[];
}

export const billedIn = ({ parts }: Comparison): Cents => sum(parts.map(({ amount }) => amount));
export const differenceIn = (comparison: Comparison): Cents =>
  subtract(billedIn(comparison), comparison.estimated);

/** The comparison with what is billed now, in the place of an earlier bill for the same. */
export const withBill = ({ estimated, parts }: Comparison, part: BilledPart): Comparison => ({
  estimated,
  parts: [...parts.filter(({ of }) => of !== part.of), part],
});

/** The comparison without an Invoice that was cancelled. */
export const withoutInvoice = ({ estimated, parts }: Comparison, cancelled: string): Comparison => ({
  estimated,
  parts: parts.filter(({ invoice }) => invoice !== cancelled),
});

const outputOf = (name: string, text: string, amount: Cents, invoice?: string): TaskOutput => ({
  ...(invoice === undefined ? {} : { id: invoice.slice('Invoice/'.length) }),
  type: { ...concept(system.task, name), text },
  valueMoney: toMoney(amount),
});

/** What was billed against an estimate, kept beside it: the estimate stays as it was given. */
export const comparisonTask = (
  estimate: Claim & { id: string },
  comparison: Comparison,
  on: string,
): Task => ({
  resourceType: 'Task',
  ...(estimate.meta?.security ? { meta: { security: estimate.meta.security } } : {}),
  status: 'completed',
  intent: 'order',
  code: concept(system.task, 'estimate-compared'),
  description: 'what was estimated, what was billed, and the difference',
  focus: { reference: referenceText(estimate) },
  for: estimate.patient,
  owner: { reference: estimate.provider.reference ?? '' },
  authoredOn: on,
  output: outputsOf(comparison),
});

export const outputsOf = (comparison: Comparison): TaskOutput[] => [
  outputOf('estimated', 'estimated', comparison.estimated),
  ...comparison.parts.map(({ of, invoice, amount }) => outputOf('billed', of, amount, invoice)),
  outputOf('difference', 'difference', differenceIn(comparison)),
];

export const comparisonOf = ({ output = [] }: Task): Comparison => {
  const of = (name: string): TaskOutput[] =>
    output.filter(({ type }) => type.coding?.some(({ code }) => code === name) === true);
  return {
    estimated: centsOf(of('estimated')[0]?.valueMoney) ?? zero,
    parts: of('billed').map(({ id, type, valueMoney }) => ({
      of: type.text ?? '',
      invoice: id === undefined ? undefined : `Invoice/${id}`,
      amount: centsOf(valueMoney) ?? zero,
    })),
  };
};
