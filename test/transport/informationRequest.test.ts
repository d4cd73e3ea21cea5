import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Parameters, Task } from '@medplum/fhirtypes';
import { system } from '../../src/terminology/system.ts';
import { eachStore } from '../http/eachStore.ts';
import { claimStatus, fromPartner, requestFor } from './fromPartner.ts';
import { clearinghouse, openPartnerOffice, routeTo, type PartnerOffice } from './partnerOffice.ts';

describe.each(eachStore('information-request'))(
  'a payer asks for information over X12, on %s',
  (_store, open) => {
    let office: PartnerOffice;
    let last = 100;
    let visits = 0;
    beforeAll(async () => {
      office = await openPartnerOffice(open);
      for (const resource of [clearinghouse({ batchSeconds: 3600 }), routeTo()])
        expect((await office.put(resource)).status).toBeLessThan(300);
    });
    afterAll(() => office.close());
    const take = async (...segments: readonly string[]): Promise<string> => {
      const { status, text } = await office.http
        .post('/fhir/$process-x12')
        .set('Content-Type', 'application/EDI-X12')
        .send(fromPartner(++last, ...segments));
      expect([status, text.includes('x12-fault') ? text : '']).toEqual([200, '']);
      return text;
    };
    const sent = async (): Promise<readonly [claim: string, number: string]> => {
      const claim = await office.sendVisit(`v${++visits}`);
      const number = await office.number(claim);
      return [claim, number];
    };
    const requests = async (claim: string): Promise<Task[]> =>
      (await office.tasks('information-requested')).filter((t) => t.focus?.reference === claim);
    const stateOf = async (claim: string): Promise<string | undefined> =>
      (await office.get<Parameters>(`${claim}/$state`)).parameter?.find((p) => p.name === 'state')?.valueCode;

    test('2 a 277 X213 makes the claim wait for what is asked, as over FHIR, with the day it is due', async () => {
      const [claim, number] = await sent();
      const line: readonly [string, string] = [`${number}-1`, 'R3:11504-8::LOI'];
      await take(
        ...requestFor({
          number,
          stc: ['R4:18842-5::LOI'],
          dueOn: '20260701',
          line,
          message: 'SEND THE NOTE',
        }),
      );
      const answer = await office.answer(claim);
      expect(answer).toMatchObject({
        outcome: 'queued',
        identifier: [{ system: system.payerClaimControlNumber, value: 'ICN1' }],
        processNote: [
          {
            type: 'print',
            text: `The payer asks for information: LOINC 18842-5 (R4), LOINC 11504-8 (R3) for line ${number}-1; it is due on 2026-07-01`,
            extension: [{ valueString: expect.stringMatching(/^[0-9a-f]{12}\|0001\|15$/) as unknown }],
          },
          { type: 'display', text: 'SEND THE NOTE' },
        ],
      });
      const [task] = await requests(claim);
      expect(task).toMatchObject({ status: 'requested', restriction: { period: { end: '2026-07-01' } } });
      expect(await stateOf(claim)).toBe('pended');
      expect((await office.hops(claim)).at(-1)).toMatchObject({
        ...{ event: '277RFAI', hop: 'payer', status: 'accepted', code: 'R4:18842-5, R3:11504-8' },
        ...{ control: number, payerNumber: 'ICN1', position: '15' },
      });
    });

    test('2 neighbour: the same request in another file changes nothing, also when it was answered meanwhile', async () => {
      const [claim, number] = await sent();
      await take(...requestFor({ number, stc: ['R4:18842-5::LOI'] }));
      const [task] = await requests(claim);
      await office.put({ ...task, status: 'completed' } as Task & { id: string });
      const before = [(await office.answer(claim))?.meta, await office.hops(claim)];
      await take(...requestFor({ number, stc: ['R4:18842-5::LOI'] }));
      expect([(await office.answer(claim))?.meta, await office.hops(claim)]).toEqual(before);
      expect((await requests(claim)).map(({ status }) => status)).toEqual(['completed']);
      await take(...requestFor({ number, stc: ['R4:11504-8::LOI'], on: '20260610' }));
      expect((await requests(claim)).map(({ status }) => status)).toEqual(['requested']);
      expect((await office.answer(claim))?.processNote?.[0]?.text).toContain('LOINC 11504-8');
    });

    test('2 neighbour: a request that names the claim by the number of its payer only finds it', async () => {
      const [claim, number] = await sent();
      await take(...claimStatus('PR', { number, stc: 'A2:20', payerNumber: 'PCN9' }));
      await take(...requestFor({ number: '', stc: ['R1:21'], payerNumber: 'PCN9' }));
      expect((await office.answer(claim))?.processNote?.[0]?.text).toBe(
        'The payer asks for information: claim status 21 (R1)',
      );
      expect(await stateOf(claim)).toBe('pended');
    });

    test('2 neighbour: asked of a claim that was rejected, its answer stays and a person looks at it', async () => {
      const [claim, number] = await sent();
      await take(...claimStatus('PR', { number, stc: 'A7:562:85', action: 'U' }));
      const before = await office.answer(claim);
      await take(...requestFor({ number, stc: ['R4:18842-5::LOI'] }));
      expect(await office.answer(claim)).toEqual(before);
      const review = (await office.tasks('answer-review')).filter((t) => t.focus?.reference === claim);
      expect(review.map((t) => t.reasonCode?.text)).toEqual(['R4:18842-5']);
    });

    test('2 neighbour: a claim that is not here is told to a person, and the others are taken', async () => {
      const text = await take(
        ...requestFor({ number: 'NOBODY', stc: ['R4:18842-5::LOI'], payerNumber: 'NONE' }),
      );
      expect(text).toContain('claim-unknown');
      const tasks = await office.tasks('inbound');
      expect(tasks.map((t) => t.description)).toContain(
        'a 277RFAI names a claim that is not here: find out whose it is',
      );
    });
  },
);
