import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { openOffice, type Office } from '../../firm/office.ts';
import { patient } from '../../firm/visit.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { TaskStopped, TaskThread } from '../../../src/operation/view/taskThread.ts';

const now = (): string => new Date().toISOString();
let o: Office;
beforeAll(async () => {
  o = await openOffice(() => openStore('sqlite::memory:', { now }), { now });
  await o.put(patient('ada'));
});
afterAll(() => o.close());

const view = (path: string): object => ({
  ...{ resourceType: 'ViewDefinition', status: 'active', resource: 'Patient' },
  select: [{ column: [{ name: 'a', path }] }],
});
const run = (path: string) => o.send('post', '$viewdefinition-run', view(path));
/** Every pair of pairs of pairs of digits: more than anybody waits for. */
const digits = `(${Array.from({ length: 10 }, (_, i) => `'${String(i)}'`).join(' | ')})`;
const bomb = 'x'.repeat(12).replaceAll('x', `${digits}.where(`) + 'true' + ').exists()'.repeat(12);

test('10 an expression that does not end is stopped, others are served, and the next view runs', async () => {
  const stopped = run(bomb);
  const waiting = run('id');
  const began = performance.now();
  expect((await o.send('get', 'Patient/ada')).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(4_000); // by far less than it takes to stop the view
  expect([(await stopped).status, (await stopped).codes]).toEqual([422, ['view-stopped']]);
  expect((await waiting).body).toEqual([{ a: 'ada' }]);
}, 120_000);

test.each([
  ['a pattern that tries and tries again', `('${'a'.repeat(34)}!').matches('^(a+)+$')`],
  ['a pattern that looks ahead', `'ab'.matches('a(?=b)')`],
  ['nested parentheses', `${'('.repeat(2_000)}id${')'.repeat(2_000)}`],
  ['a long chain of functions', `id${".replace('a','aa')".repeat(250)}`],
  [
    'a string that grows',
    `id${".replace('','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')".repeat(9)}`,
  ],
])(
  '10 neighbour: %s is answered or refused, and the next view runs',
  async (_name, path) => {
    const { status, body } = await run(path);
    const codes = status === 200 ? [] : (body as OperationOutcome).issue.map(codeOfIssue);
    expect(status === 200 || (status === 422 && codes[0]?.startsWith('view-') === true)).toBe(true);
    expect((await run('id')).body).toEqual([{ a: 'ada' }]);
  },
  120_000,
);

const thread = (text: string): TaskThread =>
  new TaskThread(new URL(`data:text/javascript,${encodeURIComponent(text)}`), {
    stuckAfter: 400,
    megabytes: 32,
  });
const head = `import { parentPort } from 'node:worker_threads';
  parentPort.on('message', ({ id, task, steps }) => { Atomics.add(steps, 0, 1);`;

test('10 neighbour: a task that stands still, and one that eats memory, are stopped; those behind them are done', async () => {
  const one = thread(
    `${head} if (task === 'still') for (;;); const all = []; while (task === 'full') all.push([...Array(1000).keys()]);
    parentPort.postMessage({ id, result: task }); });`,
  );
  const told = await Promise.allSettled(['a', 'still', 'b', 'full', 'c'].map((task) => one.run(task)));
  const whys = told.map((t) => (t.status === 'fulfilled' ? t.value : (t.reason as TaskStopped).why));
  expect(whys.filter((why) => why !== 'memory' && why !== 'time')).toEqual(['a', 'b', 'c']);
  expect(whys[1]).toBe('time');
  expect(whys[3]).toMatch(/memory|time/);
}, 120_000);

test('10 neighbour: a task that only fails is refused, and its thread goes on', async () => {
  const one = thread(`${head} parentPort.postMessage(task === 'bad' ? { id } : { id, result: task }); });`);
  await expect(one.run('bad')).rejects.toThrow('failed');
  expect(await one.run('good')).toBe('good');
}, 120_000);
