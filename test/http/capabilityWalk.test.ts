import { capabilityWalk } from './capabilityWalk.ts';

capabilityWalk('SQLite', () => Promise.resolve('sqlite::memory:'));
