import { dateOfCms, headedReader, type Layout, type RowValue } from './layout.ts';

/**
 * Texts of claim adjustment reason codes (CARC, of X12) and remittance advice remark codes (RARC, of CMS). The texts of
 * the former are not shipped: a practice loads what it is licensed for. A CSV with the columns code and description,
 * of both lists or of one: the form of a code tells which it is of.
 */
export interface ReasonText {
  readonly text: string;
  readonly from: string | undefined; // FHIR date
  readonly before: string | undefined; // the day it ends on
}

export function reasonText([text, from, before]: RowValue): ReasonText | undefined {
  const day = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return typeof text === 'string' ? { text, from: day(from), before: day(before) } : undefined;
}

/** Remark codes begin with M, MA or N; no reason code does. */
export const isRemark = (code: string): boolean => /^(MA?|N)\d{1,4}$/.test(code);
const isReason = (code: string): boolean => /^(\d{1,3}|[ABDPWY]\d{1,2})$/.test(code);

export const reasonTexts: Layout = {
  title: 'texts of reason and remark codes (CARC, RARC) as CSV',
  edits: 'texts of reason and remark codes',
  reader: headedReader(
    {
      code: /^(code|carc|rarc|carccode|rarccode|reasoncode|remarkcode|remittanceadviceremarkcode)$/,
      text: /^(description|text|narrative|codedescription|message)$/,
      from: /^(start|startdate|effectivedate|effective)$/,
      through: /^(end|enddate|stop|stopdate|deactivationdate|terminationdate|termination)$/,
    },
    ['code', 'text'],
    (cell) => {
      const code = cell('code').toUpperCase();
      if (!isRemark(code) && !isReason(code)) return []; // groups, notes
      const [from, through] = [dateOfCms(cell('from')), dateOfCms(cell('through'))];
      if (cell('text') === '') return 'has no text';
      if (from === undefined || through === undefined) return 'has a date that is none';
      return [{ key: code, value: [cell('text').replace(/\s+/g, ' '), from, through] }];
    },
  ),
};
