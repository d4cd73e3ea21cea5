import { describe, expect, test } from '@jest/globals';
import { Room, type Taken } from '../../src/http/room.ts';

const kb = 1024;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Asks for room for bodies one after another; tells who is in, and lets one leave. */
function askers(room: Room, sizes: Readonly<Record<string, number>>) {
  const taken = new Map<string, Taken>();
  for (const [name, size] of Object.entries(sizes))
    void room.enter(size * kb).then((place) => taken.set(name, place));
  return {
    inside: async (): Promise<string> => {
      await turn();
      return [...taken].flatMap(([name, { isHeld }]) => (isHeld ? [name] : [])).join('');
    },
    leave: (name: string): void => taken.get(name)?.leave(),
  };
}

describe('room for large bodies', () => {
  test('lets in what fits, the rest in the order it came, and one however large', async () => {
    const { inside, leave } = askers(new Room(300 * kb), { a: 200, b: 100, c: 500, d: 70 });
    expect(await inside()).toBe('ab');
    leave('a');
    expect(await inside()).toBe('b'); // the smaller one behind does not overtake
    leave('b');
    expect(await inside()).toBe('c');
    leave('c');
    expect(await inside()).toBe('d');
  });

  test('a small body never waits', async () => {
    const { inside } = askers(new Room(100 * kb), { a: 100, b: 1, c: 63 });
    expect(await inside()).toBe('abc');
  });

  test('room is given back once', async () => {
    const { inside, leave } = askers(new Room(200 * kb), { a: 100, b: 100, c: 100, d: 100 });
    expect(await inside()).toBe('ab');
    leave('a');
    leave('a');
    expect(await inside()).toBe('bc');
  });
});
