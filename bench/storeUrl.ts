import { join } from 'node:path';

/**
 * A store that nothing is in yet: a file in the folder, or a database of its own on the MongoDB that
 * CLAIMWRIGHT_TEST_MONGODB names (a replica set of one node is what the figures are of).
 */
export function freshStore(kind: 'sqlite' | 'mongodb', folder: string): string {
  if (kind === 'sqlite') return `sqlite:${join(folder, 'bench.db')}`;
  const url = process.env['CLAIMWRIGHT_TEST_MONGODB'];
  if (url === undefined) throw new Error('say where MongoDB is: CLAIMWRIGHT_TEST_MONGODB=mongodb://…');
  const named = new URL(url);
  named.pathname = `/bench_${Date.now().toString(36)}`;
  return named.toString();
}
