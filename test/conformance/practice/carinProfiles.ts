import { describe, expect, test } from '@jest/globals';
import type { ExplanationOfBenefit, Resource } from '@medplum/fhirtypes';
import { profileFaults } from '../profile/check.ts';
import { c4bb, c4bbUrl } from '../profile/guide.ts';
import { notSeen, suiteLists } from '../profile/mustSupport.ts';
import type { Asked } from './conformancePractice.ts';

/** The forms that the practice has explanations of. */
export const forms: readonly string[] = [
  'Inpatient-Institutional',
  'Outpatient-Institutional',
  'Professional-NonClinician',
  'Oral',
  'Pharmacy',
];

const isOf = (resource: Resource, profile: string): boolean =>
  resource.meta?.profile?.some((p) => p.startsWith(`${c4bbUrl(profile)}|2.0.`)) === true;

/** The explanations of one form. */
export const ofForm = (all: readonly ExplanationOfBenefit[], form: string): ExplanationOfBenefit[] =>
  all.filter((e) => isOf(e, `ExplanationOfBenefit-${form}`));

/** Sections 4.3.3, 4.3.4, 4.11 and 10.3: every resource keeps to its profile, and every element is somewhere. */
export function carinProfiles(asked: () => Asked): void {
  const all = (type: string): Promise<Resource[]> => asked().search(`${type}?_count=200`);
  const explanations = async (): Promise<ExplanationOfBenefit[]> =>
    asked().search<ExplanationOfBenefit>('ExplanationOfBenefit?_count=200');

  describe('4.3 and 4.11 the profiles of C4BB 2.0.0', () => {
    test.each(forms)(
      '4.3.3 4.6.1 4.6.7 4.10.1 4.10.2 4.10.3 4.10.4 4.10.6 4.10.7 every %s explanation keeps to its profile and to the base',
      async (form) => {
        const found = ofForm(await explanations(), form);
        expect(found.length).toBeGreaterThan(2);
        for (const e of found)
          for (const profile of ['ExplanationOfBenefit', `ExplanationOfBenefit-${form}`])
            expect([e.id, profileFaults(c4bb(), c4bbUrl(profile), e)]).toEqual([e.id, []]);
      },
    );

    test('4.3.3 4.5.1 every explanation claims one of the five profiles, with its version', async () => {
      const found = await explanations();
      expect(found.filter((e) => forms.filter((form) => ofForm([e], form).length > 0).length !== 1)).toEqual(
        [],
      );
    });

    test.each(['Coverage', 'Patient', 'Organization', 'Practitioner', 'RelatedPerson'])(
      '4.11.1 4.11.2 4.11.3 4.11.4 4.11.5 every %s that claims its profile keeps to it, and all that an explanation names claim it',
      async (type) => {
        const found = await all(type);
        for (const r of found.filter((one) => isOf(one, type)))
          expect([r.id, profileFaults(c4bb(), c4bbUrl(type), r)]).toEqual([r.id, []]);
        const text = JSON.stringify(await explanations());
        const named = found.filter((r) => text.includes(`"${type}/${r.id ?? ''}"`));
        expect(named.length).toBeGreaterThan(0);
        expect(named.filter((r) => !isOf(r, type)).map((r) => r.id)).toEqual([]);
      },
    );

    test('4.3.4 10.3 no element of the base list is missing', async () => {
      const rows = suiteLists.c4bb['ExplanationOfBenefit'] ?? [];
      expect(rows).toHaveLength(34);
      expect(notSeen(c4bb(), c4bbUrl('ExplanationOfBenefit'), rows, await explanations())).toEqual([]);
    });

    test.each(forms)('4.3.4 10.3 B.1 no must-support element of %s is missing', async (form) => {
      const profile = `ExplanationOfBenefit-${form}`;
      const rows = suiteLists.c4bb[profile] ?? [];
      expect(rows.length).toBeGreaterThan(70);
      expect(notSeen(c4bb(), c4bbUrl(profile), rows, ofForm(await explanations(), form))).toEqual([]);
    });

    test.each(['Coverage', 'Patient', 'Organization', 'Practitioner', 'RelatedPerson'])(
      '10.3 10.4 10.5 B.2 no must-support element of %s is missing',
      async (type) => {
        const rows = suiteLists.c4bb[type] ?? [];
        expect(rows.length).toBeGreaterThan(6);
        expect(notSeen(c4bb(), c4bbUrl(type), rows, await all(type))).toEqual([]);
      },
    );

    test('4.3.4 neighbour: without the one resource that carries an element, it is named', async () => {
      const profile = 'ExplanationOfBenefit-Professional-NonClinician';
      const rows = suiteLists.c4bb[profile] ?? [];
      const without = ofForm(await explanations(), 'Professional-NonClinician').filter(
        (e) => !JSON.stringify(e.supportingInfo).includes('"patientweight"'),
      );
      expect(notSeen(c4bb(), c4bbUrl(profile), rows, without)).toContain('supportingInfo:patientweight');
    });
  });
}
