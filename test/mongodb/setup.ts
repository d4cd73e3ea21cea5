import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names the folder of the run's replica set; it is started by the first test that needs it. */
export default function setup(): void {
  process.env['CLAIMWRIGHT_TEST_REPLICA_SET'] = join(
    tmpdir(),
    `claimwright-mongod-${process.pid}-${Date.now()}`,
  );
  process.env['CLAIMWRIGHT_TEST_REPLICA_SET_OF'] = String(process.pid);
}
