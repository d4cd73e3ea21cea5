import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Task } from '@medplum/fhirtypes';
import { holdingsIn } from '../../src/command/payer.ts';
import { openBooks } from '../../src/payer/x12/books.ts';
import { takeIn } from '../../src/payer/x12/takeIn.ts';
import { coded } from '../firm/visit.ts';
import { eachStore } from '../http/eachStore.ts';
import { system } from '../../src/terminology/system.ts';
import { accepting, claimStatus, fromPartner, statusAnswer } from './fromPartner.ts';
import { clearinghouse, openPartnerOffice, routeTo, until, type PartnerOffice } from './partnerOffice.ts';

const forClaims = coded(system.transaction, '837P');
const forQuestions = coded(system.transaction, '276');

describe.each(eachStore('inquiry'))('claims that their payer does not answer, on %s', (_store, open) => {
  let office: PartnerOffice;
  let last = 100;
  let visits = 0;
  beforeAll(async () => {
    office = await openPartnerOffice(open);
    for (const resource of [clearinghouse(), routeTo({ code: [forClaims, forQuestions] })])
      expect((await office.put(resource)).status).toBeLessThan(300);
  });
  afterAll(() => office.close());
  const take = async (...segments: readonly string[]): Promise<void> => {
    const { status, text } = await office.http
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(fromPartner(++last, ...segments));
    expect([status, text.includes('x12-fault') ? text : '']).toEqual([200, '']);
  };
  const questions = (): string[] => office.sentTexts().filter((text) => text.includes('~ST*276*'));
  const texts = async (claim: string): Promise<(string | undefined)[]> =>
    (await office.tasks('no-answer'))
      .filter((t: Task) => t.focus?.reference === claim && t.status === 'requested')
      .map((t) => t.description);
  /** A claim that was sent and whose usual days are over: it is asked after. */
  const silent = async (
    asked = true,
  ): Promise<{ claim: string; number: string; trace: string; question: string }> => {
    const claim = await office.sendVisit(`v${++visits}`);
    const before = questions().length;
    const job = await until(() => office.context.store.jobs.read(`follow-up|${claim}`));
    await office.context.store.transaction(async (tx) => {
      await tx.jobs.enqueue({ ...job, due: 0, key: `now|${claim}` });
    });
    await until(async () => (await texts(claim)).length > 0);
    if (asked) await until(() => Promise.resolve(questions().length > before));
    const question = questions().at(-1) ?? '';
    return {
      claim,
      number: await office.number(claim),
      trace: /~TRN\*1\*([^~]+)~/.exec(question)?.[1] ?? '',
      question,
    };
  };

  test('5 after the usual days: a Task and a 276 in an interchange of its own, told in the Task of the submission', async () => {
    const { claim, number, question } = await silent();
    expect(question).toContain('~NM1*PR*2*PAYER*****PI*JR001~');
    expect(question).toContain(`~REF*EJ*${number}~AMT*T3*100~`);
    const hops = await office.hops(claim);
    const asked = hops.find(({ event }) => event === '276');
    expect(asked).toMatchObject({ hop: 'sender', control: number });
    expect(asked?.number).toMatch(/^\d+\|\d+\|\d{4}$/);
    expect((await office.answer(claim))?.outcome).toBe('queued');
  });

  test('5 the 277 is matched by the trace of the 276: what is to be done is a Task, and a repeat changes nothing', async () => {
    const { claim, number, trace } = await silent();
    await take(...statusAnswer({ trace, stc: 'F1:65*20260606**100*80', control: '' }));
    const hop = (await office.hops(claim)).at(-1);
    expect(hop).toMatchObject({
      event: '277',
      hop: 'payer',
      status: 'accepted',
      code: 'F1:65',
      control: number,
    });
    expect((await texts(claim)).at(-1)).toContain('has decided the claim (F1:65)');
    expect((await office.answer(claim))?.outcome).toBe('queued');
    const before = await office.hops(claim);
    last -= 1;
    await take(...statusAnswer({ trace, stc: 'F1:65*20260606**100*80', control: '' }));
    expect(await office.hops(claim)).toEqual(before);
  });

  test('5 neighbour: the payer does not have it; the answer to a stranger is a Task of its own', async () => {
    const { claim, trace } = await silent();
    await take(...statusAnswer({ trace, stc: 'D0:35*20260606', control: '' }));
    expect((await texts(claim)).at(-1)).toContain('does not have the claim (D0:35)');
    await take(...statusAnswer({ trace: 'NO-TRACE', stc: 'F1:65*20260606', control: 'NOBODY' }));
    expect((await office.tasks('inbound')).map((t) => t.description)).toContain(
      'a 277 names a claim that is not here: find out whose it is',
    );
  });

  test('5 neighbour: a claim that was rejected meanwhile gets no further Task by a late answer', async () => {
    const { claim, number, trace } = await silent();
    await take(...claimStatus('PR', { number, stc: 'A7:562:85', action: 'U' }));
    const before = await texts(claim);
    await take(...statusAnswer({ trace, stc: 'D0:35*20260606', control: '' }));
    expect(await texts(claim)).toEqual(before);
    expect((await office.answer(claim))?.outcome).toBe('error');
  });

  test('5 neighbour: a 999 that refuses the question says nothing of the claim', async () => {
    const { claim, question } = await silent();
    const group = /~GS\*HR\*[^*]*\*[^*]*\*\d+\*\d+\*(\d+)\*/.exec(question)?.[1] ?? '';
    const set = /~ST\*276\*(\d+)\*/.exec(question)?.[1] ?? '';
    await take(...accepting(group, { [set]: 'R' }, 'R').map((s) => s.replace('AK1*HC', 'AK1*HR')));
    expect((await office.answer(claim))?.outcome).toBe('queued');
    expect((await office.tasks('transmission')).map((t) => t.description)).toContainEqual(
      expect.stringContaining('a partner refused questions where claims stand (999 R'),
    );
  });

  test('5 neighbour: none of a set could be answered (E0 at the receiver): each of its claims is a Task', async () => {
    const { claim, question } = await silent();
    const reference = /~BHT\*0010\*13\*([^*]+)\*/.exec(question)?.[1] ?? '';
    await take(...statusAnswer({ reference, stc: 'E0:0*20260606' }));
    expect((await texts(claim)).at(-1)).toContain('could not answer where the claim stands (E0:0)');
  });

  test('7 the simulated payer answers a 276 by itself: not found, then where the claim stands', async () => {
    const { question } = await silent();
    const books = openBooks(holdingsIn());
    const desk = { houses: holdingsIn().houses, clock: { on: '2026-06-08', time: '0900' }, daysToPay: 0 };
    const said = takeIn(books, desk, Buffer.from(question)).map(({ text }) => text);
    const answer = said.find((text) => text.includes('~ST*277*')) ?? '';
    expect(answer).toMatch(/~TRN\*2\*\d+-1~STC\*D0:35\*20260608\*\*100~/);
    expect(said.some((text) => text.includes('~AK1*HR*') && text.includes('~IK5*A~'))).toBe(true);
  });

  test('5 neighbour: where no route carries 276 a person is asked only', async () => {
    await office.put(routeTo({ code: [forClaims] }));
    const before = questions().length;
    const { claim } = await silent(false);
    const waiting = await office.context.store.jobs.read(`now|${claim}`);
    expect([waiting?.state, questions().length]).toEqual(['due', before]);
  });
});
