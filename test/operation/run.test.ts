import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Basic, OperationDefinition, Parameters } from '@medplum/fhirtypes';
import { readJson } from '../../src/interaction/rest/strictJson.ts';
import type { Context } from '../../src/interaction/context.ts';
import { createResource, find } from '../../src/interaction/repository.ts';
import type { Operation } from '../../src/operation/operation.ts';
import { parameter } from '../../src/operation/parameters.ts';
import { operationAt, perform, type OperationRequest } from '../../src/operation/run.ts';
import { codeOfIssue, type Issue } from '../../src/outcome/issue.ts';
import { testContext } from '../context.ts';

const definition: OperationDefinition = {
  resourceType: 'OperationDefinition',
  id: 'Patient-note',
  name: 'note',
  status: 'active',
  kind: 'operation',
  code: 'note',
  resource: ['Patient'],
  system: false,
  type: true,
  instance: true,
  affectsState: true,
  parameter: [
    { name: 'text', use: 'in', min: 1, max: '1', type: 'string' },
    { name: 'weight', use: 'in', min: 0, max: '2', type: 'decimal' },
    { name: 'resource', use: 'in', min: 0, max: '1', type: 'Patient' },
    {
      name: 'part',
      use: 'in',
      min: 0,
      max: '*',
      part: [{ name: 'on', use: 'in', min: 1, max: '1', type: 'date' }],
    },
    { name: 'dryRun', use: 'in', min: 0, max: '1', type: 'boolean' },
    { name: 'businessDate', use: 'in', min: 0, max: '1', type: 'date' },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'Basic' },
  ],
};

/** Writes a Basic and answers with it: the smallest operation there is. */
const note: Operation = {
  definition,
  async run({ context, tx, input, on }) {
    const text = parameter(input, 'text')?.valueString ?? '';
    const basic: Basic = { resourceType: 'Basic', code: { text }, created: on };
    return createResource(context, tx, basic);
  },
};

let context: Context;
beforeEach(async () => {
  context = await testContext({ now: () => '2026-03-01T03:00:00.000Z' });
  await context.store.transaction((tx) => tx.put({ resourceType: 'Patient', id: 'p1' }));
});

const run = (given: NonNullable<Parameters['parameter']>, over: Partial<OperationRequest> = {}) =>
  perform(context, note, {
    target: { type: 'Patient' },
    method: 'POST',
    body: { resourceType: 'Parameters', parameter: given },
    ...over,
  });
const bodyOf = async (answer: ReturnType<typeof run>) =>
  JSON.parse(String((await answer).body)) as Basic & { id: string };
const notes = () => find<Basic>(context.store, 'Basic', {});
const faults = async (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'accepted',
    (error: unknown) => {
      const { status, issue } = error as { status: number; issue: Issue[] };
      return issue.map((i) => [status, codeOfIssue(i), i.expression?.[0]]);
    },
  );
const text = { name: 'text', valueString: 'hello' };

