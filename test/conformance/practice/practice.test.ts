import { afterAll, beforeAll } from '@jest/globals';
import { carinContent } from './carinContent.ts';
import { carinProfiles } from './carinProfiles.ts';
import { carinSearches } from './carinSearches.ts';
import { openShipped, type Asked } from './conformancePractice.ts';
import { statement } from './statement.ts';
import { usCoreGroups } from './usCoreGroups.ts';
import { usCoreSearches } from './usCoreSearches.ts';

/** The conformance practice on SQLite, asked for everything that the public suites ask. */
let asked: Asked;
beforeAll(async () => {
  asked = await openShipped('conformance');
});
afterAll(() => asked.server.close());

const practice = (): Asked => asked;
statement(practice);
carinSearches(practice);
carinProfiles(practice);
carinContent(practice);
usCoreSearches(practice);
usCoreGroups(practice);
