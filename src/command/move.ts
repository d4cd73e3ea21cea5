import { fileOf, openStore } from '../store/openStore.ts';
import type { Store } from '../store/store.ts';
import { existsSync } from 'node:fs';
import { copy, type Told } from './move/copy.ts';
import { digest, type Digest } from './move/digest.ts';

const usage = 'npm run move -- FROM TO, each sqlite:FILE or mongodb://…/DATABASE';
const now = (): string => new Date().toISOString();

/**
 * Copies a whole store into another, every version with its instant and way, deletions, order of creation, journal,
 * unique keys and kept answers, and proves that both hold the same. Stopped half-way, it goes on where it was.
 */
export async function move(from: Store, to: Store, told: Told): Promise<Digest> {
  const at = Date.parse(now());
  await copy(from, to, at, told);
  const [ofFrom, ofTo] = [await digest(from, at), await digest(to, at)];
  if (ofFrom.sha256 !== ofTo.sha256)
    throw new Error(
      `the stores differ (${ofFrom.sha256} and ${ofTo.sha256}): ` +
        'was one written to meanwhile? Move again, into an empty store, while no server uses either',
    );
  await to.copying.finish();
  return ofTo;
}

async function run([from, to, ...more]: readonly string[]): Promise<void> {
  if (from === undefined || to === undefined || more.length > 0) throw new Error(usage);
  if (from === to) throw new Error('FROM and TO are one store');
  const file = fileOf(from);
  if (file !== undefined && !existsSync(file)) throw new Error(`there is no store at ${file}`);
  const source = await openStore(from, { now });
  try {
    const target = await openStore(to, { now, moving: true });
    try {
      const { sha256, ...counts } = await move(source, target, (pieces, isResumed) => {
        process.stdout.write(isResumed ? `goes on after ${pieces}\n` : `copied ${pieces}\n`);
      });
      const said = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
      process.stdout.write(`${said.join(', ')}\nFROM sha256:${sha256}\nTO   sha256:${sha256}\nEqual.\n`);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

if (import.meta.main) {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
