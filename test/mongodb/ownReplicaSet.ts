import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { said, spawnKeeper } from './replicaSet.ts';

/** Three nodes of a test's own, whose primary it may kill; the one that was killed comes back after three seconds. */
export interface OwnReplicaSet {
  readonly url: string;
  killPrimary(): Promise<void>;
  /** Waits until all three are members in good health. */
  whole(): Promise<void>;
  /** Ends all nodes. */
  end(): Promise<void>;
}

export async function ownReplicaSet(): Promise<OwnReplicaSet> {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-own-'));
  spawnKeeper(folder, process.pid, true, 3);
  const url = await said(folder);
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));
  return {
    url,
    killPrimary: async () => {
      const client = await MongoClient.connect(url);
      const { primary = '' } = (await client.db('admin').command({ hello: 1 })) as {
        readonly primary?: string;
      };
      const pids = JSON.parse(readFileSync(join(folder, 'nodes'), 'utf8')) as Record<string, number>;
      const pid = pids[primary.split(':')[1] ?? ''];
      if (pid === undefined) throw new Error('there is no primary to kill');
      process.kill(pid, 'SIGKILL');
      await client.close(true);
    },
    whole: async () => {
      for (;;) {
        const client = await MongoClient.connect(url);
        const status = (await client.db('admin').command({ replSetGetStatus: 1 })) as {
          readonly members: readonly { readonly state: number; readonly health: number }[];
        };
        await client.close();
        if (status.members.every(({ state, health }) => health === 1 && (state === 1 || state === 2))) return;
        await pause(300);
      }
    },
    end: async () => {
      if (existsSync(folder)) writeFileSync(join(folder, 'end'), '');
      while (existsSync(folder)) await pause(50);
    },
  };
}
