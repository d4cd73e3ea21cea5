import { describe, expect, test } from '@jest/globals';
import type { Coverage, ExplanationOfBenefit, Resource } from '@medplum/fhirtypes';
import { patientOfType } from '../../../src/command/seed/testerSheet.ts';
import { parseReference } from '../../../src/datatypes/reference.ts';
import type { Asked } from './conformancePractice.ts';

const dayBefore = (date: string): string =>
  new Date(Date.parse(date.slice(0, 10)) - 86_400_000).toISOString().slice(0, 10);
const idOf = ({ id = '' }: Resource): string => id;
const referenceOf = ({ resourceType, id = '' }: Resource): string => `${resourceType}/${id}`;
const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing to search by');
  return value;
};

/** The references at each include path of an explanation. */
const paths: Readonly<Record<string, (e: ExplanationOfBenefit) => (string | undefined)[]>> = {
  patient: (e) => [e.patient.reference],
  provider: (e) => [e.provider.reference],
  'care-team': (e) => (e.careTeam ?? []).map((c) => c.provider.reference),
  coverage: (e) => e.insurance.map((i) => i.coverage.reference),
  insurer: (e) => [e.insurer.reference],
  payee: (e) => [e.payee?.party?.reference],
};

const patients = Object.values(patientOfType);

