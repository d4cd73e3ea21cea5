/**
 * Every row of the yardstick: node bench/yardstick.ts [--store sqlite,mongodb] [--clients 16,64] [--seconds 8]
 * [--rows crud3,synthea] [--bundles FOLDER] [--record]. The load comes from this process, over sockets of its own
 * (bench/connection.ts). A quarter of a row's time goes before it, unmeasured.
 */
import { parseArgs } from 'node:util';
import type { Figures } from './measure.ts';
import { loadPatients } from './loadPatients.ts';
import { machine, record, tableOf } from './report.ts';
import { freshFolder, removeFolder, startServer, type Running } from './server.ts';
import { freshStore } from './freshStore.ts';
import { conditionalCreates } from './yardstick/conditionalCreates.ts';
import { crudMix, crudMixNine } from './yardstick/crudMix.ts';
import { create, read } from './yardstick/single.ts';
import type { Row } from './yardstick/row.ts';
import { claimSearch, patientSearch, patientsLoaded } from './yardstick/searches.ts';
import { synthea } from './yardstick/synthea.ts';
import { transactions } from './yardstick/transactions.ts';

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    clients: { type: 'string', default: '16,64' },
    seconds: { type: 'string', default: '8' },
    bundles: { type: 'string', default: 'test/fixture/synthea' },
    rows: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});

type Kind = 'sqlite' | 'mongodb';
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const rate = ({ perSecond, p50, p95, cpu }: Figures): string =>
  `${Math.round(perSecond).toLocaleString('en-US')}/s (p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)} ms), ${cpu.toFixed(3)} ms`;
/** What a row is to reach on a kind of store at 16 clients. */
function goalOf({ goalCpu, goalP95, betterCpu }: Row, kind: Kind): { cpu: number; p95: number } {
  const third = betterCpu === undefined ? Infinity : betterCpu / 3;
  return kind === 'mongodb'
    ? { cpu: third, p95: Infinity }
    : { cpu: goalCpu ?? Infinity, p95: goalP95 ?? Infinity };
}
const goalText = ({ cpu, p95 }: { cpu: number; p95: number }): string =>
  [
    ...(cpu === Infinity ? [] : [`≤ ${Number(cpu.toFixed(2))} ms`]),
    ...(p95 === Infinity ? [] : [`p95 ≤ ${p95} ms`]),
  ].join(', ');
const verdictOf = (goal: { cpu: number; p95: number }, { cpu, p95 }: Figures): string =>
  goal.cpu === Infinity ? '' : cpu <= goal.cpu && p95 <= goal.p95 ? 'met' : '**missed**';

/** Measures the rows on one kind of store, each at every number of clients. */
async function run(kind: Kind): Promise<string> {
  const folder = freshFolder();
  const store = await freshStore(kind, folder);
  const settings = { CLAIMWRIGHT_SEED: 'none', CLAIMWRIGHT_STORE: store.url };
  const server = await startServer(folder, settings);
  const lines: string[][] = [];
  try {
    await loadPatients(server, 0, patientsLoaded);
    const clients = values.clients.split(',').map(Number);
    const wanted = values.rows?.split(',');
    const rows = [
      create,
      read,
      crudMix,
      crudMixNine,
      claimSearch,
      patientSearch,
      transactions,
      synthea(values.bundles),
    ];
    for (const row of rows.filter(({ name }) => wanted?.includes(name) ?? true)) {
      const figures: Figures[] = [];
      for (const count of clients)
        figures.push(await row.run(server, { clients: count, seconds: Number(values.seconds) }));
      const [first] = figures;
      const goal = goalOf(row, kind);
      const verdict = first ? verdictOf(goal, first) : '';
      lines.push([
        row.what,
        row.hapi ?? '',
        row.medplum ?? '',
        goalText(goal),
        ...figures.map(rate),
        verdict,
      ]);
      say(`${kind} ${row.name}: ${figures.map(rate).join(' · ')} ${verdict}`);
    }
    if (wanted === undefined) lines.push(...(await lastRows(server, folder, settings, clients.length)));
  } finally {
    await server.stop();
    await store.end();
    removeFolder(folder);
  }
  const head = ['what', 'HAPI 8.8.0', 'Medplum 4.5.2', 'goal'];
  const table = tableOf(
    [...head, ...values.clients.split(',').map((count) => `${count} clients`), 'goal met'],
    lines,
  );
  return `${machine()}; ${values.seconds} s a figure.\n\n${table}`;
}

/** What is no mix of requests: the race of conditional creates, memory, and the way back after an end. */
async function lastRows(
  server: Running,
  folder: string,
  settings: Record<string, string>,
  columns: number,
): Promise<string[][]> {
  const wide = (text: string): string[] => [text, ...Array.from({ length: columns - 1 }, () => '')];
  const race = await conditionalCreates(server);
  const memory = `${server.memoryMb().toFixed(0)} MB`;
  const database = server.databaseMb();
  const whole = database > 0 ? `${memory} + mongod ${database.toFixed(0)} MB` : memory;
  await server.stop();
  const again = await startServer(folder, settings);
  const seconds = again.readyAfterMs / 1000;
  await again.stop();
  const isRight = race.startsWith('1 × 201, 149 × 200 ');
  const isSmall = seconds <= 0.5 && Number.parseFloat(memory) <= 250;
  say(`150 conditional creates: ${race}; restart ${seconds.toFixed(2)} s, memory ${whole}`);
  return [
    [
      '150 concurrent conditional creates on one identifier',
      '',
      '',
      '1 × 201, 149 × 200',
      ...wide(race),
      isRight ? 'met' : '**missed**',
    ],
    [
      'restart to first answer; memory after load',
      '37 s; 4.6 GB + 2.2 GB',
      '4 s; 1.1 GB + 2.2 GB',
      '0.5 s; 250 MB',
      ...wide(`${seconds.toFixed(2)} s; ${whole}`),
      isSmall ? 'met' : '**missed**',
    ],
  ];
}

for (const kind of values.store.split(',')) {
  if (kind !== 'sqlite' && kind !== 'mongodb') throw new Error(`there is no store ${kind}`);
  const table = await run(kind);
  say(`\n${table}\n`);
  if (values.record) record(`yardstick ${kind}`, table);
}
