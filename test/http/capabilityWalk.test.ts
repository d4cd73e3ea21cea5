import { emptyDatabase } from '../mongodb/database.ts';
import { capabilityWalk } from './capabilityWalk.ts';

// 5 and 7 are prime to the numbers of types, parameters and methods, so that each of them comes up.
capabilityWalk('SQLite', () => Promise.resolve('sqlite::memory:'), 5);
capabilityWalk('MongoDB', () => emptyDatabase('walk'), 7);
