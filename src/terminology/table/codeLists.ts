import { dateOfCms, headedReader, isService, type Layout, type RowValue } from './layout.ts';

/** Newer years of code sets than are shipped, as their publishers offer them. */

/** What an edition of ICD-10-CM says of a code. */
export interface DiagnosisRow {
  readonly billable: boolean;
  readonly poaExempt: boolean | undefined; // undefined where the file does not say
}

export const diagnosisRow = ([billable, exempt]: RowValue): DiagnosisRow => ({
  billable: billable === 1,
  poaExempt: typeof exempt === 'number' ? exempt === 1 : undefined,
});

/** The order file: number, code, billable or header, descriptions; of fixed width. */
const orderLine = /^\d{5} ([A-Z0-9]{3,7}) +([01]) \S/;
const diagnosis = /^([A-TV-Z][0-9][0-9AB]|U[0-9][0-9])\.?[0-9A-Z]{0,4}$/;
const bare = (code: string): string => code.replace('.', '').toUpperCase();

export const diagnoses: Layout = {
  title: 'ICD-10-CM in tabular order of a fiscal year (icd10cm_order)',
  edits: 'diagnoses of the year (ICD-10-CM)',
  fixed: (line) => orderLine.exec(line)?.slice(1),
  reader: () => {
    const headed = headedReader(
      { code: /^(icd10cm)?code$/, billable: /^(billable|valid)/, exempt: /^poaexempt/ },
      ['code', 'billable'],
      (cell) => {
        const code = bare(cell('code'));
        if (!diagnosis.test(code)) return code === '' ? [] : 'has no code of ICD-10-CM';
        const flag = (text: string): number => (/^(1|y|yes|true)$/i.test(text) ? 1 : 0);
        const exempt = cell('exempt') === '' ? null : flag(cell('exempt'));
        return [{ key: code, value: [flag(cell('billable')), exempt] }];
      },
    )();
    return (cells) => {
      const [code = '', billable = ''] = cells;
      const isOrdered = cells.length === 2 && diagnosis.test(code) && /^[01]$/.test(billable);
      return isOrdered ? [{ key: code, value: [Number(billable), null] }] : headed(cells);
    };
  },
};

export const exemptDiagnoses: Layout = {
  title: 'ICD-10-CM codes exempt from present-on-admission reporting',
  edits: 'present-on-admission exemptions of the year',
  reader: () => (cells) => {
    const words = cells.flatMap((cell) => cell.trim().split(/\s+/).slice(0, 2));
    const code = words.slice(0, 2).find((word) => diagnosis.test(word));
    return code === undefined ? [] : [{ key: bare(code), value: [1] }];
  },
};

/** What an edition of HCPCS Level II says of a code or a modifier. */
export interface ServiceRow {
  readonly from: string | undefined;
  readonly through: string | undefined; // the last day it is valid on
  readonly isUnlisted: boolean;
  readonly isAddOn: boolean;
}

export function serviceRow([from, through, unlisted, addOn]: RowValue): ServiceRow {
  const day = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return { from: day(from), through: day(through), isUnlisted: unlisted === 1, isAddOn: addOn === 1 };
}

const serviceHeading = ['hcpc', 'recid', 'longdescription', 'adddt', 'termdt'];
const isUnlisted = (text: string): boolean =>
  /\b(unlisted|unclassified|miscellaneous|not (otherwise|elsewhere) classified|noc)\b/i.test(text);

const isAddOn = (text: string): boolean => /list separately in addition/i.test(text);

/** The annual file has lines of 320 characters; further lines of a code go on with its description. */
const serviceLine = (line: string): readonly string[] | undefined =>
  line.length >= 292 && /^.{10}[3478]/.test(line)
    ? [
        line.slice(0, 5).trim(),
        line.slice(10, 11),
        line.slice(11, 91).trim(),
        line.slice(268, 276),
        line.slice(284, 292),
      ]
    : undefined;

export const services: Layout = {
  title: 'HCPCS Level II of a year or quarter (HCPC…_ANWEB)',
  edits: 'services of the year (HCPCS Level II)',
  fixed: serviceLine,
  reader: () => {
    const headed = headedReader(
      {
        code: /^(hcpc|hcpcscode|code)$/,
        record: /^recid$/,
        text: /^longdescription$/,
        from: /^(adddt|dateadded)$/,
        through: /^(termdt|dateterm)$/,
      },
      ['code'],
      (cell) => {
        const code = cell('code').toUpperCase();
        if (/^[48]$/.test(cell('record')) || code === '') return [];
        if (!isService(code) && !/^[0-9A-Z]{2}$/.test(code)) return 'has no code of HCPCS';
        const [from, through] = [dateOfCms(cell('from')), dateOfCms(cell('through'))];
        if (from === undefined || through === undefined) return 'has a date that is none';
        const text = cell('text');
        return [
          { key: code, value: [from, through, isUnlisted(text) ? 1 : 0, ...(isAddOn(text) ? [1] : [])] },
        ];
      },
    )();
    let isFirst = true;
    return (cells) => {
      if (isFirst && cells.length === serviceHeading.length && /^[3478]$/.test(cells[1] ?? ''))
        headed(serviceHeading);
      isFirst = false;
      return headed(cells);
    };
  },
};
