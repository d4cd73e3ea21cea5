import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { practice } from '../generate/practice.ts';
import { record } from '../generate/record.ts';

/** Writes the practice and the records of so many patients as NDJSON; answers the file. */
export async function writeLines(folder: string, patients: number): Promise<string> {
  const file = join(folder, 'chart.ndjson');
  await pipeline(Readable.from(textOf(patients)), createWriteStream(file));
  return file;
}

function* textOf(patients: number): Generator<string> {
  yield linesOf(practice());
  for (let no = 0; no < patients; no++) yield linesOf(record(no));
}

const linesOf = (resources: readonly object[]): string =>
  resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
