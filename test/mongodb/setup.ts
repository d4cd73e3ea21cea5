import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the caller has set for a server of his own is none of the tests' business. */
function withoutSettings(): void {
  for (const name of Object.keys(process.env))
    if (/^CLAIMWRIGHT_(?!TEST_)/.test(name)) Reflect.deleteProperty(process.env, name);
}

/** Names the folder of the run's replica set; it is started by the first test that needs it. */
export default function setup(): void {
  withoutSettings();
  process.env['CLAIMWRIGHT_TEST_REPLICA_SET'] = join(
    tmpdir(),
    `claimwright-mongod-${process.pid}-${Date.now()}`,
  );
  process.env['CLAIMWRIGHT_TEST_REPLICA_SET_OF'] = String(process.pid);
}
