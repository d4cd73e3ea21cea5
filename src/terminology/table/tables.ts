import { diagnoses, exemptDiagnoses, services } from './codeLists.ts';
import { codeEditor } from './codeEditor.ts';
import { excludes1 } from './excludes1.ts';
import { feeSchedule } from './feeSchedule.ts';
import type { Layout } from './layout.ts';
import {
  addOns,
  outpatientPairs,
  outpatientUnits,
  practitionerPairs,
  practitionerUnits,
  supplierUnits,
} from './ncci.ts';
import { reasonTexts } from './reasonText.ts';

/** Every coding table that a practice may load, by the name it is loaded under. Add yours here. */
export const tables = {
  'ptp-practitioner': practitionerPairs,
  'ptp-outpatient': outpatientPairs,
  'mue-practitioner': practitionerUnits,
  'mue-outpatient': outpatientUnits,
  'mue-supplier': supplierUnits,
  'add-on': addOns,
  'fee-schedule': feeSchedule,
  icd10cm: diagnoses,
  'poa-exempt': exemptDiagnoses,
  hcpcs: services,
  mce: codeEditor,
  excludes1,
  'reason-text': reasonTexts,
} as const satisfies Readonly<Record<string, Layout>>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as TableName[];
export const isTableName = (name: string): name is TableName => Object.hasOwn(tables, name);
export const layoutOf = (name: TableName): Layout => tables[name];

/** The table that a file of CMS holds, by its name; undefined where its name says none that is known here. */
export function tableOfFile(file: string): TableName | undefined {
  const name = file.toLowerCase();
  return patterns.find(([pattern]) => pattern.test(name))?.[1];
}

const patterns: readonly (readonly [RegExp, TableName])[] = [
  [/ccipra|ptp.*prac/, 'ptp-practitioner'],
  [/cciop|ptp.*(outp|hosp|oph)/, 'ptp-outpatient'],
  [/mue.*prac/, 'mue-practitioner'],
  [/mue.*(outp|hosp|oph)/, 'mue-outpatient'],
  [/mue.*(dme|suppl)/, 'mue-supplier'],
  [/aoc[-_]?v?\d|add-?on/, 'add-on'],
  [/pprrvu.*\.(csv|zip)$/, 'fee-schedule'],
  [/poa.?exempt/, 'poa-exempt'],
  [/icd10cm.?order(?!.*addenda)/, 'icd10cm'],
  [/hcpc.*anweb/, 'hcpcs'],
  [/medicare.?code.?edit|\bmce\b|mce[-_]?v\d/, 'mce'],
  [/icd10cm.?tabular/, 'excludes1'],
  [/^(carc|rarc)\b|remark.?codes|adjustment.?reason/, 'reason-text'],
];
