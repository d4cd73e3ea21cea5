import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Claim } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { clearinghouse, openPartnerOffice, routeTo, until, type PartnerOffice } from './partnerOffice.ts';

describe.each(eachStore('exchange'))('claims to a trading partner, on %s', (_store, open) => {
  let office: PartnerOffice;
  beforeEach(async () => {
    office = await openPartnerOffice(open);
  });
  afterEach(() => office.close());
  const connect = async (parts: Readonly<Record<string, string | number>> = {}): Promise<void> => {
    for (const resource of [clearinghouse(parts), routeTo()])
      expect((await office.put(resource)).status).toBeLessThan(300);
  };

  test('6.3 a claim leaves in an interchange that is kept, and its Task names it', async () => {
    await connect();
    const claim = await office.sendVisit('a');
    expect(await office.answer(claim)).toMatchObject({ outcome: 'queued' });
    const [text = ''] = await until(() =>
      Promise.resolve(office.sentTexts().length > 0 && office.sentTexts()),
    );
    expect(office.claimsIn(text)).toEqual([await office.number(claim)]);
    expect(text).toMatch(/^ISA\*00\* {10}\*00\* {10}\*ZZ\*ALDER {10}\*ZZ\*ACMECH {9}\*/);
    expect(text.slice(102, 103)).toBe('T');
    expect(text).toContain('*PI*JR001~');
    expect(office.files('out')).toEqual(['ACMECH_000000001.x12']);
    const [hop] = await until(async () => (await office.hops(claim)).length > 0 && office.hops(claim));
    expect(hop).toMatchObject({
      event: 'interchange',
      hop: 'sender',
      number: '1|1|0001',
      control: await office.number(claim),
    });
    const kept = await office.http.get(`/fhir/${hop?.proof ?? ''}`).responseType('blob');
    expect([kept.headers['content-type'], (kept.body as Buffer).toString('latin1')]).toEqual([
      'application/EDI-X12',
      text,
    ]);
    expect((await office.submit(claim)).one().id).toBe((await office.answer(claim))?.id);
    expect(office.files('out')).toHaveLength(1);
  });

  test('6.3 claims wait for each other, up to the size of a batch; numbers are never used twice', async () => {
    await connect({ batchClaims: 3, batchSeconds: 3600, setClaims: 2 });
    const claims: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) claims.push(await office.sendVisit(name));
    const [text = '', ...more] = await until(() =>
      Promise.resolve(office.sentTexts().length > 0 && office.sentTexts()),
    );
    expect(more).toEqual([]);
    const numbers = await Promise.all(claims.map((claim) => office.number(claim)));
    expect(office.claimsIn(text)).toEqual(numbers.slice(0, 3));
    expect([...text.matchAll(/~ST\*837\*(\d+)\*/g)].map((m) => m[1])).toEqual(['0001', '0002']);
    expect([...text.matchAll(/~HL\*(\d+)\*(\d*)\*/g)].map((m) => [m[1], m[2]])).toEqual([
      ['1', ''],
      ['2', '1'],
      ['3', ''],
      ['4', '3'],
      ['1', ''],
      ['2', '1'],
    ]);
  });

  test('6.3 what was cancelled while it waited stays behind; what waits leaves at once when it is asked for', async () => {
    await connect({ batchSeconds: 3600 });
    const [a, b] = [await office.sendVisit('a'), await office.sendVisit('b')];
    const claim = await office.get<Claim>(a);
    await office.store.transaction((tx) => tx.put({ ...claim, status: 'cancelled' }));
    expect(office.files('out')).toEqual([]);
    const path = 'Endpoint/acme/$send';
    expect((await office.run(path)).codes).toEqual(['leaving']);
    const [text = ''] = await until(() =>
      Promise.resolve(office.sentTexts().length > 0 && office.sentTexts()),
    );
    expect(office.claimsIn(text)).toEqual([await office.number(b)]);
    expect((await office.run(path)).codes).toEqual(['nothing-waits']);
  });
});
