import { shippedText } from './codeSystem.ts';
import { editionOn, type Edition } from './edition.ts';

/**
 * Diagnoses: ICD-10-CM of NCHS and CMS, public; the shipped FY2022 compilation is CC BY 4.0 (see NOTICE).
 * Codes are compared without the dot. Kept as sorted records of eight bytes: seven of the code, one of its kind.
 */
export interface Icd10cmEdition extends Edition {
  readonly file: string;
}

/** Every edition that is shipped. A newer one is a file made by script/makeCodeSets.ts and a line here. */
const icd10cmEditions: readonly [Icd10cmEdition, ...Icd10cmEdition[]] = [
  { name: 'FY2022', from: '2021-10-01', through: '2022-09-30', file: 'icd10cm-2022.json' },
];

/** What an edition says of a code. */
export interface Icd10cmCode {
  readonly billable: boolean; // false for a header, which has finer codes below it
  readonly poaExempt: boolean; // needs no present-on-admission indicator
  readonly edition: Icd10cmEdition;
}

const width = 8;
const pad = 0x20;
/** The last byte of a record, as the file spells it: header, billable, billable and exempt from POA. */
const [header, exempt] = [0x2e, 0x79]; // '.', 'y'; 'n' is the rest

const tables = new Map<string, Buffer>();

/** The records of an edition. The file counts, for each code, the characters it shares with the one before. */
function table(edition: Icd10cmEdition): Buffer {
  const known = tables.get(edition.file);
  if (known) return known;
  const { count, codes } = JSON.parse(shippedText(edition.file)) as { count: number; codes: string };
  const packed = Buffer.from(codes, 'latin1');
  const made = Buffer.alloc(count * width, pad);
  for (let at = 0, record = 0; record < count; record++) {
    const start = record * width;
    const shared = (packed[at++] ?? 0) - 0x30;
    if (shared > 0) made.copy(made, start, start - width, start - width + shared);
    let place = start + shared;
    for (; (packed[at] ?? 0) >= 0x30 && (packed[at] ?? 0) <= 0x5a; at++) made[place++] = packed[at] ?? pad;
    made[start + width - 1] = packed[at++] ?? pad;
  }
  tables.set(edition.file, made);
  return made;
}

/** The kind of a code in sorted records, or undefined. */
function kindOf(records: Buffer, code: string): number | undefined {
  const wanted = Buffer.from(code.padEnd(width - 1), 'latin1');
  let [low, high] = [0, records.length / width - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = wanted.compare(records, middle * width, middle * width + width - 1);
    if (order === 0) return records[middle * width + width - 1];
    if (order < 0) high = middle - 1;
    else low = middle + 1;
  }
  return undefined;
}

/** The edition a diagnosis of that day is looked up in; it need not be in force on the day. */
export const icd10cmEdition = (on: string): Icd10cmEdition => editionOn(icd10cmEditions, on);

/** What the edition for the day says of a code, with or without its dot; undefined when it is not there. */
export function icd10cm(code: string, on: string): Icd10cmCode | undefined {
  const bare = code.replace('.', '');
  if (bare.length < 3 || bare.length > 7) return undefined;
  const edition = icd10cmEdition(on);
  const kind = kindOf(table(edition), bare);
  return kind === undefined ? undefined : { billable: kind !== header, poaExempt: kind === exempt, edition };
}

/** True when the edition for the day has the code and it is billable. */
export const isIcd10cm = (code: string, on: string): boolean => icd10cm(code, on)?.billable ?? false;

/** True for what looks like a code of ICD-10-CM, whatever the edition (billing rule 21). */
export const looksLikeIcd10cm = (code: string): boolean =>
  /^([A-TV-Z][0-9][0-9AB]|U0[79])(\.?[0-9A-TV-Z]{1,4})?$/.test(code);

/** True for the chapter of external causes, V00 to Y99, which is never first-listed (billing rule 20). */
export const isExternalCause = (code: string): boolean => /^[V-Y]/.test(code);

/** The code with its dot after the third character, as it is printed. */
export function dotted(code: string): string {
  const bare = code.replace('.', '');
  return bare.length > 3 ? `${bare.slice(0, 3)}.${bare.slice(3)}` : bare;
}

/** Every code of an edition, without its dot, headers included. */
export function icd10cmCodes(edition: Icd10cmEdition): string[] {
  const records = table(edition);
  const codes: string[] = [];
  for (let at = 0; at < records.length; at += width)
    codes.push(records.toString('latin1', at, at + width - 1).trimEnd());
  return codes;
}
