import type { SQLInputValue } from 'node:sqlite';

/** The tables of index entries and their own columns; each row has the signature of its resource behind them. */
export const columns = {
  token: ['parameter', 'code', 'rid', 'system'],
  reference: ['target', 'parameter', 'rid'],
  date: ['rid', 'parameter', 'low', 'high'],
  string: ['rid', 'parameter', 'folded', 'exact'],
  quantity: ['rid', 'parameter', 'low', 'high', 'system', 'code'],
} as const;
export type Table = keyof typeof columns;

/** The values of the rows of each table, one row after the other. */
export type Rows = Record<Table, SQLInputValue[]>;
