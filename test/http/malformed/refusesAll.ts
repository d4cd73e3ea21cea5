import type { Store } from '../../../src/store/store.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as link from './link.ts';
import * as message from './message.ts';
import * as operation from './operation.ts';
import { titleOf, type Row } from './row.ts';
import * as search from './search.ts';
import * as url from './url.ts';
import { openWorld, type World } from './world.ts';
import * as write from './write.ts';

/** Malformed requests: each is refused with its status and code, its part is named, and the store stays as it is. */
const areas: Readonly<Record<string, readonly Row[]>> = {
  ...url,
  ...search,
  ...link,
  ...message,
  ...write,
  ...operation,
};

export const refusesAll = (name: string, open: () => Promise<Store>): void => {
  describe(name, () => {
    let world: World;
    beforeAll(async () => {
      world = await openWorld(await open());
    });
    afterAll(() => world.close());

    test('there are at least 300 of them, all different', () => {
      const all = Object.values(areas).flatMap((rows) =>
        rows.map(([{ method, path, headers, body }]) =>
          JSON.stringify([method, path, headers, String(body)]),
        ),
      );
      expect(new Set(all).size).toBe(all.length);
      expect(all.length).toBeGreaterThanOrEqual(300);
    });

    describe.each(Object.entries(areas))('%s', (_area, rows) => {
      const named = rows.map(([sent, ...expected]) => [titleOf(sent), expected[0], sent, expected] as const);
      test.each(named)('%s: %s', async (_title, _status, sent, [status, code, names]) => {
        const before = await world.digest();
        const answer = await world.send(sent);
        expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
        expect(answer.allow === undefined).toBe(status !== 405);
        expect(answer.type).toMatch(/^application\/fhir\+json/);
        expect(answer.said).toMatch(typeof names === 'string' ? new RegExp(RegExp.escape(names)) : names);
        expect(await world.digest()).toBe(before);
      });
    });
  });
};
