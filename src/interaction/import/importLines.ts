import { readJson } from '../rest/strictJson.ts';
import type { ImportedCounts } from '../audit/accessRecord.ts';
import type { Context } from '../context.ts';
import { importSome, judge, type Imported, type Judged } from './importSome.ts';
import { linesOf, type Line } from './lines.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import type { Transaction } from '../../store/store.ts';

/** The result of a whole import. */
export interface ImportTotal {
  readonly imported: number;
  readonly refused: number;
  readonly first: readonly Judged[]; // of those refused
}

/** A commit has at most this many lines and about this many bytes: others get their turn in between. */
const linesMax = 200;
const bytesMax = 1_000_000;
/** Refused lines that the answer tells of one by one; it says how many more there are. */
export const toldMax = 1000;

/**
 * Imports resources that stream in, one a line: each line by itself, many in a commit, while the next are read. Of the
 * whole, never more than a commit's worth is in memory.
 */
export async function importLines(
  context: Context,
  bytes: AsyncIterable<Uint8Array>,
  done?: (imported: Imported) => void,
): Promise<ImportTotal> {
  let [imported, refused] = [0, 0];
  const first: Judged[] = [];
  const add = (some: Imported): void => {
    imported += some.imported;
    refused += some.refused.length;
    first.push(...some.refused.slice(0, toldMax - first.length));
    done?.(some);
  };
  let writing = Promise.resolve();
  for await (const lines of batchesOf(linesOf(bytes))) {
    const judged = lines.map((line) => judge(context, line.no, () => contentOf(line)));
    await writing;
    writing = committed(context, judged).then(add);
    writing.catch(() => undefined); // thrown where it is awaited
  }
  await writing;
  return { imported, refused, first };
}

async function committed(context: Context, judged: readonly Judged[]): Promise<Imported> {
  let landed: Transaction | undefined;
  const some = await context.store.transaction((tx) => {
    landed = tx;
    return importSome(context, tx, judged);
  });
  await context.defined?.landed(landed);
  await context.recordImported?.(countsOf(judged, some));
  return some;
}

function countsOf(judged: readonly Judged[], { refused }: Imported): ImportedCounts {
  const left = new Set(refused.map(({ no }) => no));
  const counts: Partial<Record<string, number>> = {};
  for (const { no, resource } of judged)
    if (resource && !left.has(no)) counts[resource.resourceType] = (counts[resource.resourceType] ?? 0) + 1;
  return counts;
}

function contentOf({ bytes }: Line): unknown {
  if (bytes === undefined) throw badRequest('too-large', 'the line is longer than any resource may be');
  return readJson(bytes);
}

async function* batchesOf(lines: AsyncIterable<readonly Line[]>): AsyncGenerator<Line[]> {
  let batch: Line[] = [];
  let size = 0;
  for await (const some of lines)
    for (const line of some) {
      batch.push(line);
      size += line.bytes?.length ?? 0;
      if (batch.length < linesMax && size < bytesMax) continue;
      yield batch;
      batch = [];
      size = 0;
    }
  if (batch.length > 0) yield batch;
}
