import { emptyDatabase } from '../mongodb/database.ts';
import { capabilityWalk } from './capabilityWalk.ts';

capabilityWalk('SQLite', () => Promise.resolve('sqlite::memory:'));
capabilityWalk('MongoDB', () => emptyDatabase('walk'));
