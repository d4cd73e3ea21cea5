import { openStore } from '../../src/store/openStore.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { examplesAreFound } from './oracle/examplesAreFound.ts';

const stamp = (): string => new Date().toISOString();
examplesAreFound('mongodb', async () => openStore(await emptyDatabase('examples'), { now: stamp }), {
  definitions: 10,
  values: 2,
  inner: 2,
  every: 13,
});
