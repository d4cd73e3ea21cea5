import type { Basic, Extension } from '@medplum/fhirtypes';
import { add, centsOf, subtract, toMoney, toText, zero, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, updateResource } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, openingKey, reserveKey } from '../uniqueKey.ts';
import { sides, type OpeningHead, type Totals } from './toLoad.ts';

type Stored<T> = T & { id: string };

/** What a practice takes over from one former system: its control totals, and what of them is loaded. */
export interface Opening {
  readonly record: Stored<Basic>;
  readonly date: string;
  readonly control: Totals;
  readonly loaded: Totals;
  readonly closed: string | undefined; // when
}

export const nothing: Totals = { insurance: zero, patient: zero, credit: zero };

/** The opening that was begun; undefined where there is none. */
export async function openingOf({ tx }: Pick<Call, 'tx'>, head: OpeningHead): Promise<Opening | undefined> {
  const record = await holderOf(tx, openingKey(head.practice, head.source));
  return record && read(record);
}

function read(record: Stored<Basic>): Opening {
  const said = extensionOf(record, extension.opening);
  const totals = (nameOf: (side: keyof Totals) => string): Totals => {
    const of = (side: keyof Totals): Cents => centsOf(extensionOf(said, nameOf(side))?.valueMoney) ?? zero;
    return { insurance: of('insurance'), patient: of('patient'), credit: of('credit') };
  };
  return {
    record,
    date: extensionOf(said, 'date')?.valueDate ?? '',
    control: totals((side) => side),
    loaded: totals(loadedName),
    closed: extensionOf(said, 'closed')?.valueInstant,
  };
}

const loadedName = (side: keyof Totals): string => `loaded${side.charAt(0).toUpperCase()}${side.slice(1)}`;

const saying = (opening: Omit<Opening, 'record'>): Extension => ({
  url: extension.opening,
  extension: [
    { url: 'date', valueDate: opening.date },
    ...sides.map((side) => ({ url: side, valueMoney: toMoney(opening.control[side]) })),
    ...sides.map((side) => ({ url: loadedName(side), valueMoney: toMoney(opening.loaded[side]) })),
    ...(opening.closed === undefined ? [] : [{ url: 'closed', valueInstant: opening.closed }]),
  ],
});

/** Begins an opening with what the reports of the former system say. */
export async function beginOpening(
  { context, tx, on }: Call,
  { practice, source, date, control }: OpeningHead,
): Promise<Opening> {
  const said = { date, control, loaded: nothing, closed: undefined };
  const record = await createResource<Basic>(context, tx, {
    resourceType: 'Basic',
    identifier: [{ system: system.formerSystem, value: source }],
    code: concept(system.basic, 'opening'),
    subject: { reference: practice },
    author: { reference: practice }, // whose people see it
    created: on,
    extension: [saying(said)],
  });
  await reserveKey(tx, openingKey(practice, source), `Basic/${record.id}`);
  return { ...said, record };
}

/** Writes how far an opening has come. */
export async function saveOpening({ context, tx }: Call, opening: Opening): Promise<Opening> {
  const record = await updateResource<Basic>(
    context,
    tx,
    changed(opening.record, { id: opening.record.id, extension: [saying(opening)] }),
  );
  return { ...opening, record: changed(record, { id: opening.record.id }) };
}

export const sameTotals = (a: Totals, b: Totals): boolean => sides.every((side) => a[side] === b[side]);

export const more = (totals: Totals, [side, amount]: readonly [keyof Totals, Cents]): Totals => ({
  ...totals,
  [side]: add(totals[side], amount),
});
export const less = (totals: Totals, [side, amount]: readonly [keyof Totals, Cents]): Totals => ({
  ...totals,
  [side]: subtract(totals[side], amount),
});

const named = {
  insurance: 'what payers owe',
  patient: 'what patients owe',
  credit: 'what is credit',
} as const;
const at = (side: keyof Totals): string => `Parameters.parameter.where(name='${side}Total').value`;

/** 422 where more is loaded than the reports say, or where it is closed and is not the same: both figures are named. */
export function requireTotals(loaded: Totals, control: Totals, close: boolean): void {
  const faults = sides
    .filter((side) => (close ? loaded[side] !== control[side] : loaded[side] > control[side]))
    .map((side) =>
      businessFault(
        close ? 'opening-not-balanced' : 'opening-above-control',
        at(side),
        `${named[side]} is ${toText(loaded[side])} by the parts and ${toText(control[side])} by the reports`,
      ),
    );
  if (faults.length > 0) throw unprocessable(faults);
}

/** 409 where a call says of an opening that was begun what it did not say when it was. */
export function requireSameHead(opening: Opening, { date, control, restate }: OpeningHead): void {
  if (opening.date !== date) {
    const text = `the opening was begun for ${opening.date}: its day does not change`;
    throw conflict('opening-differs', text, "Parameters.parameter.where(name='date').value");
  }
  if (sameTotals(opening.control, control) || (restate && opening.closed === undefined)) return;
  const [side] = sides.filter((s) => opening.control[s] !== control[s]);
  const was = side === undefined ? zero : opening.control[side];
  const text =
    opening.closed === undefined
      ? `the opening was begun with ${toText(was)}: restate true says it anew`
      : `the opening was closed with ${toText(was)}`;
  throw conflict('opening-differs', text, at(side ?? 'insurance'));
}
