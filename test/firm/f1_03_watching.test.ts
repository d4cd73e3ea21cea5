import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Parameters } from '@medplum/fhirtypes';
import { sent, testServer } from '../http/server.ts';
import { eachStore } from '../http/eachStore.ts';
import { openSender, type Sender } from './payerAtTheEnd.ts';

describe.each(eachStore('firm-1-03-watching'))('on %s', (_store, open) => {
  let office: Sender;
  let claim: string;
  beforeEach(async () => {
    office = await openSender(open, { submitWait: 20_000 });
    office.payer.send = () => Promise.resolve({ is: 'unknown' });
    office.payer.find = () => Promise.resolve({ is: 'cannot-tell' });
    claim = await office.draft('a');
    await office.submit(claim);
  });
  afterEach(() => office.store.close());
  const status = async (query = ''): Promise<[string, unknown][]> =>
    ((await office.get(`$job-status${query}`)) as unknown as Parameters).parameter?.map((p) => [
      p.name,
      p.valueInteger ?? p.part?.find(({ name }) => name === 'key')?.valueString,
    ]) ?? [];

  test('1.3 $job-status tells how much there is to do and what waits for a person', async () => {
    expect(await status()).toEqual([
      ['due', 0],
      ['leased', 0],
      ['sending', 0],
      ['held', 1],
      ['failed', 0],
      ['lease', 0],
      ['job', `submission|${claim}`],
    ]);
    const one = (await office.get(`$job-status?job=submission|${claim}`)) as unknown as Parameters;
    expect(one.parameter?.[0]?.part?.find(({ name }) => name === 'state')?.valueCode).toBe('held');
    expect(JSON.stringify(one)).not.toContain('Marlow');
    expect((await sent(office.http.get('/fhir/$job-status?job=nothing'))).status).toBe(404);
  });

  test('1.3 /metrics tells requests and jobs in the text format of Prometheus, and nothing of a chart', async () => {
    const { status: code, headers, text } = await sent(office.http.get('/metrics'));
    expect([code, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain('claimwright_jobs{state="held"} 1\n');
    expect(text).toContain('claimwright_job_leases 0\n');
    expect(text).toMatch(
      /claimwright_requests_total\{method="POST",route="[^"]*\/:type\/:id\/[^"]*",status="200"\} [1-9]/,
    );
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(?:# |claimwright_\w+(?:\{[^}]*\})? [\d.]+$)/);
    expect(text).not.toMatch(/Marlow|Claim\/|juniper/);
  });

  test('1.3 neighbour: /metrics asks for the token where FHIR does', async () => {
    const token = 'x'.repeat(40);
    const { http, context } = await testServer({ auth: 'token', token });
    expect((await sent(http.get('/metrics'))).status).toBe(401);
    expect((await sent(http.get('/metrics').set('authorization', `Bearer ${token}`))).status).toBe(200);
    await context.store.close();
  });
});