/** Section 4.1 to 4.4 of our list of the CARIN suite's requirements; each search as the suite sends it. */
export function carinSearches(asked: () => Asked): void {
  const { search, included, read, bundle } = {
    search: <T extends Resource>(q: string) => asked().search<T>(q),
    included: (q: string) => asked().included(q),
    read: <T extends Resource>(p: string) => asked().read<T>(p),
    bundle: (q: string) => asked().bundle(q),
  };
  const explanations = (patient: string): Promise<ExplanationOfBenefit[]> =>
    search(`ExplanationOfBenefit?patient=${patient}`);
  const first = async (patient: string): Promise<ExplanationOfBenefit> =>
    required((await explanations(patient))[0]);

  describe.each(patients)('4.1 the searches of the CARIN suite for %s', (patient) => {
    test('4.1.1 Patient by _id, and by the exact time of its last change', async () => {
      const [found] = await search(`Patient?_id=${patient}`);
      expect(found?.id).toBe(patient);
      const at = encodeURIComponent(found?.meta?.lastUpdated ?? '');
      expect((await search(`Patient?_lastUpdated=${at}`)).map(idOf)).toContain(patient);
    });

    test('4.1.2 ExplanationOfBenefit by patient, then by what the first of them holds, without patient', async () => {
      const all = await explanations(patient);
      const [e] = all;
      expect(all.length).toBeGreaterThan(0);
      expect(all.every(({ patient: of }) => of.reference === `Patient/${patient}`)).toBe(true);
      const start = required(e?.billablePeriod?.start);
      const queries: Record<string, (one: ExplanationOfBenefit) => boolean> = {
        [`_id=${required(e?.id)}`]: ({ id }) => id === e?.id,
        [`_lastUpdated=${encodeURIComponent(required(e?.meta?.lastUpdated))}`]: ({ meta }) =>
          meta?.lastUpdated === e?.meta?.lastUpdated,
        [`type=${required(e?.type.coding?.[0]?.code)}`]: ({ type }) =>
          type.coding?.[0]?.code === e?.type.coding?.[0]?.code,
        [`identifier=${required(e?.identifier?.[0]?.value)}`]: ({ identifier }) =>
          identifier?.[0]?.value === e?.identifier?.[0]?.value,
        [`service-date=gt${dayBefore(start)}T00:00:00%2B00:00`]: (one) =>
          [
            one.billablePeriod?.end,
            ...(one.item ?? []).map((i) => i.servicedDate ?? i.servicedPeriod?.end),
          ].some((d) => d !== undefined && d >= dayBefore(start)),
        [`service-start-date=${start}`]: (one) =>
          [
            one.billablePeriod?.start,
            ...(one.item ?? []).map((i) => i.servicedDate ?? i.servicedPeriod?.start),
          ].some((d) => d?.slice(0, start.length) === start),
        [`billable-period-start=${start}`]: (one) =>
          one.billablePeriod?.start?.slice(0, start.length) === start,
      };
      for (const [query, matches] of Object.entries(queries)) {
        const found = await search<ExplanationOfBenefit>(`ExplanationOfBenefit?${query}`);
        expect([query, found.map(idOf).includes(e?.id ?? ''), found.filter((one) => !matches(one))]).toEqual([
          query,
          true,
          [],
        ]);
      }
    });

    test.each(Object.keys(paths))('4.1.3 4.2.1 4.2.2 _include=ExplanationOfBenefit:%s', async (code) => {
      const e = await first(patient);
      const named = (paths[code]?.(e) ?? []).filter((r) => r !== undefined);
      expect(named.length).toBeGreaterThan(0);
      const found = await included(
        `ExplanationOfBenefit?_id=${idOf(e)}&_include=ExplanationOfBenefit:${code}`,
      );
      expect(new Set(found.map(referenceOf))).toEqual(new Set(named));
    });

    test('4.1.3 4.2.2 _include=ExplanationOfBenefit:* brings exactly the five, and does not iterate', async () => {
      const e = await first(patient);
      const five = ['patient', 'provider', 'care-team', 'coverage', 'insurer'];
      const named = five.flatMap((code) => paths[code]?.(e) ?? []);
      expect(named.length).toBeGreaterThanOrEqual(5);
      const found = await included(`ExplanationOfBenefit?_include=ExplanationOfBenefit:*&_id=${idOf(e)}`);
      expect(new Set(found.map(referenceOf))).toEqual(new Set(named));
    });

    test('4.1.4 Coverage by _id and last change, with its payor', async () => {
      const id = required(parseReference((await first(patient)).insurance[0]?.coverage.reference)?.id);
      const [coverage] = await search<Coverage>(`Coverage?_id=${id}`);
      expect(coverage?.id).toBe(id);
      const at = encodeURIComponent(coverage?.meta?.lastUpdated ?? '');
      expect((await search(`Coverage?_lastUpdated=${at}`)).map(idOf)).toContain(id);
      const payors = await included(`Coverage?_id=${id}&_include=Coverage:payor`);
      expect(payors.map(referenceOf)).toEqual(coverage?.payor.map((p) => p.reference));
    });

    test('4.1.5 4.3.2 what an explanation names is searched by _id and last change, and read', async () => {
      const all = await explanations(patient);
      const named = new Set(
        all.flatMap((e) => ['insurer', 'provider', 'payee', 'care-team'].flatMap((c) => paths[c]?.(e) ?? [])),
      );
      for (const reference of named) {
        const { type = '', id = '' } = parseReference(reference) ?? {};
        const [found] = await search(`${type}?_id=${id}`);
        expect(found?.id).toBe(id);
        const at = encodeURIComponent(found?.meta?.lastUpdated ?? '');
        expect((await search(`${type}?_lastUpdated=${at}`)).map(idOf)).toContain(id);
        expect((await read(`${type}/${id}`)).id).toBe(id);
      }
    });

    test('4.2.3 2.6.1 every reference is Type/id, without a version', async () => {
      const text = JSON.stringify(await explanations(patient));
      expect(
        [...text.matchAll(/"reference":"([^"]+)"/g)].filter(([, r = '']) => !/^[A-Z]\w+\/[\w.-]+$/.test(r)),
      ).toEqual([]);
    });

    test('4.3.1 10.1 all explanations of a patient are on the first page, the same ones in the same order', async () => {
      const page = await bundle(`ExplanationOfBenefit?patient=${patient}`);
      expect(page.link?.some(({ relation }) => relation === 'next')).toBe(false);
      expect((await explanations(patient)).map(idOf)).toEqual((page.entry ?? []).map((e) => e.resource?.id));
      const [e] = await explanations(patient);
      expect(
        [e?.payee?.party?.reference, e?.careTeam?.[0]?.provider.reference].every((r) => r !== undefined),
      ).toBe(true);
    });

    test('4.3.3 10.1 a patient has explanations of one type and form', async () => {
      const forms = (await explanations(patient)).map((e) => e.meta?.profile?.[0]);
      expect(new Set(forms).size).toBe(1);
    });

    test('4.4.1 4.4.2 4.4.3 4.4.4 the custom tests of the suite', async () => {
      for (const e of await explanations(patient)) {
        expect(e.type.coding?.some((c) => c.system?.endsWith('data-absent-reason'))).toBe(false);
        expect(e.outcome).toBe('complete');
        for (const { focal, coverage } of e.insurance) {
          const { payor } = await read<Coverage>(required(coverage.reference));
          expect(payor[0]?.reference === e.insurer.reference).toBe(focal);
          if (!focal) expect(coverage.display).toMatch(/./);
        }
      }
    });
  });

  const compared: Readonly<Record<string, (start: string, day: string) => boolean>> = {
    eq: (start, day) => start === day,
    ne: (start, day) => start !== day,
    gt: (start, day) => start > day,
    lt: (start, day) => start < day,
    ge: (start, day) => start >= day,
    le: (start, day) => start <= day,
    sa: (start, day) => start > day,
    eb: (start, day) => start < day,
  };

  test.each([...Object.keys(compared), 'ap'])(
    '4.1.8 billable-period-start with the prefix %s',
    async (prefix) => {
      const all = await search<ExplanationOfBenefit>('ExplanationOfBenefit?_count=200');
      const days = all.map((e) => e.billablePeriod?.start ?? '').toSorted();
      const middle = days[Math.floor(days.length / 2)] ?? '';
      const found = await search(`ExplanationOfBenefit?billable-period-start=${prefix}${middle}&_count=200`);
      const holds = compared[prefix];
      const wanted = all.filter((e) => holds?.(e.billablePeriod?.start ?? '', middle));
      if (holds) expect(found.map(idOf).toSorted()).toEqual(wanted.map(idOf).toSorted());
      else
        expect(found.map(idOf)).toEqual(
          expect.arrayContaining(all.filter((e) => e.billablePeriod?.start === middle).map(idOf)),
        );
    },
  );

  test('4.1.8 parameters are combined: each row meets all of them', async () => {
    const [patient = ''] = patients;
    const e = await first(patient);
    const query = `patient=${patient}&type=institutional&service-date=ge${required(e.billablePeriod?.start)}&identifier=${required(e.identifier?.[0]?.value)}`;
    expect((await search(`ExplanationOfBenefit?${query}`)).map(idOf)).toEqual([idOf(e)]);
  });

  test('4.1.6 a search of several patients at once, as the tester gives them, finds all', async () => {
    const all = await search<ExplanationOfBenefit>(
      `ExplanationOfBenefit?patient=${patients.join(',')}&_count=100`,
    );
    expect(new Set(all.map((e) => e.patient.reference))).toEqual(
      new Set(patients.map((p) => `Patient/${p}`)),
    );
  });
}
