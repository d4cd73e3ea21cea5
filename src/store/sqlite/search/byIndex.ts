import type { Condition } from './condition.ts';
import { sqlFragment, type SqlFragment } from './sqlFragment.ts';

/** Rows by value: tokens, references and URIs, in order of rid where one value is asked for. */
export const byValue = (table: 'token' | 'reference', where: SqlFragment, isOne = true): Condition => ({
  accessPaths: [{ from: sqlFragment(`${table} d`), where, ordered: isOne, hasSignature: true }],
  test: (at) =>
    isOne
      ? sqlFragment(`EXISTS (SELECT 1 FROM ${table} WHERE rid = ${at} AND ${where.sql})`, ...where.values)
      : sqlFragment(`${at} IN (SELECT rid FROM ${table} WHERE ${where.sql})`, ...where.values),
  cost: 1,
});

/** Rows by resource: dates, strings, numbers and quantities, found through an index. */
export const byResource = (
  table: 'date' | 'string' | 'quantity',
  where: SqlFragment,
  index: string | undefined,
): Condition => ({
  ...(index === undefined
    ? {}
    : {
        accessPaths: [
          { from: sqlFragment(`${table} d INDEXED BY ${index}`), where, ordered: false, hasSignature: true },
        ],
      }),
  test: (at) =>
    sqlFragment(`EXISTS (SELECT 1 FROM ${table} WHERE rid = ${at} AND ${where.sql})`, ...where.values),
  cost: 1,
});

/** True for the candidate that has a row of a parameter. */
export const hasRow = (table: 'date' | 'string' | 'quantity', no: number, at: string): SqlFragment =>
  sqlFragment(`EXISTS (SELECT 1 FROM ${table} WHERE rid = ${at} AND parameter = ?)`, no);

/** Rows of a parameter that meet a condition. */
export const and = (no: number, { sql, values }: SqlFragment): SqlFragment =>
  sqlFragment(`parameter = ? AND ${sql}`, no, ...values);

/** What comes after every text that starts with this one. */
export const beyond = (text: string): string => `${text}\u{10ffff}`;
