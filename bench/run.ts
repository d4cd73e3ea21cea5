import { spawnSync } from 'node:child_process';
import { machine } from './report.ts';

/**
 * Every benchmark, one after another, with the tables of bench/README.md written anew: node bench/run.ts
 * One of them, with its options: node bench/run.ts yardstick --store sqlite --clients 16
 */
const [, , name, ...options] = process.argv;
const all: readonly (readonly string[])[] = [
  ['start'],
  ['readCreate'],
  ['road', '20000'],
  ['load', 'test/fixture/synthea'],
  ['import', '100000'],
  ['export', '100000'],
  ['posting', '10000'],
  ...['sqlite', 'mongodb'].flatMap((store) => [
    ['yardstick', '--store', store, '--record'],
    ['scale', '64000', '--store', store, '--record'],
  ]),
];
const parts = [...new Set(all.map(([part = '']) => part))];
if (name !== undefined && !parts.includes(name)) {
  process.stderr.write(`npm run bench -- [${parts.join(' | ')}] [options]: see bench/README.md\n`);
  process.exit(2);
}
process.stdout.write(`${machine()}\n`);
for (const [part = '', ...words] of name === undefined ? all : [[name, ...options]]) {
  process.stdout.write(`\n${[part, ...words].join(' ')}\n`);
  const script = `bench/${part}.ts`;
  const { status } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, ...words],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exitCode = 1;
}
