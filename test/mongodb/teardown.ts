import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tells the keeper to end, and waits until it has: nothing is left when the run is over. */
export default async function teardown(): Promise<void> {
  const folder = process.env['CLAIMWRIGHT_TEST_REPLICA_SET'] ?? '';
  if (!existsSync(folder)) return;
  writeFileSync(join(folder, 'end'), '');
  while (existsSync(folder)) await new Promise((resolve) => setTimeout(resolve, 50));
}
