import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { auditFaults } from '../../src/command/verify/auditFaults.ts';
import { openStore } from '../../src/store/openStore.ts';
import { startServer } from '../server.ts';

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('D.5 killed at any moment: no request that was answered is without its record', async () => {
  const url = `sqlite:${join(folder, 'store.db')}`;
  const token = 'a-token-that-is-long-enough-for-anybody';
  const authorization = `Bearer ${token}`;
  const server = await startServer({
    CLAIMWRIGHT_STORE: url,
    CLAIMWRIGHT_SEED: 'none',
    CLAIMWRIGHT_AUTH: 'token',
    CLAIMWRIGHT_TOKEN: token,
    CLAIMWRIGHT_RATE_LIMIT: '0',
  });
  const answered: string[] = [];
  let isKilled = false;
  const ask = async (worker: number): Promise<void> => {
    for (let i = 0; !isKilled; i++) {
      const id = `asked-${worker}-${i}`;
      const isWrite = i % 3 === 0;
      const headers = { authorization, 'x-request-id': id, 'content-type': 'application/fhir+json' };
      const sent = isWrite
        ? { method: 'POST', headers, body: JSON.stringify({ resourceType: 'Patient' }) }
        : { headers };
      const answer = await fetch(`${server.base}/Patient${isWrite ? '' : '?_count=1'}`, sent).catch(
        () => undefined,
      );
      if (answer) answered.push(id);
    }
  };
  const asking = Array.from({ length: 8 }, (_, worker) => ask(worker));
  while (answered.length < 150) await new Promise((resolve) => void setTimeout(resolve, 10));
  const ended = server.stop('SIGKILL');
  isKilled = true;
  await ended;
  await Promise.all(asking);
  const store = await openStore(url, { now: () => new Date().toISOString() });
  const recorded = new Set<string>();
  for (const { chain } of await store.audit.chains())
    for (let at = 0; ;) {
      const blocks = (await store.audit.blocks({ chain, seq: at }, 100)).filter(({ seq }) => seq >= at);
      if (blocks.length === 0) break;
      for (const { seq, lines } of blocks) {
        for (const line of lines) recorded.add(/"r":"([^"]*)"/.exec(line)?.[1] ?? '');
        at = seq + lines.length;
      }
    }
  const { faults } = await auditFaults(store);
  await store.close();
  expect(answered.filter((id) => !recorded.has(id))).toEqual([]);
  expect(faults).toEqual([]);
});
