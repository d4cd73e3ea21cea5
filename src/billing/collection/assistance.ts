import type { Basic, Extension, Organization, Patient, Reference } from '@medplum/fhirtypes';
import {
  add,
  basisPoints,
  centsOf,
  percentOf,
  percentUp,
  times,
  toMoney,
  zero,
  type Cents,
} from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';

/** What income gives what assistance, from a day on: a Basic of code income-table. */
export interface IncomeTable {
  readonly name: string; // Basic/1
  readonly from: string;
  readonly base: Cents; // a year's poverty line of one person
  readonly each: Cents; // for each further person
  /** Up to so many percent of the line, so much is given up, in basis points; the lowest first. */
  readonly steps: readonly { readonly upTo: number; readonly given: number }[];
}

/** The table that holds on a day, of the state before one for all; the latest. */
export function tableOn(
  rows: readonly Basic[],
  { state, day }: { readonly state: string | undefined; readonly day: string },
): IncomeTable | undefined {
  const found = rows.flatMap((row) => {
    const said = extensionOf(row, extension.incomeTable);
    const of = extensionOf(said, 'state')?.valueCode;
    const from = extensionOf(said, 'from')?.valueDate ?? '9999';
    const base = centsOf(extensionOf(said, 'base')?.valueMoney);
    const each = centsOf(extensionOf(said, 'each')?.valueMoney);
    if (from > day || base === undefined || each === undefined || (of !== undefined && of !== state))
      return [];
    const steps = extensionsOf(said, 'step').flatMap(({ valueString = '' }) => {
      const [upTo, given] = valueString.split(' ').map(Number);
      const points = basisPoints(given);
      return upTo === undefined || points === undefined || !(upTo > 0) ? [] : [{ upTo, given: points }];
    });
    const table = {
      name: `Basic/${row.id ?? ''}`,
      from,
      base,
      each,
      steps: steps.sort((a, b) => a.upTo - b.upTo),
    };
    return [{ own: of === undefined ? 0 : 1, table }];
  });
  return found.sort((a, b) => b.own - a.own || b.table.from.localeCompare(a.table.from))[0]?.table;
}

/** Income in percent of the poverty line of a household, rounded up: nobody is helped by the rounding. */
export const povertyPercent = ({ base, each }: IncomeTable, household: number, income: Cents): number =>
  percentUp(income, add(base, times(household - 1, each)));

/** What is given up at an income, in basis points. */
export const givenAt = ({ steps }: IncomeTable, percent: number): number =>
  steps.find(({ upTo }) => percent <= upTo)?.given ?? 0;

/** What a household said, and what the table gives for it. */
export interface Application {
  readonly account: string;
  readonly received: string;
  readonly household?: number | undefined;
  readonly income?: Cents | undefined;
  readonly presumed?: string | undefined;
  readonly table?: string | undefined;
  readonly povertyPercent?: number | undefined;
  readonly given: number; // basis points
}

/** The application as a Basic. */
export function applicationRecord(
  application: Application,
  of: { readonly patient: Reference<Patient>; readonly practice: Reference<Organization> },
): Basic {
  const { account, received, household, income, presumed, table, given } = application;
  const parts: Extension[] = [
    { url: 'account', valueReference: { reference: account } },
    { url: 'received', valueDate: received },
    ...(household === undefined ? [] : [{ url: 'household', valuePositiveInt: household }]),
    ...(income === undefined ? [] : [{ url: 'income', valueMoney: toMoney(income) }]),
    ...(presumed === undefined ? [] : [{ url: 'presumed', valueCode: presumed }]),
    ...(table === undefined ? [] : [{ url: 'table', valueReference: { reference: table } }]),
    ...(application.povertyPercent === undefined
      ? []
      : [{ url: 'povertyPercent', valueInteger: application.povertyPercent }]),
    { url: 'percent', valueDecimal: percentOf(given) },
    { url: 'status', valueCode: 'applied' },
  ];
  return {
    resourceType: 'Basic',
    code: concept(system.basic, 'financial-assistance'),
    subject: of.patient,
    author: of.practice,
    extension: [{ url: extension.financialAssistance, extension: parts }],
  };
}

export type AssistanceStatus = 'applied' | 'granted' | 'denied' | 'reversed';

/** What is written down of an application. */
export function readApplication(record: Basic) {
  const said = extensionOf(record, extension.financialAssistance);
  return {
    account: extensionOf(said, 'account')?.valueReference?.reference ?? '',
    status: extensionOf(said, 'status')?.valueCode ?? '',
    given: basisPoints(extensionOf(said, 'percent')?.valueDecimal) ?? 0,
    income: centsOf(extensionOf(said, 'income')?.valueMoney) ?? zero,
    /** The write-offs that were made, each with its number and its Invoice. */
    writeOffs: extensionsOf(said, 'writeOff').flatMap(({ valueString = '' }) => {
      const at = valueString.lastIndexOf(' ');
      return at < 0 ? [] : [{ reference: valueString.slice(0, at), invoice: valueString.slice(at + 1) }];
    }),
  };
}

/** The application with what was decided on it. */
export function decidedOn<T extends Basic>(
  record: T,
  of: {
    readonly status: AssistanceStatus;
    readonly on: string;
    readonly reason?: string | undefined;
    readonly writeOffs?: readonly string[];
  },
): T {
  const replaced = ['status', 'decided', 'reason'];
  const parts = (extensionOf(record, extension.financialAssistance)?.extension ?? []).filter(
    ({ url }) => !replaced.includes(url),
  );
  const all: Extension[] = [
    ...parts,
    { url: 'status', valueCode: of.status },
    { url: 'decided', valueDate: of.on },
    ...(of.reason === undefined || of.reason === '' ? [] : [{ url: 'reason', valueString: of.reason }]),
    ...(of.writeOffs ?? []).map((valueString) => ({ url: 'writeOff', valueString })),
  ];
  return changed(record, { extension: [{ url: extension.financialAssistance, extension: all }] });
}
