/**
 * Import of many patients with 20 resources each, and thirty typical searches at a thousand of them and at all:
 * node bench/scale.ts 64000 [--store sqlite|mongodb] [--seconds 2] [--record] [--keep FILE]
 */
import { copyFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { diskBytes } from './diskBytes.ts';
import { perPatient } from './generate/record.ts';
import type { Figures } from './measure.ts';
import { importPatients, type Window } from './scale/importPatients.ts';
import { type Answered, runSearches } from './scale/runSearches.ts';
import { machine, record, tableOf } from './report.ts';
import { freshFolder, removeFolder, startServer, type Running } from './server.ts';
import { freshStore } from './freshStore.ts';

const few = 1000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: 'string', default: 'sqlite' },
    seconds: { type: 'string', default: '2' },
    record: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const many = Number(positionals[0] ?? 64_000);
const seconds = Number(values.seconds);
const kind = values.store === 'mongodb' ? 'mongodb' : 'sqlite';
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const count = (no: number): string => Math.round(no).toLocaleString('en-US');

function importText(windows: readonly Window[], json: number, disk: number): string {
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last) return '';
  const resources = windows.reduce((sum, window) => sum + window.resources, 0);
  const took = windows.reduce((sum, window) => sum + window.seconds, 0);
  const cpu = windows.reduce((sum, window) => sum + window.cpuSeconds, 0);
  const rate = (window: Window): string => count(window.resources / window.seconds);
  return [
    `- import in transactions of ${perPatient}, 8 connections: ${count(resources)} resources, ` +
      `${count(resources / took)}/s (goal 3,000/s), ${((cpu * 1000) / resources).toFixed(3)} ms of processor each`,
    `- by tenths: ${windows.map(rate).join(', ')}/s; the last ${rate(last)}/s`,
    `- memory of the server after each tenth: ${windows.map(({ memoryMb }) => memoryMb.toFixed(0)).join(', ')} MB` +
      (last.databaseMb > 0 ? `; of mongod at the end ${last.databaseMb.toFixed(0)} MB` : ''),
    `- on disk ${count(disk / 2 ** 20)} MiB, ${(disk / json).toFixed(2)} × the JSON of the resources (goal 3 ×)`,
  ].join('\n');
}

const figuresText = ({ p50, p95, cpu }: Figures, entries = 0): string =>
  `${p50.toFixed(1)}, ${p95.toFixed(1)} ms; ${cpu.toFixed(3)} ms; ${entries.toFixed(1)}`;

function searchText(atFew: readonly Answered[], atMany: readonly Answered[]): string {
  const lines = atMany.map((big, i) => {
    const small = atFew[i];
    if (!small?.figures || !big.figures)
      return [big.what, ...[small, big].map((a) => a?.refusal ?? 'answered'), '', '**missed**'];
    const ratio = big.figures.p50 / small.figures.p50;
    const isMet = ratio <= 2 && big.figures.p95 <= 100;
    return [
      big.what,
      figuresText(small.figures, small.entries),
      figuresText(big.figures, big.entries),
      `${ratio.toFixed(2)}; ${(big.figures.cpu / small.figures.cpu).toFixed(2)}`,
      isMet ? 'met' : '**missed**',
    ];
  });
  const p50s = (list: readonly Answered[]): number => {
    const known = list.flatMap(({ figures }) => figures?.p50 ?? []);
    return known.reduce((sum, p50) => sum + p50, 0) / known.length;
  };
  const worst = Math.max(...atMany.flatMap(({ figures }) => figures?.p95 ?? []));
  return (
    `Mean of the p50: ${p50s(atFew).toFixed(1)} ms at ${count(few)} patients, ${p50s(atMany).toFixed(1)} ms at ` +
    `${count(many)} (goal: at most twice); highest p95 ${worst.toFixed(1)} ms (goal 100 ms).\n\n` +
    tableOf(
      [
        'search, 16 clients',
        `${count(few)} patients: p50, p95; processor; resources an answer`,
        `${count(many)} patients`,
        'ratio of p50; of processor',
        'goal met',
      ],
      lines,
    )
  );
}

async function run(server: Running): Promise<string> {
  const diskBefore = diskBytes(server.store);
  await importPatients(server, { from: 0, to: few, windows: 1 });
  const atFew = await runSearches(server, few, seconds, say);
  const imported = await importPatients(server, {
    from: few,
    to: many,
    windows: 10,
    report: ({ resources, seconds: took, memoryMb }) => {
      say(`import: ${count(resources / took)}/s, memory ${memoryMb.toFixed(0)} MB`);
    },
  });
  const disk = diskBytes(server.store) - diskBefore;
  const text = importText(imported.windows, imported.jsonBytes, disk);
  say(text);
  const atMany = await runSearches(server, many, seconds, say);
  return `${machine()}\n\n${text}\n\n${searchText(atFew, atMany)}`;
}

const folder = freshFolder();
const store = await freshStore(kind, folder);
const server = await startServer(folder, { CLAIMWRIGHT_SEED: 'none', CLAIMWRIGHT_STORE: store.url });
try {
  const text = await run(server);
  say(text);
  if (values.record) record(`scale ${kind}`, text);
} finally {
  await server.stop();
  await store.end();
  if (values.keep !== undefined && kind === 'sqlite')
    copyFileSync(server.store.replace(/^sqlite:/, ''), values.keep);
  removeFolder(folder);
}
