import { describe, expect, test } from '@jest/globals';
import type { Coverage, Location, Organization } from '@medplum/fhirtypes';
import { moneyFaults } from '../c4bbMoney.ts';
import { ofForm } from './carinProfiles.ts';
import { codes, info, isAmount, oral, professional, sentences, uc, type Eob } from './carinSentences.ts';
import type { Asked } from './conformancePractice.ts';

/** Sections 4.5 to 4.10 of our list, as far as they are about content; cardinality and bindings are the checker's. */
export function carinContent(asked: () => Asked): void {
  const all = (): Promise<Eob[]> => asked().search<Eob>('ExplanationOfBenefit?_count=200');

  describe('4.5 to 4.10 what explanations say', () => {
    test.each(sentences)('%s', async (_text, about, holds) => {
      const found = (await all()).filter(about);
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter((e) => !holds(e)).map(({ id }) => id)).toEqual([]);
    });

    test.each(['Inpatient-Institutional', 'Outpatient-Institutional'])(
      '4.3.4 10.2 %s: one explanation with amounts in the header, another with amounts on the lines',
      async (form) => {
        const inHeader = ofForm(await all(), form).map((e) => (e.adjudication ?? []).some(isAmount));
        expect(new Set(inHeader)).toEqual(new Set([true, false]));
      },
    );

    test('4.8.3 4.9.4 10.3 a payment taken back: each explanation names its neighbours by their numbers', async () => {
      const chains = Map.groupBy(
        (await all()).filter(({ related }) => related),
        (e) => e.claim?.reference,
      );
      expect(chains.size).toBeGreaterThan(2);
      for (const [paid, back, last] of chains.values()) {
        const names = (e: Eob | undefined): unknown[] =>
          (e?.related ?? []).map(({ relationship, reference }) => [codes(relationship)[0], reference?.value]);
        if (!paid || !back || !last) throw new Error('no chain of three');
        expect(new Set([uc(paid), uc(back), uc(last)]).size).toBe(3);
        expect(names(paid)).toEqual([['replacedby', uc(back)]]);
        expect(names(back)).toEqual([
          ['prior', uc(paid)],
          ['replacedby', uc(last)],
        ]);
        expect(names(last)).toEqual([['prior', uc(back)]]);
        expect(moneyFaults(back)).toEqual([]);
      }
    });

    test('4.9.3 10.3 the focal insurance is of the insurer; the other is named by its carrier', async () => {
      const several = (await all()).filter(({ insurance }) => insurance.length > 1);
      expect(several.length).toBeGreaterThan(0);
      for (const { insurer, insurance } of several)
        for (const { focal, coverage } of insurance) {
          const { payor } = await asked().read<Coverage>(coverage.reference ?? '');
          expect(payor[0]?.reference === insurer.reference).toBe(focal);
          expect(focal || coverage.display === payor[0]?.display).toBe(true);
        }
    });

    test("4.9.7 the facility is named where it is not the billing provider's own, and only there", async () => {
      const found = (await all()).filter((e) => professional(e) || oral(e));
      expect(found.some((e) => info(e, 'servicefacility').length > 0)).toBe(true);
      for (const e of found) {
        const place = e.facility && (await asked().read<Location>(e.facility.reference ?? ''));
        const owner = place?.managingOrganization?.reference;
        const named = info(e, 'servicefacility').map((s) => s.valueReference?.reference);
        expect(named).toEqual(owner === undefined || owner === e.provider.reference ? [] : [owner]);
        if (named[0] === undefined) continue;
        const facility = await asked().read<Organization>(named[0]);
        expect([
          facility.name,
          facility.address?.[0]?.postalCode,
          facility.identifier?.[0]?.value,
        ]).not.toContain(undefined);
      }
    });

    test('4.10.5 10.4 a related person is payee of an explanation that pays the provider nothing', async () => {
      const found = (await all()).filter((e) => e.payee?.party?.reference?.startsWith('RelatedPerson/'));
      expect(found.length).toBeGreaterThan(0);
      for (const { payee, payment } of found)
        expect([codes(payee?.type), payment?.amount?.value]).toEqual([['other'], 0]);
    });
  });
}
