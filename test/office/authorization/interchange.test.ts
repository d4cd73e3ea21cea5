import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { kneeVisit } from '../../fixture/kneeVisit.ts';
import { system } from '../../../src/terminology/system.ts';
import { faultsOf, readTransactions } from '../../../src/x12/read.ts';
import { answered, numbered, opened } from '../../eligibility/payerAnswers.ts';
import { coded } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { post } from '../../http/server.ts';
import {
  clearinghouse,
  openPartnerOffice,
  routeTo,
  until,
  type PartnerOffice,
} from '../../transport/partnerOffice.ts';
import { actionsOf, requestOf } from './authorizingOffice.ts';

describe.each(eachStore('office-authorization-278'))(
  'authorization by interchange, on %s',
  (_store, open) => {
    let office: PartnerOffice;
    beforeAll(async () => {
      office = await openPartnerOffice(open);
      for (const resource of [clearinghouse(), routeTo({ code: [coded(system.transaction, '278')] })])
        expect((await office.put(resource)).status).toBeLessThan(300);
    });
    afterAll(() => office.close());
    const sets = (version: string): string[] =>
      office.sentTexts().filter((text) => text.includes('~ST*278*') && text.includes(`*${version}~`));
    const take = async (text: string): Promise<void> => {
      const reply = await office.http
        .post('/fhir/$process-x12')
        .set('Content-Type', 'application/EDI-X12')
        .send(numbered(text));
      expect([reply.status, reply.text.includes('x12-fault') ? reply.text : '']).toEqual([200, '']);
    };
    const asked = async (id: string, member: string): Promise<string> => {
      const visit = kneeVisit(id, '2026-06-01');
      for (const { resource } of visit.entry ?? [])
        if (resource?.resourceType === 'Coverage') resource.subscriberId = member;
      expect((await post(office.http, '', visit)).status).toBe(200);
      const request: Claim & { id: string } = { ...requestOf(`ask-${id}`, id), created: '2026-06-05' };
      expect((await office.put(request)).status).toBeLessThan(300);
      const before = sets('005010X217').length;
      const said = await office.run(`Claim/ask-${id}/$submit`);
      expect([said.status, said.one<ClaimResponse>().outcome]).toEqual([200, 'queued']);
      return until(() => sets('005010X217')[before]);
    };

    test('2 a request leaves as a 278, sound by its guide, under the id of the route, and its answer is the next version', async () => {
      const text = await asked('sent', 'JRH100871102');
      expect(text).toContain('~NM1*X3*2*');
      expect(text).toContain('*PI*JR001~');
      expect(text).not.toContain('~ST*837*');
      expect(faultsOf(readTransactions(text)).filter(({ refuses }) => refuses)).toEqual([]);
      await take(answered(opened(), text.replace('*PI*JR001~', '*PI*JRH01~'), '278'));
      const response = await office.answer('Claim/ask-sent');
      expect(response && actionsOf(response)).toEqual([[1, 'A1', true]]);
      expect(response?.meta?.versionId).toBe('2');
    });

    test('2 what is pended is asked after by the inquiry of X12 (X215), and its answer decides', async () => {
      const text = await asked('waits', 'FORCEDPENDED1');
      const pended = answered(opened(), text.replace('*PI*JR001~', '*PI*JRH01~'), '278');
      await take(pended);
      const claim = 'Claim/ask-waits';
      const first = await office.answer(claim);
      expect(first && actionsOf(first)).toEqual([[1, 'A4', false]]);
      expect(
        (await office.tasks('authorization-pended')).map((t) => [t.focus?.reference, t.status]),
      ).toContainEqual([claim, 'requested']);
      const job = await until(() => office.context.store.jobs.read(`authorization-inquiry|${claim}`));
      await office.context.store.transaction(async (tx) => {
        await tx.jobs.enqueue({ ...job, due: 0, key: `now|${claim}` });
      });
      const inquiry = await until(() => sets('005010X215')[0]);
      expect(inquiry).toContain('~BHT*0007*28*');
      expect(faultsOf(readTransactions(inquiry)).filter(({ refuses }) => refuses)).toEqual([]);
      const decided = pended
        .replaceAll('005010X217', '005010X215')
        .replace(/~HCR\*A4[^~]*/, '~HCR*A1*NUM77')
        .replace(/~MSG\*[^~]*/, '')
        .replace(/(~BHT\*0007\*11\*[^*]*)\*\d{8}\*\d{4}/, '$1*20991231*0900');
      await take(decided.replace(/~SE\*(\d+)\*/, (_all, n: string) => `~SE*${(Number(n) - 1).toString()}*`));
      const answer = await until(async () => {
        const found = await office.answer(claim);
        return found?.preAuthRef === undefined && !JSON.stringify(found).includes('NUM77')
          ? undefined
          : found;
      });
      expect(actionsOf(answer)).toEqual([[1, 'A1', true]]);
      expect((await office.tasks('authorization-pended')).map((t) => t.status)).toEqual(['completed']);
      expect((await office.tasks('no-answer')).filter((t) => t.status === 'requested')).toEqual([]);
    });
  },
);
