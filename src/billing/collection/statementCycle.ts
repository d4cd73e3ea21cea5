import type { Account, Extension, Organization } from '@medplum/fhirtypes';
import { cents, centsOf, type Cents } from '../../datatypes/cents.ts';
import { addDays } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed, without } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';

/** How a practice sends statements. Billing rule 76 gives what is not said. */
export interface StatementSettings {
  readonly isOn: boolean; // sends by itself; off unless the practice says so
  readonly days: readonly number[]; // of each statement, from the first; the last of them is the final notice
  readonly preCollection: number; // days from the first statement until a person decides what is next
  readonly minimum: Cents; // below it nothing is sent
  readonly dueDays: number; // to pay
  readonly payAt?: string | undefined; // where one pays by web
  readonly assistance?: string | undefined; // where financial assistance is told of
}

const usual: StatementSettings = {
  isOn: false,
  days: [0, 30, 60, 90],
  preCollection: 120,
  minimum: cents(500),
  dueDays: 25,
};

export function statementSettings(practice: Pick<Organization, 'extension'> | undefined): StatementSettings {
  const said = extensionOf(practice, extension.statementSettings);
  const part = (url: string): Extension | undefined => extensionOf(said, url);
  const days = (said?.extension ?? [])
    .filter(({ url }) => url === 'day')
    .flatMap(({ valueUnsignedInt }) => valueUnsignedInt ?? [])
    .sort((a, b) => a - b);
  const [first = 0] = days;
  return {
    isOn: part('active')?.valueBoolean ?? usual.isOn,
    days: days.length === 0 ? usual.days : days.map((day) => day - first),
    preCollection: part('pre-collection')?.valueUnsignedInt ?? usual.preCollection,
    minimum: centsOf(part('minimum')?.valueMoney) ?? usual.minimum,
    dueDays: part('due-days')?.valueUnsignedInt ?? usual.dueDays,
    payAt: part('pay-at')?.valueUrl,
    assistance: part('assistance')?.valueUrl,
  };
}

/** How far the statements of an Account are: extension `statement-cycle`. */
export interface Cycle {
  readonly level: number; // of the statement that was sent last; one more than there are: handed to a person
  readonly first: string; // the day of the first
  readonly next?: string; // the day from which on the next step is due; none: there is none
}

export function cycleOf(account: Pick<Account, 'extension'>): Cycle | undefined {
  const said = extensionOf(account, extension.statementCycle);
  const level = extensionOf(said, 'level')?.valuePositiveInt;
  const first = extensionOf(said, 'first')?.valueDate;
  const next = extensionOf(said, 'next')?.valueDate;
  if (level === undefined || first === undefined) return undefined;
  return { level, first, ...(next === undefined ? {} : { next }) };
}

/** The Account with its cycle said anew, or without one where nothing is owed any longer. */
export function withCycle<T extends Account>(account: T, cycle: Cycle | undefined): T {
  const others = (account.extension ?? []).filter(({ url }) => url !== extension.statementCycle);
  if (!cycle && others.length === 0) return without(account, 'extension') as T;
  if (!cycle) return changed(account, { extension: others });
  const { level, first, next } = cycle;
  const said: Extension = {
    url: extension.statementCycle,
    extension: [
      { url: 'level', valuePositiveInt: level },
      { url: 'first', valueDate: first },
      ...(next === undefined ? [] : [{ url: 'next', valueDate: next }]),
    ],
  };
  return changed(account, { extension: [...others, said] });
}

/** The next step of a cycle: nothing yet, an end, a statement of a level, or that a person takes over. */
export type Step =
  | { readonly kind: 'wait' }
  | { readonly kind: 'end' }
  | { readonly kind: 'send' | 'hand-over'; readonly cycle: Cycle };

/**
 * What is to be done on a day. Intervals count from the statement before, so that a server that stood still does not
 * send two at once. When all that was asked for is paid, newer Invoices begin a cycle of their own.
 */
export function stepOn(
  known: Cycle | undefined,
  { due, oldest }: { readonly due: Cents; readonly oldest: string },
  settings: StatementSettings,
  on: string,
): Step {
  if (due <= 0) return known ? { kind: 'end' } : { kind: 'wait' };
  if (due < settings.minimum) return { kind: 'wait' };
  const cycle = known !== undefined && oldest > known.first ? undefined : known;
  const { days, preCollection } = settings;
  if (!cycle) return { kind: 'send', cycle: { level: 1, first: on, ...after(1, on) } };
  if (cycle.next === undefined || cycle.next > on) return { kind: 'wait' };
  const level = cycle.level + 1;
  if (level > days.length) return { kind: 'hand-over', cycle: { level, first: cycle.first } };
  return { kind: 'send', cycle: { level, first: cycle.first, ...after(level, on) } };

  /** When the step after a level is due: the day of that level counted from this one. */
  function after(sent: number, from: string): { next: string } {
    const here = days[sent - 1] ?? 0;
    const there = days[sent] ?? Math.max(preCollection, here);
    return { next: addDays(from, Math.max(1, there - here)) };
  }
}
