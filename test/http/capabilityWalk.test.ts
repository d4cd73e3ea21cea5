import { emptyDatabase } from '../mongodb/database.ts';
import { capabilityWalk } from './capabilityWalk.ts';

capabilityWalk('SQLite', () => Promise.resolve('sqlite::memory:'));
// 7 is prime to the numbers of types, parameters and methods, so that each of them comes up.
capabilityWalk('MongoDB', () => emptyDatabase('walk'), 7);
