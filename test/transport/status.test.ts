import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClaimResponse, Organization, Task } from '@medplum/fhirtypes';
import { system } from '../../src/terminology/system.ts';
import { eachStore } from '../http/eachStore.ts';
import { clearinghouse, openPartnerOffice, routeTo, until, type PartnerOffice } from './partnerOffice.ts';
import { accepting, claimStatus, fromPartner, providerRejected, setRejected } from './fromPartner.ts';

interface SentNumbers {
  readonly interchange: string;
  readonly group: string;
  readonly sets: readonly string[];
}

const codeOf = (error: ClaimResponse | undefined): string | undefined => error?.error?.[0]?.code.text;

describe.each(eachStore('exchange-status'))('what a partner says of claims, on %s', (_store, open) => {
  let office: PartnerOffice;
  let last = 100;
  let visits = 0;
  beforeAll(async () => {
    office = await openPartnerOffice(open);
    for (const resource of [clearinghouse({ batchClaims: 2, batchSeconds: 3600, setClaims: 1 }), routeTo()])
      expect((await office.put(resource)).status).toBeLessThan(300);
  });
  afterAll(() => office.close());
  const takeText = async (text: string): Promise<void> => {
    const { status, text: said } = await office.http
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(text);
    expect([status, said.includes('x12-fault') ? said : '']).toEqual([200, '']);
  };
  const take = (...segments: readonly string[]): Promise<void> => takeText(fromPartner(++last, ...segments));
  /** Two claims in an interchange of their own, a set each; and its control numbers. */
  const sendTwo = async (): Promise<readonly [string, string, SentNumbers]> => {
    const before = office.files('out').length;
    const [a, b] = [await office.sendVisit(`v${++visits}`), await office.sendVisit(`v${++visits}`)];
    await until(() => Promise.resolve(office.files('out').length > before));
    const text = office.sentTexts().at(-1) ?? '';
    const group = /~GS\*HC\*[^*]*\*[^*]*\*\d+\*\d+\*(\d+)\*/.exec(text)?.[1] ?? '';
    const sets = [...text.matchAll(/~ST\*837\*(\d+)\*/g)].map((m) => m[1] ?? '');
    return [a, b, { interchange: text.slice(90, 99), group, sets }];
  };
  const status = async (claim: string): Promise<(string | undefined)[]> =>
    (await office.hops(claim)).map(({ event, hop, status: said }) => `${event} ${hop} ${said ?? ''}`.trim());
  const open1 = async (code: string): Promise<(string | undefined)[]> =>
    (await office.tasks(code)).filter((t: Task) => t.status === 'requested').map((t) => t.focus?.reference);

  test('6.5 a 999 accepts one set and rejects the other: all claims of the rejected one', async () => {
    const [a, b, { group, sets }] = await sendTwo();
    await take(...accepting(group, { [sets[0] ?? '']: 'E', [sets[1] ?? '']: 'R' }, 'P'));
    expect(await status(a)).toEqual(['interchange sender', '999 clearinghouse acknowledged']);
    expect(await status(b)).toEqual(['interchange sender', '999 clearinghouse rejected']);
    expect((await office.answer(a))?.outcome).toBe('queued');
    const refused = await office.answer(b);
    expect([refused?.outcome, codeOf(refused)]).toEqual(['error', '999 R 5 CLM element 2 1']);
    expect(await open1('submission-refused')).toContain(b);
    expect(await open1('submission-refused')).not.toContain(a);
    const [, hop] = await office.hops(b);
    expect(hop).toMatchObject({
      code: 'R',
      on: '2026-06-06',
      number: `${last}|0001`,
      control: await office.number(b),
    });
    expect(hop?.proof).toMatch(/^Binary\//);
  });

  test('6.5 a 277CA of the payer accepts a claim, with the number that it gave; redelivery changes nothing', async () => {
    const [a] = await sendTwo();
    const number = await office.number(a);
    await take(...claimStatus('PR', { number, stc: 'A2:20:PR', payerNumber: 'PCN77' }));
    const answer = await office.answer(a);
    expect(answer).toMatchObject({
      outcome: 'queued',
      identifier: [{ system: system.payerClaimControlNumber, value: 'PCN77' }],
    });
    const before = [answer?.meta, await office.hops(a)];
    last -= 1;
    await take(...claimStatus('PR', { number, stc: 'A2:20:PR', payerNumber: 'PCN77' }));
    expect([(await office.answer(a))?.meta, await office.hops(a)]).toEqual(before);
  });

  test('6.5 a rejection at any hop beats every acceptance, whichever comes first', async () => {
    const [a, b] = await sendTwo();
    const [first, second] = [await office.number(a), await office.number(b)];
    await take(
      ...claimStatus(
        'AY',
        { number: first, stc: 'A1:20' },
        { number: second, stc: 'A7:562:85', action: 'U' },
      ),
    );
    await take(
      ...claimStatus('PR', { number: first, stc: 'A3:21', action: 'U' }, { number: second, stc: 'A2:20' }),
    );
    for (const claim of [a, b]) expect((await office.answer(claim))?.outcome).toBe('error');
    expect(codeOf(await office.answer(a))).toBe('277CA A3:21');
    expect(codeOf(await office.answer(b))).toBe('277CA A7:562:85');
    expect(await status(a)).toEqual([
      'interchange sender',
      '277CA clearinghouse acknowledged',
      '277CA payer rejected',
    ]);
    expect(await open1('submission-refused')).toEqual(expect.arrayContaining([a, b]));
  });

  test('6.5 neighbour: a mended claim goes again under a number of its own, and a word on the first is kept only', async () => {
    const [a] = await sendTwo();
    const number = await office.number(a);
    await take(...claimStatus('PR', { number, stc: 'A7:562:85', action: 'U' }));
    const task = (await office.tasks('submission-refused')).find((t) => t.focus?.reference === a);
    await office.put({ ...task, status: 'completed' } as Task);
    expect((await office.submit(a)).one<ClaimResponse>().outcome).toBe('queued');
    const before = office.files('out').length;
    await office.sendVisit(`v${++visits}`);
    await until(() => Promise.resolve(office.files('out').length > before));
    const text = office.sentTexts().at(-1) ?? '';
    expect(office.claimsIn(text)[0]).toBe(`${number}-2`);
    await take(...claimStatus('PR', { number: `${number}-2`, stc: 'A2:20', payerNumber: 'P2' }));
    await take(...claimStatus('PR', { number, stc: 'A3:21', action: 'U' }));
    const answer = await office.answer(a);
    expect([answer?.outcome, answer?.identifier?.[0]?.value]).toEqual(['queued', 'P2']);
  });

  test('6.5 a TA1 that refuses the interchange rejects all of its claims', async () => {
    const [a, b, { interchange }] = await sendTwo();
    await take(`TA1*${interchange}*260606*1200*R*006`);
    for (const claim of [a, b]) {
      expect(await status(claim)).toEqual(['interchange sender', 'TA1 clearinghouse rejected']);
      expect(codeOf(await office.answer(claim))).toBe('TA1 R 006');
    }
  });

  test('6.5 neighbour: a 277CA that rejects a whole set names no patient: all of its claims are rejected', async () => {
    const [a, b] = await sendTwo();
    const text = office.sentTexts().at(-1) ?? '';
    const reference = /~BHT\*0019\*00\*([^*]+)\*/.exec(text)?.[1] ?? '';
    await take(...setRejected(reference));
    expect(await status(a)).toEqual(['interchange sender', '277CA clearinghouse rejected']);
    expect([codeOf(await office.answer(a)), (await office.answer(b))?.outcome]).toEqual([
      '277CA A8:24:41',
      'queued', // it went in another set
    ]);
  });

  describe('3 a 277CA that rejects a provider without naming patients', () => {
    const sent = async (): Promise<readonly [string, string, string, string]> => {
      const [a, b] = await sendTwo();
      const reference = /~BHT\*0019\*00\*([^*]+)\*/.exec(office.sentTexts().at(-1) ?? '')?.[1] ?? '';
      const practice = await office.get<Organization>('Organization/alder-street-clinic');
      const npi = practice.identifier?.find((i) => i.system === system.npi)?.value ?? '';
      return [a, b, reference, npi];
    };

    test('3 rejects all claims of that provider in the set, and those of no other set', async () => {
      const [a, b, reference, npi] = await sent();
      await take(...providerRejected(reference, npi));
      expect(await status(a)).toEqual(['interchange sender', '277CA payer rejected']);
      expect(codeOf(await office.answer(a))).toBe('277CA A8:562:85');
      expect((await office.answer(b))?.outcome).toBe('queued');
      expect(await open1('submission-refused')).toContain(a);
    });

    test.each([
      ['another provider', (reference: string) => ({ reference, npi: '1982736450' })],
      ['a set that is not known', (_: string, npi: string) => ({ reference: 'NONE', npi })],
    ])('3 neighbour: of %s it rejects nothing, and a person is told', async (_what, meant) => {
      const [a, , reference, npi] = await sent();
      const before = (await open1('inbound')).length;
      const named = meant(reference, npi);
      await take(...providerRejected(named.reference, named.npi));
      expect((await office.answer(a))?.outcome).toBe('queued');
      expect((await open1('inbound')).length).toBe(before + 1);
    });

    test('3 neighbour: said again it changes nothing', async () => {
      const [a, , reference, npi] = await sent();
      await take(...providerRejected(reference, npi));
      const before = await office.hops(a);
      last -= 1;
      await take(...providerRejected(reference, npi));
      expect(await office.hops(a)).toEqual(before);
    });
  });

  test('6.5 neighbour: a 999 without sets speaks for the whole group, and one of a stranger for none', async () => {
    const [a, , { group }] = await sendTwo();
    const stranger = fromPartner(++last, ...accepting(group, {}, 'R')).replace('*ZZ*ACMECH ', '*ZZ*OTHERS ');
    await takeText(stranger);
    expect(await status(a)).toEqual(['interchange sender']);
    await take(...accepting(group, {}, 'A'));
    expect(await status(a)).toEqual(['interchange sender', '999 clearinghouse acknowledged']);
  });

  test('6.5 neighbour: a 277CA of a partner that never got the claim changes nothing of it, and a person is told', async () => {
    const [a] = await sendTwo();
    const said = fromPartner(
      ++last,
      ...claimStatus('PR', { number: await office.number(a), stc: 'A3:21', action: 'U' }),
    );
    const before = (await open1('inbound')).length;
    await takeText(said.replace('*ZZ*ACMECH ', '*ZZ*OTHERS '));
    expect(await status(a)).toEqual(['interchange sender']);
    expect((await office.answer(a))?.outcome).toBe('queued');
    expect((await open1('inbound')).length).toBe(before + 1);
  });
});

describe.each(eachStore('exchange-poll'))('files of a partner, on %s', (_store, open) => {
  let office: PartnerOffice;
  beforeAll(async () => {
    office = await openPartnerOffice(open);
    for (const resource of [clearinghouse(), routeTo()])
      expect((await office.put(resource)).status).toBeLessThan(300);
  });
  afterAll(() => office.close());

  test('6.4 what the partner puts out is taken in and archived; garbage is put aside, with a Task', async () => {
    const claim = await office.sendVisit('a');
    await until(() => Promise.resolve(office.files('out').length > 0));
    office.drop(
      'answer.277',
      fromPartner(9, ...claimStatus('PR', { number: await office.number(claim), stc: 'A2:20' })),
    );
    office.drop('garbage.bin', 'PK\u0003\u0004 no interchange');
    await until(() => Promise.resolve(office.files('archive').length + office.files('failed').length === 2));
    expect([office.files('in'), office.files('archive'), office.files('failed')]).toEqual([
      [],
      ['answer.277'],
      ['garbage.bin'],
    ]);
    expect((await office.hops(claim)).map((h) => h.event)).toEqual(['interchange', '277CA']);
    const acknowledging = (): string[] => office.sentTexts().filter((text) => text.includes('~ST*999*'));
    await until(() => Promise.resolve(acknowledging().length > 0));
    expect(acknowledging()[0]).toMatch(/~AK1\*HN\*7\*005010X214~.*~IK5\*A~AK9\*A\*1\*1\*1~/);
    const [task] = await office.tasks('inbound');
    expect([task?.focus?.reference, task?.reasonCode?.text, task?.owner?.reference]).toEqual([
      'Endpoint/acme',
      'garbage.bin',
      'Organization/alder-street-clinic',
    ]);
    office.drop(
      'answer.277',
      fromPartner(9, ...claimStatus('PR', { number: await office.number(claim), stc: 'A2:20' })),
    );
    await until(() => Promise.resolve(office.files('archive').length === 2));
    expect(await office.hops(claim)).toHaveLength(2);
    expect(acknowledging()).toHaveLength(1);
  });
});
