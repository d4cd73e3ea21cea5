import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { coded, own } from '../firm/visit.ts';
import {
  at,
  cdt,
  chair,
  dental,
  dentalProcedure,
  openCounter,
  patient,
  surface,
  tooth,
} from './dentalOffice.ts';

const day = '2026-06-03';

describe.each(eachStore('oral'))('dental services, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await openCounter(office);
  });
  afterAll(() => office.close());

  test('10.7 a dental visit goes from Procedure to EOB Oral, Invoice and ledger', async () => {
    const of = at(day, 'molar');
    await office.put(
      patient('molar'),
      dental('molar', 'molar'),
      chair('molar', day),
      dentalProcedure('molar-1', of, 'D0120'),
      dentalProcedure('molar-2', of, 'D1110'),
      dentalProcedure('molar-3', of, 'D2392', {
        bodySite: [coded(tooth, '14'), coded(surface, 'M'), coded(surface, 'O')],
      }),
      dentalProcedure('molar-4', of, 'D2740', {
        bodySite: [coded(tooth, '30')],
        extension: [
          {
            url: own('prosthesis'),
            extension: [
              { url: 'replacement', valueBoolean: true },
              { url: 'prior-placement', valueDate: '2015-04-09' },
            ],
          },
        ],
      }),
    );
    const claims = await office.claims('molar', '2026-06-04');
    console.log(JSON.stringify(claims, null, 1));
    for (const claim of claims) {
      const scrub = await office.call(`Claim/${claim.id ?? ''}/$scrub`);
      console.log(JSON.stringify(scrub.issues));
      const response = await office.submit(claim, '2026-06-05');
      console.log(JSON.stringify(response.item));
    }
    const eobs = await office.find<ExplanationOfBenefit>('ExplanationOfBenefit?patient=Patient/molar');
    console.log(JSON.stringify(eobs, null, 1));
  });
});
