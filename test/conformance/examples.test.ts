import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome, Resource } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import { isId } from '../../src/datatypes/id.ts';
import type { Context } from '../../src/interaction/context.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { testContext } from '../context.ts';
import { isLong } from '../runs.ts';
import { exampleNames, textOf } from '../validation/official.ts';
import { httpServer } from '../httpServer.ts';

/** The official R4 examples through HTTP: PUT with its id, GET, compared number text by number text. */
interface Refusal {
  readonly file: string;
  readonly rule: string;
  readonly fault: string; // the first, as code and expression
}
const { refused } = JSON.parse(readFileSync(new URL('refused.json', import.meta.url), 'utf8')) as {
  refused: Refusal[];
};

let context: Context;
let server: Server;
let base: string;
beforeAll(async () => {
  context = await testContext();
  server = httpServer(createApp(context));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await context.store.close();
});

const all = exampleNames().sort();

/** All of them in the long run; else every twelfth, the first of each type, and those that are refused. */
function chosen(): string[] {
  const seen = new Set<string>();
  const listed = new Set(refused.map((r) => r.file));
  return all.filter((name, i) => {
    const type = name.split('-')[0] ?? '';
    const first = !seen.has(type);
    seen.add(type);
    return isLong || first || i % 12 === 0 || listed.has(name);
  });
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
/** JSON in which each number is its own text, so that 1.0 is not 1. */
const exact = (text: string): Record<string, unknown> =>
  (JSON.parse as (t: string, r: Reviver) => Record<string, unknown>)(text, (_key, value, { source }) =>
    typeof value === 'number' ? { number: source } : value,
  );

/** Without what the server sets: meta.versionId and meta.lastUpdated. */
function asSent(text: string): Record<string, unknown> {
  const resource = exact(text);
  const meta = { ...(resource['meta'] as Record<string, unknown> | undefined) };
  delete meta['versionId'];
  delete meta['lastUpdated'];
  delete resource['meta'];
  return Object.keys(meta).length > 0 ? { ...resource, meta } : resource;
}

/** What came of one example: undefined when it was taken and read back equal. */
async function outcome(name: string): Promise<string | undefined> {
  const text = textOf(name);
  const { resourceType, id = '' } = JSON.parse(text) as Resource;
  if (!isId(id)) return `no legal id: ${resourceType}`;
  const url = `${base}/${resourceType}/${id}`;
  const headers = { 'content-type': 'application/fhir+json' };
  const put = await fetch(url, { method: 'PUT', headers, body: text });
  const answer = await put.text();
  if (put.status !== 200 && put.status !== 201) {
    const [issue] = (JSON.parse(answer) as OperationOutcome).issue;
    return `${put.status} ${(issue && codeOfIssue(issue)) ?? '?'} ${issue?.expression?.join() ?? ''}`;
  }
  const read = await fetch(url, { headers: { accept: 'application/fhir+json' } }); // a Binary is FHIR only when asked
  const same = isDeepStrictEqual(asSent(await read.text()), asSent(text));
  return same && read.status === 200 ? undefined : `read back ${read.status}, different`;
}

test('official R4 examples are accepted and read back equal, decimals included; those refused are listed with their rule', async () => {
  const names = chosen();
  const found: Record<string, string> = {};
  for (const name of names) {
    const fault = await outcome(name);
    if (fault !== undefined) found[name] = fault;
  }
  const expected = Object.fromEntries(refused.map(({ file, fault }) => [file, `422 ${fault}`]));
  if (isLong) expected[withoutId] = 'no legal id: SearchParameter';
  expect(found).toEqual(expected);
  expect(names.length).toBeGreaterThan(isLong ? 5_300 : 550);
}, 1_800_000);

/** Its id has 73 characters. */
const withoutId = 'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json';

test('the comparison sees a lost digit and a lost element, but not what the server sets', () => {
  const sent = asSent('{"meta":{"versionId":"1","source":"urn:a"},"value":1.0}');
  expect(isDeepStrictEqual(sent, asSent('{"value":1.0,"meta":{"source":"urn:a","versionId":"2"}}'))).toBe(
    true,
  );
  expect(isDeepStrictEqual(sent, asSent('{"value":1,"meta":{"source":"urn:a"}}'))).toBe(false);
  expect(isDeepStrictEqual(sent, asSent('{"value":1.0}'))).toBe(false);
});

test('every refusal names the rule of R4 that it rests on', () => {
  expect(refused.every(({ rule }) => /\d\.\.|code:/.test(rule))).toBe(true);
  expect(refused.filter(({ file }) => !all.includes(file))).toEqual([]);
});
