/**
 * An 835 of so many claims, read and fully posted (matching, ledger, ClaimResponse, EOB): node bench/posting.ts 10000
 * [--store sqlite,mongodb]. Claims a second by the clock and by the processor time of this process, first and last third.
 */
import { parseArgs } from 'node:util';
import type { Task } from '@medplum/fhirtypes';
import { openStore } from '../src/store/openStore.ts';
import { find, updateResource } from '../src/interaction/repository.ts';
import { takeRemittance } from '../src/operation/remittance/postingJob.ts';
import { read835Set } from '../src/operation/remittance/read835Set.ts';
import { readBytes } from '../src/x12/read.ts';
import type { SetEnd, Unit } from '../src/x12/part.ts';
import { testContext } from '../test/context.ts';
import { paidClp, sentClaims, sentNumber } from '../test/fixture/sentClaims.ts';
import { insurancePlans, parties } from '../test/payer/stories.ts';
import { interchangeText } from '../test/posting/remittance.ts';
import { freshStore } from './freshStore.ts';
import { tableOf } from './report.ts';
import { freshFolder, removeFolder } from './server.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { store: { type: 'string', default: 'sqlite,mongodb' } },
});
const claims = Number(positionals[0] ?? 10_000);
const rate = (count: number, ms: number): string => Math.round((count / ms) * 1000).toLocaleString('en-US');

async function* partsIn(text: string): AsyncGenerator<Unit | SetEnd> {
  for (const part of readBytes(Buffer.from(text))) {
    if (part.kind === 'unit' || part.kind === 'setEnd') yield part;
    await Promise.resolve();
  }
}

async function measure(kind: 'sqlite' | 'mongodb'): Promise<readonly string[]> {
  const folder = freshFolder();
  const fresh = await freshStore(kind, folder);
  const now = (): string => new Date().toISOString();
  const store = await openStore(fresh.url, { now, base: 'http://127.0.0.1:8080/fhir' });
  const times: number[] = [];
  let landed = 0;
  const context = await testContext({ store, payer: 'none' });
  await store.transaction(async (tx) => {
    for (const r of [...parties, ...insurancePlans])
      await updateResource(context, tx, { ...structuredClone(r), id: r.id ?? context.newId() });
  });
  await sentClaims(context, 0, { count: claims });
  const text = interchangeText({
    trace: 'BENCH',
    clps: Array.from({ length: claims }, (_, i) => paidClp(sentNumber(i))),
  });
  const land = store.transaction.bind(store);
  store.transaction = async (work) => {
    const done = await land(work);
    landed += 1;
    times.push(process.cpuUsage().user / 1000);
    return done;
  };
  const began = performance.now();
  const before = process.cpuUsage();
  const advice = await read835Set(partsIn(text));
  const read = performance.now() - began;
  const { reconciliation } = await takeRemittance(context, advice, { on: '2026-11-20' });
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  if (reconciliation.outcome !== 'complete') {
    const [task] = await find<Task>(store, 'Task', {});
    throw new Error(`not all was posted: ${task?.description ?? ''}`);
  }
  const third = Math.floor(landed / 3);
  const span = (a: number, b: number): number => (times[b] ?? 0) - (times[a] ?? 0);
  await store.close();
  await fresh.end();
  removeFolder(folder);
  return [
    kind,
    claims.toLocaleString('en-US'),
    rate(claims, ms),
    rate(claims, (user + system) / 1000),
    `${(span(0, third) / ((third * claims) / landed)).toFixed(2)} → ${(span(landed - third - 1, landed - 1) / ((third * claims) / landed)).toFixed(2)} ms`,
    `${Math.round(read)} ms`,
  ];
}

const rows: (readonly string[])[] = [];
for (const kind of values.store.split(','))
  rows.push(await measure(kind === 'mongodb' ? 'mongodb' : 'sqlite'));
process.stdout.write(
  tableOf(
    ['store', 'claims', 'by the clock /s', 'by processor time /s', 'a claim, first → last third', 'reading'],
    rows,
  ),
);
process.stdout.write('\n');
process.exit(0);
