import { isDate } from '../../datatypes/date.ts';

/** What the command line of `npm run payer` asks for. */
export interface PayerOptions {
  readonly address: string; // file:///acme or sftp://user@host/path, as the practice's Endpoint has it
  readonly hostKeys: readonly string[];
  readonly secret?: string;
  readonly books: string; // folder
  readonly holdings: readonly string[]; // files
  readonly days: number; // from the receipt of a claim to its payment
  readonly date?: string;
  readonly seconds: number; // between two looks
  readonly once: boolean;
}

/** A command line that cannot be understood; the message says how it is written. */
export class UsageError extends Error {}

const usage =
  'npm run payer -- ADDRESS [--once] [--seconds N] [--days N] [--date DATE] [--books FOLDER] [--holdings FILE]… [--host-key KEY]… [--secret NAME]';

/** Reads the arguments; throws UsageError. */
export function readPayerArguments(words: readonly string[]): PayerOptions {
  const found: Record<string, string[]> = {};
  const addresses: string[] = [];
  const rest = [...words];
  let once = false;
  const known = ['--seconds', '--days', '--date', '--books', '--holdings', '--host-key', '--secret'];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--once') once = true;
    else if (known.includes(word)) {
      const value = rest.shift();
      if (value === undefined) throw new UsageError(`${word} needs a value\n${usage}`);
      (found[word] ??= []).push(value);
    } else if (word.startsWith('-')) throw new UsageError(`there is no option ${word}\n${usage}`);
    else addresses.push(word);
  }
  const [address, ...more] = addresses;
  if (address === undefined || more.length > 0) throw new UsageError(`name one address\n${usage}`);
  const last = (name: string): string | undefined => found[name]?.at(-1);
  const secret = last('--secret');
  const date = last('--date');
  if (date !== undefined && !isDate(date))
    throw new UsageError(`--date takes a date as 2026-01-31\n${usage}`);
  const whole = (name: string, usual: number): number => {
    const value = last(name) ?? String(usual);
    if (!/^\d{1,4}$/.test(value)) throw new UsageError(`${name} takes a whole number\n${usage}`);
    return Number(value);
  };
  return {
    ...{ address, once, books: last('--books') ?? 'data/payer' },
    hostKeys: found['--host-key'] ?? [],
    holdings: found['--holdings'] ?? [],
    ...(secret === undefined ? {} : { secret }),
    ...(date === undefined ? {} : { date }),
    days: whole('--days', 0),
    seconds: Math.max(1, whole('--seconds', 5)),
  };
}
