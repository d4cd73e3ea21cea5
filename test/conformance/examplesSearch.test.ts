import { openStore } from '../../src/store/openStore.ts';
import { examplesAreFound } from './oracle/examplesAreFound.ts';

const stamp = (): string => new Date().toISOString();
examplesAreFound('sqlite', () => openStore('sqlite::memory:', { now: stamp }), {
  definitions: 30,
  values: 2,
  inner: 2,
  every: 3,
});
