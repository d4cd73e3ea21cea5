import { openStore } from '../../../src/store/openStore.ts';
import { emptyDatabase } from '../../mongodb/database.ts';
import { refusesAll } from './refusesAll.ts';

refusesAll('mongodb', async () =>
  openStore(await emptyDatabase('malformed'), { now: () => new Date().toISOString() }),
);
