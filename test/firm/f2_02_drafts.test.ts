import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, ChargeItem, Claim } from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { eachStore } from '../http/eachStore.ts';
import { post, sent, type Reply } from '../http/server.ts';
import { kneeOffice, type KneeOffice } from './kneeOffice.ts';

describe.each(eachStore('f2_02'))('on %s', (_store, open) => {
  let office: KneeOffice;
  const drafted = async (encounter: string): Promise<Claim & { id: string }> => {
    const ran = await office.run(`${encounter}/$generate-claim`);
    expect([ran.status, ran.status === 200 ? '' : ran.text]).toEqual([200, '']);
    return ran.one<Claim>('claim');
  };
  const patched = (path: string, value: string): Promise<Reply> =>
    sent(
      office.http
        .patch(`/fhir/${path}`)
        .set('Content-Type', 'application/json-patch+json')
        .send(JSON.stringify([{ op: 'replace', path: '/status', value }])),
    );
  const cancel = (path: string) =>
    office.change<Claim>(path, (claim) => {
      claim.status = 'cancelled';
    });
  const inTransaction = (path: string): Promise<Reply> =>
    post(office.http, '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: path } }],
    });

  beforeAll(async () => {
    office = await kneeOffice(open);
  });
  afterAll(() => office.store.close());

  const ways: readonly (readonly [string, (path: string) => Promise<Reply>])[] = [
    ['cancelled by an update', cancel],
    ['marked as an error by a patch', (path) => patched(path, 'entered-in-error')],
    ['deleted', (path) => office.delete(path)],
    ['deleted in a transaction', inTransaction],
  ];

  test.each(ways)('2.2 a draft that was %s is drafted anew and goes to the payer', async (how, take) => {
    const encounter = await office.visit(`drafts-${how.replaceAll(' ', '-')}`);
    const first = await drafted(encounter);
    expect((await take(`Claim/${first.id}`)).status).toBeLessThan(300);
    const second = await drafted(encounter);
    expect(second.id).not.toBe(first.id);
    expect((await office.run(`Claim/${second.id}/$submit`)).status).toBe(200);
    const posted = (await office.journal()).filter((e) => e.reason === 'claim-submitted');
    expect(posted.flatMap((e) => e.postings.flatMap((p) => p.claim ?? []))).not.toContain(
      `Claim/${first.id}`,
    );
  });

  test('2.2 a charge that a plain update took back is charged anew', async () => {
    const encounter = await office.visit('drafts5');
    const draft = await drafted(encounter);
    const { entry } = await office.get<Bundle>(`ChargeItem?context=${encounter}`);
    for (const path of (entry ?? []).map((e) => `ChargeItem/${e.resource?.id ?? ''}`)) {
      const taken = await office.change<ChargeItem>(path, (charge) => {
        charge.status = 'entered-in-error';
      });
      expect(taken.status).toBe(200);
    }
    const scrubbed = await office.run(`Claim/${draft.id}/$scrub`);
    expect(scrubbed.codes).toContain('charge-current');
    const again = await drafted(encounter);
    expect(again.total?.value).toBe(207.45);
    expect(balance(await office.journal(), { account: 'receivable-unbilled', encounter })).toBe(20745);
    expect((await office.run(`Claim/${again.id}/$submit`)).status).toBe(200);
  });

  test('2.2 neighbour: a draft taken back twice is drafted a third time', async () => {
    const encounter = await office.visit('drafts6');
    for (const turn of [1, 2]) {
      const draft = await drafted(encounter);
      const answer =
        turn === 1 ? await cancel(`Claim/${draft.id}`) : await office.delete(`Claim/${draft.id}`);
      expect(answer.status).toBeLessThan(300);
    }
    expect((await drafted(encounter)).status).toBe('draft');
  });

  test('2.2 neighbour: a cancelled draft that is opened again is not sent beside its successor', async () => {
    const encounter = await office.visit('drafts7');
    const first = await drafted(encounter);
    await cancel(`Claim/${first.id}`);
    const second = await drafted(encounter);
    expect((await office.run(`Claim/${second.id}/$submit`)).status).toBe(200);
    await office.change<Claim>(`Claim/${first.id}`, (claim) => {
      claim.status = 'draft';
    });
    expect((await office.run(`Claim/${first.id}/$submit`)).status).toBe(422);
  });

  test('2.2 neighbour: an ExplanationOfBenefit cannot be deleted, so the share is never stuck', async () => {
    const encounter = await office.visit('drafts8');
    const draft = await drafted(encounter);
    await office.run(`Claim/${draft.id}/$submit`);
    const { entry } = await office.get<Bundle>(`ExplanationOfBenefit?claim=Claim/${draft.id}`);
    const answer = await office.delete(`ExplanationOfBenefit/${entry?.[0]?.resource?.id ?? ''}`);
    expect(answer.status).toBe(409);
  });
});