describe('an operation', () => {
  test('writes in its transaction, on today where the practice is', async () => {
    expect(await bodyOf(run([text]))).toMatchObject({ code: { text: 'hello' }, created: '2026-02-28' });
    expect(await notes()).toHaveLength(1);
  });

  test('takes the business date that is given', async () => {
    const given = { name: 'businessDate', valueDate: '2025-12-31' };
    expect(await bodyOf(run([text, given]))).toMatchObject({ created: '2025-12-31' });
  });

  test('as a dry run answers the same and writes nothing', async () => {
    expect(await bodyOf(run([text, { name: 'dryRun', valueBoolean: true }]))).toMatchObject({
      code: { text: 'hello' },
    });
    expect(await notes()).toEqual([]);
  });

  test('takes simple parameters from the URL', async () => {
    const answer = run([], {
      body: undefined,
      query: [
        ['text', 'from afar'],
        ['_format', 'json'],
      ],
    });
    expect(await bodyOf(answer)).toMatchObject({ code: { text: 'from afar' } });
  });

  test('at an instance needs that instance', async () => {
    expect(await faults(run([text], { target: { type: 'Patient', id: 'p2' } }))).toEqual([
      [404, 'not-found', undefined],
    ]);
    await context.store.transaction((tx) => tx.delete('Patient', 'p1'));
    expect(await faults(run([text], { target: { type: 'Patient', id: 'p1' } }))).toEqual([
      [410, 'deleted', undefined],
    ]);
  });

  test('under a key is run once, also by a hundred at the same time', async () => {
    const key = { text: 'k1', bodyHash: 'h' };
    const answers = await Promise.all(Array.from({ length: 100 }, () => run([text], { key })));
    expect(new Set(answers.map(({ body }) => String(body))).size).toBe(1);
    expect(await notes()).toHaveLength(1);
    expect(await faults(run([text], { key: { ...key, bodyHash: 'other' } }))).toEqual([
      [422, 'idempotency-key-reused', undefined],
    ]);
  });

  test('as a dry run under a key keeps its answer and nothing else', async () => {
    const key = { text: 'k2', bodyHash: 'h' };
    const given = [text, { name: 'dryRun', valueBoolean: true }];
    const first = await run(given, { key });
    expect((await run(given, { key })).body).toBe(first.body);
    expect(await notes()).toEqual([]);
  });

  test('that changes what is stored is not for GET', async () => {
    expect(await faults(run([text], { method: 'GET' }))).toEqual([[405, 'method-not-allowed', undefined]]);
  });

  test('that nobody knows is a 404', () => {
    expect(() => operationAt('bill-everything', { type: 'Patient' })).toThrow(
      expect.objectContaining({ status: 404 }),
    );
  });
});

const place = 'Parameters.parameter';
test.each([
  ['no parameter', [], [[400, 'missing-parameter', place]]],
  [
    'an unknown one',
    [text, { name: 'colour', valueString: 'red' }],
    [[400, 'unknown-parameter', `${place}[1]`]],
  ],
  ['one too many', [text, text], [[400, 'repeated-parameter', place]]],
  ['another type', [{ name: 'text', valueCode: 'x' }], [[400, 'wrong-parameter-type', `${place}[0]`]]],
  ['two values', [{ ...text, valueCode: 'x' }], [[400, 'wrong-parameter-type', `${place}[0]`]]],
  ['no value', [{ name: 'text' }], [[400, 'wrong-parameter-type', `${place}[0]`]]],
  [
    'a resource of another type',
    [text, { name: 'resource', resource: { resourceType: 'Basic', code: {} } }],
    [[400, 'wrong-parameter-type', `${place}[1]`]],
  ],
  [
    'an unknown part and a missing one',
    [text, { name: 'part', part: [{ name: 'off', valueDate: '2026-01-01' }] }],
    [
      [400, 'unknown-parameter', `${place}[1].part[0]`],
      [400, 'missing-parameter', `${place}[1].part`],
    ],
  ],
  [
    'a day to come',
    [text, { name: 'businessDate', valueDate: '2026-03-01' }],
    [[400, 'business-date-in-future', `${place}.where(name='businessDate').value`]],
  ],
  [
    'a date that is none',
    [text, { name: 'businessDate', valueDate: '31/12/1980' }],
    [[422, 'wrong-format', `${place}[1].value.ofType(date)`]],
  ],
] as const)('%s is refused, and nothing is written', async (_name, given, expected) => {
  expect(await faults(run([...given] as NonNullable<Parameters['parameter']>))).toEqual(expected);
  expect(await notes()).toEqual([]);
});

describe('the body of an operation', () => {
  test('may be the bare resource that its parameter `resource` takes', async () => {
    const patient = readJson(Buffer.from('{"resourceType":"Patient","id":"p1"}'));
    const answer = run([], { body: patient, query: [['text', 'bare']] });
    expect(await bodyOf(answer)).toMatchObject({ code: { text: 'bare' } });
  });

  test.each([
    ['a list', [], 'not-a-resource', undefined],
    ['a resource without a type', { name: 'x' }, 'not-a-resource', undefined],
    [
      'parameters without names',
      { resourceType: 'Parameters', parameter: [{}] },
      'malformed-parameters',
      place,
    ],
  ])('that is %s is a 400', async (_name, body, code, expression) => {
    expect(await faults(run([], { body }))).toEqual([[400, code, expression]]);
  });
});
