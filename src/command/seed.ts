import { readdirSync, readFileSync } from 'node:fs';
import type { Bundle } from '@medplum/fhirtypes';
import { ConfigError, readConfig } from '../config.ts';
import { demoSeedKey } from '../operation/uniqueKey.ts';
import type { Context } from '../interaction/context.ts';
import { localClient } from './load/client.ts';
import { contentHash } from './load/contentHash.ts';
import { issuesOf } from './load/road.ts';
import { readClock, seedFolder } from './seed/clock.ts';
import { runVisit } from './seed/runVisit.ts';
import { openContext } from './openContext.ts';
import { table } from './table.ts';

/** What seeding found: a new practice, one that is there already, or a store that holds something else. */
export type Seeded = 'loaded' | 'already there' | 'left alone';

const practice = 'Organization/alder-street-clinic';
const begun = demoSeedKey;
const done = 'seed|demo';

/**
 * Loads the demo practice into an empty store and bills its visits, each step on its own business date and through the
 * operations themselves. Stopped half-way, the next call finishes it; a store with other data is not touched.
 */
export async function seed(context: Context): Promise<Seeded> {
  const { store } = context;
  if ((await store.holder(done)) !== undefined) return 'already there';
  if ((await store.holder(begun)) === undefined && !(await store.empty())) return 'left alone';
  await store.transaction((tx) => tx.reserve(begun, practice));
  const client = localClient(context);
  for (const file of seedFiles()) {
    const text = readFileSync(new URL(file, seedFolder), 'utf8');
    const reply = await client.post(JSON.parse(text) as Bundle, `seed ${file} ${contentHash(text)}`);
    if (reply.status !== 200) {
      throw new Error(
        `seed/${file}: ${issuesOf(reply)
          .map(({ details }) => details?.text)
          .join('; ')}`,
      );
    }
  }
  for (const visit of readClock()) await runVisit(context, visit);
  await store.transaction((tx) => tx.reserve(done, practice));
  return 'loaded';
}

/** The numbered files, in the order of their names. */
export const seedFiles = (): string[] =>
  readdirSync(seedFolder)
    .filter((name) => /^\d\d-.*\.json$/.test(name))
    .sort();

async function run(): Promise<void> {
  const context = await openContext(readConfig(process.env));
  try {
    const left = (await seed(context)) === 'left alone';
    const text = left ? 'The store holds other data: nothing was loaded.' : await table(context);
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
