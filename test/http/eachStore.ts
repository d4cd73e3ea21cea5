import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { sharedDatabase } from '../mongodb/database.ts';

const now = (): string => new Date().toISOString();
const base = 'http://127.0.0.1:8080/fhir';

/** For describe.each: both stores, each made empty for every test; `name` keeps two test files apart. */
export const eachStore = (name: string): readonly (readonly [string, () => Promise<Store>])[] => [
  ['sqlite', () => openStore('sqlite::memory:', { now, base })],
  ['mongodb', async () => openStore(await sharedDatabase(name), { now, base })],
];
