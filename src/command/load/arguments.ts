import { isDate } from '../../datatypes/date.ts';

/** What the command line of `npm run load` asks for. */
export interface LoadOptions {
  readonly paths: readonly string[];
  readonly bill: boolean;
  readonly asOf: string; // 'visit', 'today' or a date
  readonly to?: string; // FHIR base of a running server
}

/** A command line that cannot be understood; the message says how it is written. */
export class UsageError extends Error {}

const usage = 'npm run load -- [--bill] [--as-of visit|today|DATE] [--to URL] FILE|FOLDER…';

/** Reads the arguments; throws UsageError. */
export function readArguments(words: readonly string[]): LoadOptions {
  const paths: string[] = [];
  let bill = false;
  let asOf = 'visit';
  let to: string | undefined;
  const rest = [...words];
  const valueOf = (name: string): string => {
    const value = rest.shift();
    if (value === undefined || value.startsWith('--'))
      throw new UsageError(`${name} needs a value\n${usage}`);
    return value;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--bill') bill = true;
    else if (word === '--as-of') asOf = valueOf(word);
    else if (word === '--to') to = valueOf(word);
    else if (word.startsWith('-')) throw new UsageError(`there is no option ${word}\n${usage}`);
    else paths.push(word);
  }
  if (paths.length === 0) throw new UsageError(`name a file or a folder\n${usage}`);
  if (!['visit', 'today'].includes(asOf) && !isDate(asOf)) {
    throw new UsageError(`--as-of takes visit, today or a date as 2026-01-31\n${usage}`);
  }
  if (to !== undefined && !/^https?:\/\/./.test(to)) throw new UsageError(`--to takes a URL\n${usage}`);
  return { paths, bill, asOf, ...(to === undefined ? {} : { to: to.replace(/\/+$/, '') }) };
}
