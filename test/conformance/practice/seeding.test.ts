import { expect, test } from '@jest/globals';
import type { ExplanationOfBenefit, Resource } from '@medplum/fhirtypes';
import { seed } from '../../../src/command/seed.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { find } from '../../../src/interaction/repository.ts';
import { soundContext } from '../../scenario/practice.ts';

const versions = async ({ store }: Context): Promise<string[]> => {
  const types = ['Claim', 'ExplanationOfBenefit', 'Patient', 'Account', 'Basic', 'Task', 'Group'] as const;
  const all = await Promise.all(types.map((type) => find<Resource>(store, type, {})));
  return all
    .flat()
    .map(({ resourceType, id = '', meta }) => `${resourceType}/${id} ${meta?.versionId ?? ''}`);
};

/** The same store, of which the transactions after so many are refused. */
function endingAfter(context: Context, transactions: number): Context {
  let left = transactions;
  const { store } = context;
  const ending = new Proxy(store, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name, of);
      if (name !== 'transaction') return typeof value === 'function' ? (value.bind(of) as unknown) : value;
      return (...given: Parameters<typeof store.transaction>) => {
        left -= 1;
        if (left < 0) return Promise.reject(new Error('the process ended here'));
        return store.transaction(...given);
      };
    },
  });
  return { ...context, store: ending };
}

test('the conformance practice: stopped half-way it is finished, a second time and the demo change nothing', async () => {
  const context = await soundContext();
  await expect(seed(endingAfter(context, 60), 'conformance')).rejects.toThrow('the process ended here');
  expect(await seed(context)).toBe('left alone');
  expect(await seed(context, 'conformance')).toBe('loaded');
  const explanations = await find<ExplanationOfBenefit>(context.store, 'ExplanationOfBenefit', {});
  expect(explanations).toHaveLength(31);
  const claims = await find(context.store, 'Claim', { status: 'active' });
  const categories = claims.map((c) => JSON.stringify(c).split('"medicalrecordnumber"').length - 1);
  expect(new Set(categories.filter((n) => n > 0))).toEqual(new Set([1])); // what was added stands once
  const before = await versions(context);
  expect(await seed(context, 'conformance')).toBe('already there');
  expect(await seed(context, 'demo')).toBe('left alone');
  expect(await versions(context)).toEqual(before);
});

test('neighbour: a store with other data, or with the demo begun, is left alone', async () => {
  const context = await soundContext();
  await expect(seed(endingAfter(context, 2))).rejects.toThrow('the process ended here');
  expect(await seed(context, 'conformance')).toBe('left alone');
  expect(await find(context.store, 'Group', {})).toEqual([]);
});
