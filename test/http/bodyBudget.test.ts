import { describe, expect, test } from '@jest/globals';
import { BodyBudget, type Reservation } from '../../src/http/bodyBudget.ts';

const kb = 1024;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Reserves for bodies one after another; tells which hold a reservation, and releases one. */
function askers(budget: BodyBudget, sizes: Readonly<Record<string, number>>) {
  const taken = new Map<string, Reservation>();
  for (const [name, size] of Object.entries(sizes))
    void budget.reserve(size * kb).then((reservation) => taken.set(name, reservation));
  return {
    inside: async (): Promise<string> => {
      await turn();
      return [...taken].flatMap(([name, { isHeld }]) => (isHeld ? [name] : [])).join('');
    },
    leave: (name: string): void => taken.get(name)?.release(),
  };
}

describe('the budget of large bodies', () => {
  test('lets in what fits, the rest in the order it came, and one however large', async () => {
    const { inside, leave } = askers(new BodyBudget(300 * kb), { a: 200, b: 100, c: 500, d: 70 });
    expect(await inside()).toBe('ab');
    leave('a');
    expect(await inside()).toBe('b'); // the smaller one behind does not overtake
    leave('b');
    expect(await inside()).toBe('c');
    leave('c');
    expect(await inside()).toBe('d');
  });

  test('a small body never waits', async () => {
    const { inside } = askers(new BodyBudget(100 * kb), { a: 100, b: 1, c: 63 });
    expect(await inside()).toBe('abc');
  });

  test('a reservation is released once', async () => {
    const { inside, leave } = askers(new BodyBudget(200 * kb), { a: 100, b: 100, c: 100, d: 100 });
    expect(await inside()).toBe('ab');
    leave('a');
    leave('a');
    expect(await inside()).toBe('bc');
  });
});
