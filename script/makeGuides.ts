/**
 * Makes the tables of the X12 guides (src/x12/guide) of permissively licensed maps:
 *
 *   node script/makeGuides.ts <pyx12/map> <tigershark/parsers> <linuxforhealth/x12>
 *
 * - pyx12 4.0.0 (BSD): the maps of 837P, 837I, 835, 277, 277CA, 999 and of 4010;
 * - TigerShark 0.3.4 (BSD): 270 and 271;
 * - linuxforhealth-x12 0.57.0 (Apache-2.0): what a segment's usage is compared with.
 *
 * 837D, 276, 278, 275 and the 277 that asks for documents have no open map of 5010: they are put together of their neighbours
 * (script/guide/dental.ts, statusRequest.ts, review.ts, attachment.ts) and unsure where no source confirms them.
 *
 * Usages that the sources give differently are marked unsure: a fault there is reported and refuses nothing.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Guide } from '../src/x12/guide.ts';
import { guides } from './guide/guides.ts';
import { writeGuide } from './guide/write.ts';

const [pyx12, tigerShark, linuxForHealth] = process.argv.slice(2);
if (pyx12 === undefined || tigerShark === undefined || linuxForHealth === undefined)
  throw new Error('Give the folders pyx12/map, tigershark/parsers and linuxforhealth/x12.');

const folder = join(import.meta.dirname, '../src/x12/guide');
for (const guide of guides({ pyx12, tigerShark, linuxForHealth })) write(guide);

function write(guide: Guide): void {
  const text = writeGuide(guide);
  writeFileSync(join(folder, `${guide.id}.json`), text);
  process.stdout.write(`${guide.id} ${(text.length / 1024).toFixed(0)} KB\n`);
}
