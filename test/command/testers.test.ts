import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demoLinks } from '../../src/command/account/demo.ts';
import { makeTesters } from '../../src/command/account/testers.ts';
import { listClients } from '../../src/http/smart/clients.ts';
import { Browser, smartTest, type SmartTest } from '../smart/browser.ts';

/** The clients and accounts that a start with the conformance practice makes for a run of the public suites. */
let server: SmartTest;
beforeAll(async () => {
  server = await smartTest({}, { auth: 'off' });
});
afterAll(() => server.close());

const place = () => ({
  records: server.context.store.records,
  now: server.context.now,
  base: server.base,
});

test('3.11.1 a client for each way of proving who asks; a secret is told once', async () => {
  const told = (await makeTesters(place())).join('\n');
  const ids = (await listClients(place().records)).map(({ id }) => id);
  expect(ids.toSorted()).toEqual([
    'inferno-asymmetric',
    'inferno-public',
    'inferno-resource-server',
    'inferno-service',
    'inferno-stu1',
    'inferno-symmetric',
  ]);
  const secret = /inferno-symmetric +([\w-]{30,})/.exec(told)?.[1] ?? '';
  expect(secret).not.toBe('');
  const basic = Buffer.from(`inferno-symmetric:${secret}`).toString('base64');
  const asked = await server.ask(`${server.issuer}/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'token=none',
  });
  expect(asked.status).toBe(200);
  const again = (await makeTesters(place())).join('\n');
  expect(again).toContain('inferno-symmetric');
  expect(again).not.toContain(secret);
});

test('3.11.1 neighbour: a link signs the practice and each patient in, once', async () => {
  const lines = await demoLinks(place());
  const url = lines.flatMap((line) => /professional +(http\S+)/.exec(line)?.[1] ?? [])[0] ?? '';
  expect(lines.join('\n')).toMatch(/practice[^]*inpatient|inpatient[^]*practice/);
  const browser = new Browser(server);
  expect((await browser.open(url)).status).toBe(200); // the page of the apps that have access
  expect((await new Browser(server).open(url)).status).toBe(404);
});
