import { afterAll, expect, test } from '@jest/globals';
import { startServer, type RunningServer } from '../../server.ts';
import type { Manifest } from './bulkServer.ts';

const count = 6000;
const servers: RunningServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop('SIGKILL');
  servers[0]?.remove();
});

const start = async (into?: string): Promise<RunningServer> => {
  const server = await startServer({ CLAIMWRIGHT_SEED: 'none', CLAIMWRIGHT_LOG: 'error' }, into);
  servers.push(server);
  return server;
};

test('6.3 neighbour: an export that was killed goes on: no line is lost, none comes twice', async () => {
  const first = await start();
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ resourceType: 'Basic', id: `b${i}`, code: { text: 'x'.repeat(2000) } }),
  );
  const imported = await fetch(`${first.base}/$import`, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+ndjson' },
    body: lines.join('\n'),
  });
  expect(imported.status).toBe(200);
  const kicked = await fetch(`${first.base}/$export?_type=Basic`, { headers: { prefer: 'respond-async' } });
  expect(kicked.status).toBe(202);
  const { pathname } = new URL(kicked.headers.get('content-location') ?? '');
  let progress = '';
  for (let i = 0; i < 9 && !/^[1-9]/.test(progress); i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    const reply = await fetch(first.origin + pathname);
    if (reply.status === 200) break;
    progress = reply.headers.get('x-progress') ?? '';
  }
  await first.stop('SIGKILL');

  const second = await start(first.folder);
  for (;;) {
    const reply = await fetch(second.origin + pathname);
    if (reply.status !== 200) {
      expect([202, 429]).toContain(reply.status);
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    const { output } = (await reply.json()) as Manifest;
    expect(output.length).toBeGreaterThan(3);
    const ids: string[] = [];
    for (const { url } of output) {
      const text = await (await fetch(second.origin + new URL(url).pathname)).text();
      for (const line of text.split('\n').filter(Boolean)) ids.push((JSON.parse(line) as { id: string }).id);
    }
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
    return;
  }
});
