/**
 * Prints how the samples of a folder are read, per transaction set: node script/x12Samples.ts FOLDER.
 * FOLDER/INVENTORY.csv names them; which are valid, and what is wrong with the others, is said in
 * test/x12/sample/INVENTORY.csv, which was written before they were read. Samples that are not named there count as
 * valid where the notes of FOLDER say nothing against them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../src/x12/fault.ts';
import { segmentsWithin } from '../src/x12/loop.ts';
import { faultsOf, readTransactions, type FileRead } from '../src/x12/read.ts';
import { writeSegment } from '../src/x12/write.ts';
import { parseCsv, type Row } from './csv.ts';

/** What a sample that is wrong in this way has to be told: level and codes, any fault where the words say no more. */
const expected: readonly (readonly [RegExp, (fault: Fault) => boolean])[] = [
  [/SE01/, ({ level, code }) => level === 'set' && code === '4'],
  [/SE02/, ({ level, code }) => level === 'set' && code === '3'],
  [
    /GE01|IEA01/,
    ({ level, code }) => (level === 'group' ? code === '5' : level === 'interchange' && code === '021'),
  ],
  [/IEA02/, ({ level, code }) => level === 'interchange' && code === '001'],
  [/ISA length/, ({ level }) => level === 'interchange'],
  [/ISA16/, ({ level }) => level === 'element'], // its separator is none: composites are not parted
  [/not among ours|names no guide|275 named/, ({ level }) => level === 'set' || level === 'group'],
  [/ST03/, ({ level, code }) => level === 'set' && code === '19'],
];

interface Judged {
  readonly name: string;
  readonly set: string;
  readonly isValid: boolean | undefined; // undefined: of a kind that no guide of ours reads
  readonly why: string;
  readonly refusing: readonly Fault[];
  readonly isTold: boolean; // of a broken one: each thing that is wrong
  readonly isSame: boolean; // read and written
}

function judge(folder: string, row: Row, known: Row | undefined): Judged {
  const name = row['file'] ?? '';
  const bytes = readFileSync(join(folder, name));
  const read = readTransactions(bytes);
  const faults = faultsOf(read);
  const why = known
    ? [known['why'], known['found']].filter((text) => text !== '').join('; ')
    : (row['notes'] ?? '');
  const isKnownBad = known
    ? known['valid'] !== 'yes' || known['found'] !== ''
    : why !== '' || /issues|error/.test(name);
  const isRead = known?.['valid'] !== 'none' && !/^(?:274|820|834)$/.test(row['tx'] ?? '');
  const wanted = expected.filter(([words]) => words.test(why)).map(([, is]) => is);
  const refusing = faults.filter(({ refuses }) => refuses);
  return {
    ...{ name, why, refusing },
    set: row['tx'] ?? '',
    isValid: isRead ? !isKnownBad : undefined,
    isTold: refusing.length > 0 && wanted.every((is) => faults.some(is)),
    isSame: flat(written(read)) === flat(decoded(bytes)),
  };
}

/** Text as it is read: UTF-8 where it can be, else Latin-1. */
function decoded(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

const flat = (text: string): string => text.replace(/[\r\n]/g, '').trim();

function written({ interchanges }: FileRead): string {
  const all = interchanges.flatMap(({ header, acknowledgements, groups, trailer }) => [
    ...[header, ...acknowledgements],
    ...groups.flatMap(({ header: opens, transactions, trailer: ends }) => [
      opens,
      ...transactions.flatMap(({ set }) => [...segmentsWithin(set)]),
      ...(ends ? [ends] : []),
    ]),
    ...(trailer ? [trailer] : []),
  ]);
  return all.map((segment) => writeSegment(segment, segment.delimiters)).join('');
}

const count = (of: readonly Judged[], is: (one: Judged) => boolean): string => String(of.filter(is).length);

function print(folder: string): void {
  const own = parseCsv(readFileSync(join(import.meta.dirname, '../test/x12/sample/INVENTORY.csv'), 'utf8'));
  const all = parseCsv(readFileSync(join(folder, 'INVENTORY.csv'), 'utf8')).map((row) =>
    judge(
      folder,
      row,
      own.find(({ file }) => file === row['file']),
    ),
  );
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say('set   valid  no fault  same again  broken  reported  as expected  not ours');
  for (const [set, of] of [...Map.groupBy(all, ({ set }) => set), ['all', all] as const].sort()) {
    const valid = of.filter(({ isValid }) => isValid === true);
    const broken = of.filter(({ isValid }) => isValid === false);
    const cells: readonly (readonly [string, number])[] = [
      [set, 3],
      [String(valid.length), 7],
      [count(valid, ({ refusing }) => refusing.length === 0), 10],
      [count(valid, ({ isSame }) => isSame), 12],
      [String(broken.length), 8],
      [count(broken, ({ refusing }) => refusing.length > 0), 10],
      [count(broken, ({ isTold }) => isTold), 13],
      [count(of, ({ isValid }) => isValid === undefined), 10],
    ];
    say(cells.map(([text, width]) => text.padStart(width)).join(''));
  }
  for (const { name, isValid, why, refusing, isTold, isSame } of all) {
    const told = refusing
      .slice(0, 3)
      .map(({ segmentId, position, sentence }) => `${segmentId} ${position}: ${sentence}`);
    if (isValid === true && refusing.length > 0) say(`valid, and faulted: ${name}: ${told.join(' ')}`);
    if (isValid === true && !isSame) say(`not the same again: ${name}`);
    if (isValid === false && !isTold)
      say(`broken (${why}), and told otherwise: ${name}: ${told.join(' ') || 'nothing'}`);
  }
}

const [folder] = process.argv.slice(2);
if (folder === undefined) process.stderr.write('node script/x12Samples.ts FOLDER\n');
else print(folder);
