import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, MeasureReport } from '@medplum/fhirtypes';
import { Books } from '../../../src/billing/report/books.ts';
import { cleanClaims } from '../../../src/billing/report/measures/claimQuality.ts';
import { tally } from '../../../src/billing/report/tally.ts';
import { aboutEntry } from '../../../src/operation/report/aboutEntry.ts';
import { day, later, openWorld, reason, sent, type World } from '../../claim/world.ts';
import { condition, coverage, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';

const charted = (name: string) => [
  patient(name),
  coverage(name, name, { subscriberId: `JRH${name.toUpperCase()}` }),
  visit(name, name, day),
  condition(name, name),
];

const practice = 'Organization/alder-street-clinic';
const period = { start: '2026-06-01', end: '2026-06-30' };

describe.each(eachStore('office-corrected'))(
  'a claim that is corrected later, in reports on %s',
  (_, open) => {
    let world: World;
    beforeAll(async () => {
      world = await openWorld(open, { now: () => new Date().toISOString() });
    });
    afterAll(() => world.close());

    const edit = (draft: Claim | undefined) =>
      world.call(`Claim/${draft?.id ?? ''}/$edit`, [
        {
          name: 'edit',
          part: [
            { name: 'element', valueCode: 'authorization-number' },
            { name: 'value', valueString: 'AUTH-9' },
            { name: 'reason', valueString: 'granted' },
          ],
        },
      ]);
    const counts = (
      codes: readonly (readonly [string, number | undefined])[],
    ): Record<string, number | undefined> =>
      Object.fromEntries<number | undefined>(codes.filter(([code]) => code === 'sent' || code === 'edited'));
    const told = async (): Promise<Record<string, number | undefined>> => {
      const query = `subject=${practice}&periodStart=${period.start}&periodEnd=${period.end}`;
      const { body } = await world.send('get', `Measure/clean-claim-rate/$evaluate-measure?${query}`);
      const groups = (body as MeasureReport).group ?? [];
      return counts(groups.map((g) => [g.code?.coding?.[0]?.code ?? '', g.measureScore?.value] as const));
    };
    /** What a server tells that is started now and reads the journal anew. */
    const afterStart = async (): Promise<Record<string, number | undefined>> => {
      const { store } = world.context;
      const books = new Books();
      const { entries, orders } = await store.entries({ count: 5000 });
      for (const [i, entry] of entries.entries()) {
        await aboutEntry(store, books, entry);
        books.add(entry, orders[i] ?? 0, practice);
      }
      const scope = { books, practice, ...period, anchor: 'service' as const };
      const figures = await tally(cleanClaims, scope, [], () => undefined);
      return counts(figures.map(({ figure, total }) => [figure.code, total.score] as const));
    };

    test('10 what a biller changes on the correction is no change of the claim that went before', async () => {
      const claim = await world.billed('amy');
      expect(await told()).toEqual({ sent: 1, edited: 0 });
      const [draft] = (await world.act(claim, 'correct', [reason()])).all<Claim>('claim');
      expect((await edit(draft)).status).toBe(200);
      expect(
        (await world.act({ resourceType: 'Claim', id: draft?.id ?? '' }, 'submit', [], later(2))).status,
      ).toBe(200);
      expect(await told()).toEqual({ sent: 1, edited: 0 });
      expect(await afterStart()).toEqual({ sent: 1, edited: 0 });
    });

    test('10 neighbour: what was changed before the claim went is a change, also when the correction is changed too', async () => {
      await world.put(...charted('bob'));
      const [draft] = await world.claims('bob', sent);
      expect((await edit(draft)).status).toBe(200);
      await world.submit(draft, sent);
      expect(await told()).toEqual({ sent: 2, edited: 1 });
      const claim = { resourceType: 'Claim', id: draft?.id ?? '' } as const;
      const [correction] = (await world.act(claim, 'correct', [reason()])).all<Claim>('claim');
      expect((await edit(correction)).status).toBe(200);
      expect(await afterStart()).toEqual({ sent: 2, edited: 1 });
    });
  },
);
