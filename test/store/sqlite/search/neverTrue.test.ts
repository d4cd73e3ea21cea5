import { expect, test } from '@jest/globals';
import type { Observation } from '@medplum/fhirtypes';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';

test('a criterion that nothing can meet, beside a date after a moment, finds nothing and is no fault', async () => {
  const store = await openStore('sqlite::memory:', { now: () => new Date().toISOString() });
  const seen: Observation & { id: string } = {
    resourceType: 'Observation',
    id: 'seen',
    status: 'final',
    code: {},
    effectiveDateTime: '2025-01-01',
  };
  await store.transaction((tx) => tx.put(seen));
  const search = (code: string): ReturnType<typeof store.search> =>
    store.search(
      parsePairs('Observation', [
        ['date', 'gt2024'],
        ['code', code],
        ['_total', 'accurate'],
      ]),
    );
  for (const code of ['http://nowhere|', 'http://nowhere|,http://neither|']) {
    const page = await search(code);
    expect({ matches: page.matches.length, total: page.total }).toEqual({ matches: 0, total: 0 });
  }
  await store.close();
});
