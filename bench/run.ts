import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** Every benchmark, one after another. node bench/run.ts [folder with Synthea bundles] */
const [, , bundles = 'test/fixture/synthea'] = process.argv;
const runs: readonly (readonly string[])[] = [
  ['bench/start.ts'],
  ['bench/readCreate.ts'],
  ['bench/road.ts', '20000'],
  ['bench/load.ts', bundles],
];
const memory = Math.round(totalmem() / 2 ** 30);
process.stdout.write(
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${memory} GiB\n`,
);
for (const run of runs) {
  process.stdout.write(`\n${run.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...run], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
