import { badRequest } from '../../outcome/fhirError.ts';
import type { Layout } from '../../terminology/table/layout.ts';

/** A record of a file: its cells, and the line it begins in (from 1). */
export interface TableRecord {
  readonly no: number;
  readonly cells: readonly string[];
}

/** Takes the text of a file as it comes, and gives the records it completes. */
interface Splitter {
  readonly take: (text: string) => TableRecord[];
  readonly end: () => TableRecord[];
}

const headMax = 16_384; // characters by which the separator is told
const longest = 1_000_000; // characters of a record

/** The records of a file in UTF-8, separated by tabs or commas (CSV), or of fixed width, as the chunks bring them. */
export async function* recordsOf(
  bytes: AsyncIterable<Uint8Array>,
  layout: Layout,
): AsyncGenerator<TableRecord[]> {
  const decoder = new TextDecoder('utf-8');
  let head: string | undefined = '';
  let splitter: Splitter | undefined;
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    if (head === undefined) {
      const records = splitter?.take(text) ?? [];
      if (records.length > 0) yield records;
      continue;
    }
    head += text;
    if (head.length < headMax) continue;
    splitter = splitterOf(head, layout);
    yield splitter.take(head);
    head = undefined;
  }
  const last = decoder.decode();
  const text = head === undefined ? last : head + last;
  splitter ??= splitterOf(text, layout);
  yield [...splitter.take(text), ...splitter.end()];
}

function splitterOf(head: string, { fixed, lines: isLines, markup }: Layout): Splitter {
  if (markup) return byTag();
  if (/^\uFFFD?\uFFFD|\0/.test(head.slice(0, 200)))
    throw badRequest('table-encoding', 'the file is no text in UTF-8: save it as CSV in UTF-8');
  const lines = head.split('\n').slice(0, 40).map(bare);
  if (isLines === true || lines.some((line) => line.includes('\t')))
    return byLine((line) => line.split('\t').map(unquoted));
  if (fixed && lines.some((line) => fixed(line) !== undefined))
    return byLine((line) => fixed(line) ?? [line]);
  return byComma();
}

const bare = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
const unquoted = (cell: string): string =>
  cell.length > 1 && cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1) : cell;

function byLine(cellsOf: (line: string) => readonly string[]): Splitter {
  let begun = '';
  let no = 0;
  const recordOf = (line: string): TableRecord[] => {
    no += 1;
    const text = bare(line);
    return text.trim() === '' ? [] : [{ no, cells: cellsOf(text) }];
  };
  return {
    take: (text) => {
      const lines = (begun + text).split('\n');
      begun = lines.pop() ?? '';
      if (begun.length > longest) throw tooLong();
      return lines.flatMap(recordOf);
    },
    end: () => recordOf(begun),
  };
}

/** CSV: a cell in quotes may hold commas, line ends and, written twice, quotes. */
function byComma(): Splitter {
  let [line, begunIn] = [1, 1];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let wasQuote = false; // the character before was a quote that ended a cell, or begins a written one
  const ended = (): TableRecord[] => {
    const record = { no: begunIn, cells: [...cells, bare(cell)] };
    [cells, cell, wasQuote] = [[], '', false];
    begunIn = line;
    return record.cells.every((one) => one.trim() === '') ? [] : [record];
  };
  return {
    take: (text) => {
      const records: TableRecord[] = [];
      for (const char of text) {
        if (char === '\n') line += 1;
        if (isQuoted) {
          if (char === '"') [isQuoted, wasQuote] = [false, true];
          else cell += char;
        } else if (char === '"' && (cell === '' || wasQuote)) {
          if (wasQuote) cell += '"';
          [isQuoted, wasQuote] = [true, false];
        } else if (char === ',') {
          cells.push(cell);
          [cell, wasQuote] = ['', false];
        } else if (char === '\n') records.push(...ended());
        else cell += char;
      }
      if (cell.length > longest) throw tooLong();
      return records;
    },
    end: ended,
  };
}

/** XML: each tag with the text before it; what stands in comments is passed over. */
function byTag(): Splitter {
  let begun = '';
  let line = 1;
  const recordsOfTags = (): TableRecord[] => {
    const records: TableRecord[] = [];
    let at = 0;
    for (;;) {
      const opens = begun.indexOf('<', at);
      if (opens < 0) break;
      const isComment = begun.startsWith('<!--', opens);
      const end = isComment ? begun.indexOf('-->', opens + 4) : begun.indexOf('>', opens);
      if (end < 0) break;
      const text = begun.slice(at, opens);
      for (const char of text) if (char === '\n') line += 1;
      if (!isComment) records.push({ no: line, cells: [begun.slice(opens + 1, end), text] });
      for (let i = opens; i < end; i++) if (begun[i] === '\n') line += 1;
      at = end + (isComment ? 3 : 1);
    }
    begun = begun.slice(at);
    if (begun.length > longest) throw tooLong();
    return records;
  };
  return {
    take: (text) => {
      begun += text;
      return recordsOfTags();
    },
    end: () => [],
  };
}

const tooLong = (): Error =>
  badRequest('table-damaged', 'a record of the file is longer than a million characters');
