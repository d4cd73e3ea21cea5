import { readFileSync } from 'node:fs';
import type { Bundle } from '@medplum/fhirtypes';
import { ConfigError, readConfig } from '../config.ts';
import type { Context } from '../interaction/context.ts';
import { localClient, type Client } from './load/client.ts';
import { contentHash } from './load/contentHash.ts';
import { issuesOf } from './load/road.ts';
import { readClock } from './seed/clock.ts';
import { begunPractice, practiceOf, seedFolder, type PracticeName } from './seed/practice.ts';
import { runVisit } from './seed/runVisit.ts';
import { yearSheet } from './seed/year/sheet.ts';
import { loadYear, type YearOptions } from './seed/year/year.ts';
import { testerSheet } from './seed/testerSheet.ts';
import { openContext } from './openContext.ts';
import { table } from './table.ts';

/** What seeding found: a new practice, one that is there already, or a store that holds something else. */
export type Seeded = 'loaded' | 'already there' | 'left alone';

const practice = 'Organization/alder-street-clinic';

/**
 * Loads a shipped practice into an empty store and bills its visits, each step on its own business date and through the
 * operations themselves. Stopped half-way, the next call finishes it; a store with other data is not touched.
 */
export async function seed(
  context: Context,
  name: PracticeName = 'demo',
  year: YearOptions = {},
): Promise<Seeded> {
  const { store } = context;
  const { files, begun, done } = practiceOf(name);
  const holder = (key: string): Promise<unknown> => store.holder(key);
  if ((await holder(done)) !== undefined) return 'already there';
  const before = await begunPractice(holder);
  if (before === undefined ? !(await store.empty()) : before !== name) return 'left alone';
  await store.transaction(async (tx) => {
    for (const key of begun) await tx.reserve(key, practice);
  });
  const client = localClient(context);
  for (const file of files) await load(client, file);
  for (const visit of readClock(name)) await runVisit(context, visit);
  if (name === 'year') await loadYear(context, client, year);
  await store.transaction((tx) => tx.reserve(done, practice));
  return 'loaded';
}

/** Loads one file; one that was loaded before changes nothing. */
async function load(client: Client, file: URL): Promise<void> {
  const text = readFileSync(file, 'utf8');
  const path = `seed${file.href.slice(seedFolder.href.length - 1)}`;
  const key = `seed ${path.slice('seed/'.length)} ${contentHash(text)}`;
  const reply = await client.post(JSON.parse(text) as Bundle, key);
  if (reply.status === 200) return;
  const texts = issuesOf(reply).map(({ details }) => details?.text);
  throw new Error(`${path}: ${texts.join('; ')}`);
}

/** The numbered files of the demo, in the order of their names. */
export const seedFiles = (): string[] =>
  practiceOf('demo').files.map(({ href }) => href.slice(seedFolder.href.length));

/** What is printed of a practice that is there. */
export async function printedFor(name: PracticeName, context: Context): Promise<string> {
  if (name === 'demo') return table(context);
  return name === 'year' ? yearSheet(context) : testerSheet(context.publicUrl);
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const context = await openContext(config);
  try {
    const name = config.seed === 'none' ? 'demo' : config.seed;
    const seeded = await seed(context, name);
    const printed = await printedFor(name, context);
    const text = seeded === 'left alone' ? 'The store holds other data: nothing was loaded.' : printed;
    process.stdout.write(`${text}\n`);
  } finally {
    await context.store.close();
  }
}

if (import.meta.main) {
  await run().catch((error: unknown) => {
    const known = error instanceof ConfigError;
    process.stderr.write(`${known || !(error instanceof Error) ? String(error) : (error.stack ?? '')}\n`);
    process.exitCode = 1;
  });
}
