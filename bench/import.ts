/**
 * Bulk load of generated resources as NDJSON, and for comparison of the same as transactions:
 * node bench/import.ts 100000 [--store sqlite,mongodb] [--ways import,load,transactions]
 */
import { parseArgs } from 'node:util';
import { freshStore } from './freshStore.ts';
import { perPatient } from './generate/record.ts';
import { writeLines } from './import/writeLines.ts';
import { ways, type Brought } from './import/ways.ts';
import { tableOf } from './report.ts';
import { freshFolder, removeFolder } from './server.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: 'string', default: 'sqlite,mongodb' },
    ways: { type: 'string', default: Object.keys(ways).join(',') },
  },
});
const patients = Math.ceil(Number(positionals[0] ?? 100_000) / perPatient);
const count = (no: number): string => Math.round(no).toLocaleString('en-US');

const cells = ({ resources, seconds, cpuSeconds, memoryMb, databaseMb }: Brought): string[] => [
  `${count(resources)} in ${seconds.toFixed(1)} s`,
  `${count(resources / seconds)}/s`,
  `${((cpuSeconds * 1000) / resources).toFixed(3)} ms`,
  `${memoryMb.toFixed(0)} MB${databaseMb > 0 ? ` + mongod ${databaseMb.toFixed(0)} MB` : ''}`,
];

/** Brings the file in by one way, into a store of its own. */
async function measured(kind: 'sqlite' | 'mongodb', way: string, file: string): Promise<string[]> {
  const bring = ways[way];
  if (!bring) throw new Error(`there is no way ${way}: ${Object.keys(ways).join(', ')}`);
  const folder = freshFolder();
  const store = await freshStore(kind, folder);
  try {
    return [kind, way, ...cells(await bring({ folder, store: store.url, file, patients }))];
  } finally {
    await store.end();
    removeFolder(folder);
  }
}

const folder = freshFolder();
try {
  const file = await writeLines(folder, patients);
  const rows: string[][] = [];
  for (const kind of values.store.split(',')) {
    if (kind !== 'sqlite' && kind !== 'mongodb') throw new Error(`there is no store ${kind}`);
    for (const way of values.ways.split(',')) rows.push(await measured(kind, way, file));
  }
  const head = ['store', 'way', 'resources', 'rate', 'processor each', 'memory at most'];
  process.stdout.write(`${tableOf(head, rows)}\n`);
} finally {
  removeFolder(folder);
}
