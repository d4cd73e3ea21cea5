import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

/**
 * What `npm test` runs: jest, and beside it types, lint and format, which take what jest leaves of the processors while
 * it waits for databases and servers. What failed of them is told at the end, with the test files that took longest.
 * `npm test -- test/billing` tests a folder.
 */
const budget = 720; // seconds that npm test may take on two processors
const shown = 10;
const processor = '.jest-processor.tsv'; // what each file took of the processors
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const jest = [
  ...flags,
  'node_modules/jest/bin/jest.js',
  '--maxWorkers=3', // on two processors: tests that kill, restore and elect wait for a good part of their time
  '--json',
  '--outputFile=.jest-result.json',
];

/** Runs a command to its end; what it writes is kept or, without `kept`, goes where ours goes. */
function run(command, parameters, kept) {
  const env = { ...process.env, CLAIMWRIGHT_TEST_PROCESSOR: processor };
  const child = spawn(command, parameters, { env, stdio: kept ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
  for (const stream of kept ? [child.stdout, child.stderr] : [])
    stream.on('data', (chunk) => {
      kept.push(chunk);
    });
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function slowest() {
  const { testResults } = JSON.parse(readFileSync('.jest-result.json', 'utf8'));
  const files = testResults
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds);
  return told(files);
}

/** The files that took most of the processors by themselves, and the sum of all. */
function busiest() {
  const files = readFileSync(processor, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([seconds, name]) => ({ seconds: Number(seconds), name }))
    .sort((a, b) => b.seconds - a.seconds);
  const all = files.reduce((sum, { seconds }) => sum + seconds, 0);
  return { all, lines: told(files) };
}

const told = (files) =>
  files
    .slice(0, shown)
    .map(
      ({ name, seconds }) =>
        `${seconds.toFixed(0).padStart(6)} s  ${name.replace(`${process.cwd()}/`, '')}\n`,
    )
    .join('');

rmSync(processor, { force: true });
const began = performance.now();
const said = [];
const [tested, checked] = await Promise.all([
  run(process.execPath, [...jest, ...process.argv.slice(2)]),
  run('npm', ['run', '--silent', 'lint'], said),
]);
const took = (performance.now() - began) / 1000;
if (checked !== 0)
  process.stdout.write(`\nTypes, lint or format failed:\n${Buffer.concat(said).toString()}\n`);
process.stdout.write(`\nThe test files that took longest, of ${took.toFixed(0)} s (budget ${budget} s):\n`);
process.stdout.write(slowest());
const { all, lines } = busiest();
process.stdout.write(
  `\nThose that took most of the processors themselves, of ${all.toFixed(0)} s:\n${lines}`,
);
process.exitCode = tested || checked; // not 0 where either failed
