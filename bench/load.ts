import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freshFolder, removeFolder } from './server.ts';

/** The load with billing, twice: the second run must change nothing. node bench/load.ts FOLDER */
const [, , bundles = 'test/fixture/synthea'] = process.argv;
const folder = freshFolder();
for (const run of ['first', 'second']) {
  const began = performance.now();
  const { status } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'src/command/load.ts', '--bill', bundles],
    {
      env: { PATH: process.env['PATH'] ?? '', CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'load.db')}` },
      stdio: run === 'first' ? 'inherit' : 'ignore',
    },
  );
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`load --bill, ${run} run: ${seconds} s, exit status ${status ?? -1}\n`);
}
removeFolder(folder);
