import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eachStore } from '../http/eachStore.ts';
import {
  clearinghouse,
  openPartnerOffice,
  routeTo,
  until,
  type PartnerOffice,
} from '../transport/partnerOffice.ts';
import { interchange, remittance } from './written.ts';

describe.each(eachStore('answered-other-ids'))(
  'answers to a payer behind a clearinghouse, on %s',
  (_s, open) => {
    let office: PartnerOffice;
    beforeAll(async () => {
      office = await openPartnerOffice(open);
      for (const resource of [clearinghouse(), routeTo()])
        expect((await office.put(resource)).status).toBeLessThan(300);
    });
    afterAll(() => office.close());
    const sentOf = (id: string): string[] => office.sentTexts().filter((text) => text.includes(`*ZZ*${id} `));

    const numberOf = (text: string): number => Number(text.slice(90, 99));

    test('6.3 claims leave under a number that an answer between other ids had before', async () => {
      office.drop('era.835', interchange(remittance)); // of PAYER to PRACTICE: not the ids of the clearinghouse
      const [answer = ''] = await until(() => Promise.resolve(sentOf('PAYER').length > 0 && sentOf('PAYER')));
      expect(answer).toMatch(/^ISA.{29}ZZ\*PRACTICE {7}\*ZZ\*PAYER {10}\*/);
      const claim = await office.sendVisit('a');
      const [sent = ''] = await until(() => Promise.resolve(sentOf('ACMECH').length > 0 && sentOf('ACMECH')));
      expect(office.claimsIn(sent)).toEqual([await office.number(claim)]);
      expect([numberOf(answer), numberOf(sent), office.files('out').length]).toEqual([1, 1, 2]);
    });

    test('3 neighbour: the answer leaves once, however often the file comes', async () => {
      office.drop('again.835', interchange(remittance));
      await until(() => Promise.resolve(office.files('archive').includes('again.835')));
      expect(sentOf('PAYER')).toHaveLength(1);
    });

    test('3 neighbour: an answer takes no number below the first one that the Endpoint allows', async () => {
      expect((await office.put(clearinghouse({ firstNumber: 700 }))).status).toBe(200);
      office.drop('next.835', interchange(remittance).replaceAll('000000017', '000000018'));
      await until(() => Promise.resolve(sentOf('PAYER').length > 1));
      expect(sentOf('PAYER').map(numberOf)).toEqual([1, 700]);
    });
  },
);
