import { afterAll, beforeAll } from '@jest/globals';
import { openStore } from '../../../src/store/openStore.ts';
import { emptyDatabase } from '../../mongodb/database.ts';
import { carinProfiles } from './carinProfiles.ts';
import { carinSearches } from './carinSearches.ts';
import { openShipped, type Asked } from './conformancePractice.ts';
import { usCoreSearches } from './usCoreSearches.ts';

/** The conformance practice on MongoDB: its searches, and that its explanations are those of SQLite. */
let asked: Asked;
beforeAll(async () => {
  const now = (): string => new Date().toISOString();
  const base = 'http://127.0.0.1:8080/fhir';
  asked = await openShipped(
    'conformance',
    await openStore(await emptyDatabase('conformance'), { now, base }),
  );
});
afterAll(() => asked.server.close());

carinSearches(() => asked);
carinProfiles(() => asked);
usCoreSearches(() => asked);
