import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Organization, Parameters } from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { changed } from '../../src/datatypes/json.ts';
import type { PayerAnswer } from '../../src/gateway/gateway.ts';
import { eachStore } from '../http/eachStore.ts';
import { openSender, type Sender } from '../firm/payerAtTheEnd.ts';
import { own } from '../firm/visit.ts';

const reason = { name: 'reason', valueString: 'mended' };

describe.each(eachStore('claim_rejected'))('claims that were never judged, on %s', (_name, open) => {
  let office: Sender;
  const clock = { now: '2026-11-24T15:00:00Z' };
  beforeAll(async () => {
    office = await openSender(open, { now: () => clock.now });
  });
  afterAll(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await office.store.close();
  });
  const answering = (): void => {
    office.payer.send = (_t, judge) => judge();
  };
  const state = async (claim: string): Promise<string | undefined> =>
    (await office.get<Parameters>(`${claim}/$state`)).parameter?.find((p) => p.name === 'state')?.valueCode;
  const faults = async () => (await storeFaults(office.store, Date.parse(clock.now))).faults;
  const rule = (
    ...parts: { url: string; valueCode?: string; valueBoolean?: boolean; valuePositiveInt?: number }[]
  ) =>
    office.change<Organization>('Organization/juniper-ridge', (payer) => {
      payer.extension = [
        ...(payer.extension ?? []).filter((e) => e.url !== own('correction-rule')),
        ...(parts.length > 0 ? [{ url: own('correction-rule'), extension: parts }] : []),
      ];
    });

  /** An answer that pays nothing, with CARC 16 and a remark. */
  const refusing = async (judge: () => Promise<PayerAnswer>, remark: string): Promise<PayerAnswer> => {
    const said = await judge();
    const item = (said.response.item ?? []).map((i) => {
      const amount = i.adjudication[0]?.amount ?? { value: 0, currency: 'USD' as const };
      const nothing = { value: 0, currency: 'USD' as const };
      const code = (c: string) => ({
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adjudication', code: c }],
      });
      const adjudication: typeof i.adjudication = [
        { category: code('submitted'), amount },
        { category: code('eligible'), amount: nothing },
        { category: code('benefit'), amount: nothing },
        {
          category: {
            coding: [{ system: 'https://x12.org/codes/claim-adjustment-group-codes', code: 'CO' }],
          },
          reason: {
            coding: [{ system: 'https://x12.org/codes/claim-adjustment-reason-codes', code: '16' }],
          },
          amount,
        },
      ];
      return changed(i, { adjudication });
    });
    return {
      is: 'answer',
      response: changed(said.response, {
        item,
        payment: {
          ...said.response.payment,
          type: said.response.payment?.type ?? {},
          amount: { value: 0, currency: 'USD' as const },
        },
        processNote: [{ number: 1, type: 'print' as const, text: remark }],
      }),
    };
  };

  test('5 a rejected claim goes again as a new original: the same charges, a new control number, the proof kept', async () => {
    const claim = await office.draft('refused');
    office.payer.send = () => Promise.resolve({ is: 'refused', reason: 'A7:562:85' });
    await office.submit(claim);
    expect(await state(claim)).toBe('rejected');
    answering();
    const corrected = await office.run(`${claim}/$correct`, [reason]);
    const draft = corrected.one<Claim>('claim');
    const before = await office.get<Claim>(claim);
    expect([corrected.status, draft.status, draft.related]).toEqual([200, 'draft', undefined]);
    expect(draft.identifier?.[0]?.value).not.toBe(before.identifier?.[0]?.value);
    expect(draft.total).toEqual(before.total);
    const proof = draft.extension?.find((e) => e.url === own('resubmission-of'))?.extension;
    expect(proof?.map((e) => e.url)).toEqual(['claim', 'sent', 'answered']);
    expect(proof?.[0]?.valueReference?.reference).toBe(claim);
    expect([await state(claim), before.status]).toEqual(['withdrawn', 'cancelled']);
    const again = await office.run(`${claim}/$correct`, [reason]);
    expect([again.codes, again.one<Claim>('claim').id]).toEqual([['already-there'], draft.id]);
    const answer = await office.submit(`Claim/${draft.id}`);
    expect(answer.one<ClaimResponse>().disposition).toBe('Processed as primary');
    const sent = await office.get<Claim>(`Claim/${draft.id}`);
    expect(sent.extension?.some((e) => e.url === own('resubmission-of'))).toBe(true);
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: a rejected claim that is voided is taken back at once, its charges free', async () => {
    const claim = await office.draft('dropped');
    office.payer.send = () => Promise.resolve({ is: 'refused', reason: 'A7:562:85' });
    await office.submit(claim);
    answering();
    const voided = await office.run(`${claim}/$void`, [reason]);
    expect([voided.codes, voided.one<Claim>('claim').status]).toEqual([['withdrawn'], 'cancelled']);
    const anew = await office.run('Encounter/dropped-visit/$generate-claim');
    expect(anew.one<Claim>('claim').status).toBe('draft');
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: MA130 counts as rejected, although the claim was answered', async () => {
    const claim = await office.draft('unfit');
    office.payer.send = (_t, judge) => refusing(judge, 'MA130');
    await office.submit(claim);
    answering();
    expect(await state(claim)).toBe('rejected');
    const draft = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    expect([draft.related, await state(claim)]).toEqual([undefined, 'withdrawn']);
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: a replacement that the payer denies leaves the claim as it stands, and can be tried again', async () => {
    const claim = await office.draft('denied');
    await office.submit(claim);
    const before = await state(claim);
    const first = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    office.payer.send = (_t, judge) => refusing(judge, 'N1');
    await office.submit(`Claim/${first.id}`);
    answering();
    expect([before, await state(claim), await state(`Claim/${first.id}`)]).toEqual([
      'paid',
      'paid',
      'denied',
    ]);
    expect(await faults()).toEqual([]);
    const second = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    expect(second.id).not.toBe(first.id);
    await office.submit(`Claim/${second.id}`);
    expect([await state(claim), await state(`Claim/${second.id}`)]).toEqual(['corrected', 'paid']);
    expect(await faults()).toEqual([]);
  });

  test('5 payer profile: a change reason, a window, a void first, an appeal only', async () => {
    const claim = await office.draft('profile');
    await office.submit(claim);
    await rule({ url: 'way', valueCode: 'replacement' }, { url: 'change-reason', valueBoolean: true });
    expect((await office.run(`${claim}/$correct`, [reason])).codes).toEqual(['change-reason-missing']);
    const wrong = await office.run(`${claim}/$correct`, [reason, { name: 'changeReason', valueCode: 'D12' }]);
    expect([wrong.status, wrong.codes]).toEqual([422, ['change-reason-unknown']]);
    await rule({ url: 'way', valueCode: 'appeal' });
    expect((await office.run(`${claim}/$correct`, [reason])).codes).toEqual(['correction-by-appeal']);
    await rule({ url: 'way', valueCode: 'replacement' }, { url: 'days', valuePositiveInt: 10 });
    expect((await office.run(`${claim}/$correct`, [reason])).codes).toEqual(['correction-too-late']);
    await rule({ url: 'way', valueCode: 'void-and-original' }, { url: 'form', valueCode: 'professional' });
    const first = await office.run(`${claim}/$correct`, [reason, { name: 'changeReason', valueCode: 'D5' }]);
    const voiding = first.one<Claim>('claim');
    expect([first.codes, voiding.related?.[0]?.claim?.reference]).toEqual([['void-first', 'created'], claim]);
    const codes = voiding.supportingInfo?.flatMap((s) => s.code?.coding?.map((c) => c.code) ?? []);
    expect(codes).toEqual(expect.arrayContaining(['D5', '8']));
    await rule();
  });
});
