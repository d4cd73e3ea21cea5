import { dateOfCms, headedReader, isService, type Layout, type RowValue } from './layout.ts';

/**
 * Edits of the National Correct Coding Initiative, as CMS publishes them every quarter. The files hold CPT codes and are
 * never shipped: a practice loads its own.
 * Layouts: https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits
 */

/** Pairs of services of which the second is not paid beside the first (PTP). Found by "first second". */
export interface PairEdit {
  readonly from: string;
  readonly before: string | undefined; // the first day on which it is not in force any more
  readonly bypass: 'never' | 'by-modifier' | 'not-active';
}

export const pairKey = (first: string, second: string): string => `${first} ${second}`;

const bypasses: Readonly<Record<string, PairEdit['bypass']>> = {
  '0': 'never',
  '1': 'by-modifier',
  '9': 'not-active',
};

export function pairEdit([from, before, indicator]: RowValue): PairEdit | undefined {
  const bypass = bypasses[String(indicator)];
  return typeof from === 'string' && bypass
    ? { from, before: typeof before === 'string' ? before : undefined, bypass }
    : undefined;
}

/** Column 1, column 2, in existence before 1996, effective, deleted, modifier indicator, rationale; separated by tabs. */
const pairs: Pick<Layout, 'reader'> = {
  reader: () => (cells) => {
    const [first = '', second = '', , effective = '', deleted = '', indicator = ''] = cells.map((c) =>
      c.trim(),
    );
    if (!isService(first) || !isService(second)) return [];
    const [from, before] = [dateOfCms(effective), dateOfCms(deleted)];
    if (typeof from !== 'string' || before === undefined || !(indicator in bypasses))
      return 'has no effective date, deletion date or modifier indicator';
    return [{ key: pairKey(first, second), value: [from, before, indicator] }];
  },
};

export const practitionerPairs: Layout = {
  title: 'NCCI procedure-to-procedure edits of practitioners',
  edits: 'pairs of services (NCCI PTP)',
  ...pairs,
};
export const outpatientPairs: Layout = {
  title: 'NCCI procedure-to-procedure edits of outpatient hospitals',
  edits: 'pairs of services (NCCI PTP)',
  ...pairs,
};

/** The most units of a service (MUE): on a line (1), on a day (2), on a day unless documented (3). Found by the code. */
export interface UnitEdit {
  readonly most: number;
  readonly adjudication: 1 | 2 | 3;
}

export const unitEdit = ([most, adjudication]: RowValue): UnitEdit | undefined =>
  typeof most === 'number' && (adjudication === 1 || adjudication === 2 || adjudication === 3)
    ? { most, adjudication }
    : undefined;

/** Code, value, adjudication indicator, rationale. */
const units: Pick<Layout, 'reader'> = {
  reader: () => (cells) => {
    const [code = '', most = '', adjudication = ''] = cells.map((c) => c.trim());
    if (!isService(code)) return [];
    const indicator = Number(adjudication.slice(0, 1));
    if (!/^\d{1,5}$/.test(most) || ![1, 2, 3].includes(indicator))
      return 'has no number of units or adjudication indicator';
    return [{ key: code, value: [Number(most), indicator] }];
  },
};

export const practitionerUnits: Layout = {
  title: 'NCCI medically unlikely edits of practitioners',
  edits: 'units of services (MUE)',
  ...units,
};
export const outpatientUnits: Layout = {
  title: 'NCCI medically unlikely edits of outpatient hospitals',
  edits: 'units of services (MUE)',
  ...units,
};
export const supplierUnits: Layout = {
  title: 'NCCI medically unlikely edits of suppliers of equipment',
  edits: 'units of supplies (MUE)',
  ...units,
};

/** A service that is paid beside another only: 1 beside those listed, 2 as the payer says, 3 some are listed. */
export interface AddOnEdit {
  readonly type: 1 | 2 | 3;
  readonly primary: string; // CCCCC where the payer says
  readonly from: string | undefined;
  readonly before: string | undefined;
}

export function addOnEdit([type, primary, from, before]: RowValue): AddOnEdit | undefined {
  if ((type !== 1 && type !== 2 && type !== 3) || typeof primary !== 'string') return undefined;
  const day = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return { type, primary, from: day(from), before: day(before) };
}

/**
 * The fixed-width text has the columns of the spreadsheet: add-on, its deletion, primary, its deletion, effective,
 * deleted, type. Dates that are not there are blank, so that of two dates the order tells which they are.
 */
const addOnLine = /^\s*([0-9A-Z]{5})\s*(\d{7})?\s*([0-9A-Z]{5})\s*((?:\d{7}\s*){1,3})([123])(?:\s.*)?$/;

function addOnCells(line: string): readonly string[] | undefined {
  const [, addOn, addOnDeleted, primary, days, type] = addOnLine.exec(line) ?? [];
  if (addOn === undefined || primary === undefined || type === undefined) return undefined;
  const [first = '', second = '', third] = days?.match(/\d{7}/g) ?? [];
  const dates =
    third !== undefined
      ? [first, second, third]
      : second === '' || first <= second
        ? ['', first, second]
        : [first, second, ''];
  return [addOn, addOnDeleted ?? '', primary, ...dates, type];
}
const addOnHeading = [
  'addoncode',
  'aocdeldt',
  'primarycode',
  'primarycodedeldt',
  'aocediteffdt',
  'aoceditdeldt',
  'aocedittype',
];

export const addOns: Layout = {
  title: 'NCCI add-on code edits',
  edits: 'add-on services',
  fixed: addOnCells,
  reader: () => {
    const headed = headedReader(
      {
        addOn: /^addoncode/,
        primary: /^primarycode(?!del)/,
        from: /^aocediteff/,
        before: /^aoceditdel/,
        addOnDeleted: /^aocdel/,
        primaryDeleted: /^primarycodedel/,
        type: /^aocedittype/,
      },
      ['addOn', 'primary', 'type'],
      (cell) => {
        const [addOn, primary, type] = [cell('addOn'), cell('primary'), Number(cell('type'))];
        if (!isService(addOn)) return [];
        const ends = [cell('before'), cell('addOnDeleted'), cell('primaryDeleted')].map(dateOfCms);
        const from = dateOfCms(cell('from'));
        if (![1, 2, 3].includes(type) || (!isService(primary) && primary !== 'CCCCC'))
          return 'has no type or no primary code';
        if (from === undefined || ends.includes(undefined)) return 'has a date that is none';
        const before = ends.filter((day) => typeof day === 'string').sort()[0] ?? null;
        return [{ key: addOn, value: [type, primary, from, before] }];
      },
    )();
    let isFirst = true;
    return (cells) => {
      // lines of fixed width come without a heading
      if (isFirst && isService(cells[0]?.trim() ?? '')) headed(addOnHeading);
      isFirst = false;
      return headed(cells);
    };
  },
};

/** Whether an edit of a span of days holds on a day: deleted on a day means not any more on it. */
export const holdsOn = (
  { from, before }: { readonly from: string | undefined; readonly before: string | undefined },
  on: string,
): boolean => (from === undefined || from <= on) && (before === undefined || on < before);
