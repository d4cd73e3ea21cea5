import { openStore } from '../../../src/store/openStore.ts';
import { refusesAll } from './refusesAll.ts';

refusesAll('sqlite', () => openStore('sqlite::memory:', { now: () => new Date().toISOString() }));
