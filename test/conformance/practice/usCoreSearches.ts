import { describe, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import type { Asked } from './conformancePractice.ts';
import { matches, parameterOf, valuesAt, written } from './usCoreSearch.ts';
import { groups, type Group } from './usCoreTable.ts';

const day = 86_400_000;
const pair = (code: string, value: string): string => `${code}=${encodeURIComponent(value)}`;

/** Section 5 and appendix C: every search of the US Core groups, as the suite sends them. */
export function usCoreSearches(asked: () => Asked): void {
  /** The resources that the searches are made of: those of the US Core patient, else all of the type. */
  const all = async ({ type }: Group): Promise<Resource[]> => {
    const found = await asked().search(`${type}?_count=200`);
    const own = found.filter((r) => JSON.stringify(r).includes('cf-uscore') || r.id?.startsWith('cf-uscore'));
    return own.length > 0 ? own : found;
  };
  /** A search of several parameters by the values of one resource that has them all. */
  const queryOf = async (
    group: Group,
    combination: string,
  ): Promise<{ codes: string[]; values: string[]; source: Resource }> => {
    const codes = combination.split('+');
    for (const source of await all(group)) {
      const values = codes.map((code) => written(source, parameterOf(group.type, code)));
      if (values.every((v) => v !== undefined && v !== ''))
        return { codes, values: values as string[], source };
    }
    throw new Error(`no ${group.type} has ${combination}`);
  };

  describe('5 and C the searches of US Core', () => {
    test.each(groups.flatMap((g) => [...g.shall, ...g.should].map((c) => [g.type, c, g] as const)))(
      '5.2 5.8.1 5.8.2 5.8.3 5.8.4 5.8.5 5.8.6 5.8.7 5.8.8 5.8.9 5.8.10 C %s by %s',
      async (type, combination, group) => {
        const { codes, values, source } = await queryOf(group, combination);
        const found = await asked().search(
          `${type}?${codes.map((c, i) => pair(c, values[i] ?? '')).join('&')}&_count=200`,
        );
        expect(found.map(({ id }) => id)).toContain(source.id);
        const wrong = found.filter((r) =>
          codes.some((c, i) => !matches(r, parameterOf(type, c), values[i] ?? '')),
        );
        expect(wrong.map(({ id }) => id)).toEqual([]);
      },
    );

    test.each(groups.map((g) => [g.type, g] as const))(
      '5.3 %s: GET and POST, ID and Type/ID, code with its system',
      async (type, group) => {
        const [first = ''] = group.shall;
        const { codes, values } = await queryOf(group, first);
        const query = `${type}?${codes.map((c, i) => pair(c, values[i] ?? '')).join('&')}&_count=200`;
        const found = (await asked().search(query)).map(({ id }) => id);
        expect((await asked().posted(query)).map(({ id }) => id)).toEqual(found);
        const bare = values.map((v) => v.replace(/^Patient\//, ''));
        const alike = await asked().search(
          `${type}?${codes.map((c, i) => pair(c, bare[i] ?? '')).join('&')}&_count=200`,
        );
        expect(alike.map(({ id }) => id)).toEqual(found);
      },
    );

    test.each(groups.flatMap((g) => (g.compared ?? []).map((c) => [g.type, c, g] as const)))(
      '5.4 %s %s with gt, ge, lt, le, a day before and after, as an instant with offset',
      async (type, code, group) => {
        const { values, source } = await queryOf(group, `${code}+patient`);
        const [value = '', patient = ''] = values;
        const started = value.startsWith('gt') ? Date.parse(value.slice(2)) + day : Date.parse(value);
        for (const prefix of ['gt', 'ge', 'lt', 'le']) {
          const at = started + (prefix.startsWith('g') ? -day : day);
          const compared = `${prefix}${new Date(at).toISOString().slice(0, 19)}+00:00`;
          const found = await asked().search(`${type}?${pair(code, compared)}&patient=${patient}&_count=200`);
          expect([prefix, found.map(({ id }) => id).includes(source.id)]).toEqual([prefix, true]);
          const dates = found.map((r) =>
            valuesAt(r, parameterOf(type, code).path).map((v) => Date.parse(String(v))),
          );
          // A day without time is given a day of grace, as the suite does.
          const within = (time: number): boolean =>
            prefix.startsWith('g') ? time >= at - day : time <= at + day;
          expect(dates.filter((times) => !times.some(within))).toEqual([]);
        }
      },
    );

    test('5.5 a list of statuses returns every status that is there', async () => {
      const every = await asked().search('Procedure?patient=cf-uscore&_count=200');
      const statuses = [...new Set(every.map((r) => String(valuesAt(r, 'status')[0])))];
      const found = await asked().search(
        `Procedure?patient=cf-uscore&status=${statuses.join(',')},not-done&_count=200`,
      );
      expect(found.map(({ id }) => id).toSorted()).toEqual(every.map(({ id }) => id).toSorted());
    });

    test.each(groups.filter((g) => g.revinclude).map((g) => [g.type, g] as const))(
      '5.2 10.6 %s with _revinclude=Provenance:target',
      async (type, group) => {
        const [first = ''] = group.shall;
        const { codes, values } = await queryOf(group, first);
        const query = codes.map((c, i) => pair(c, values[i] ?? '')).join('&');
        const found = await asked().included(`${type}?${query}&_revinclude=Provenance:target`);
        expect(found.some((r) => r.resourceType === 'Provenance')).toBe(true);
      },
    );

    test.each(['endpoint', 'practitioner'])(
      'C PractitionerRole with _include=PractitionerRole:%s',
      async (code) => {
        const found = await asked().included(
          `PractitionerRole?practitioner=lena-marsh&_include=PractitionerRole:${code}`,
        );
        expect(found.map((r) => r.resourceType.toLowerCase())).toEqual([code]);
      },
    );

    test('C MedicationRequest with _include=MedicationRequest:medication', async () => {
      const found = await asked().included(
        'MedicationRequest?patient=cf-uscore&intent=order&_include=MedicationRequest:medication',
      );
      expect(new Set(found.map((r) => r.resourceType))).toEqual(new Set(['Medication']));
    });

    test('2.5.5 a search of US Core that is not run is 400 with an OperationOutcome', async () => {
      const { status, text } = await asked().server.send(
        'GET',
        '/fhir/Condition?patient=cf-uscore&colour=red',
      );
      expect([status, (JSON.parse(text) as Resource).resourceType]).toEqual([400, 'OperationOutcome']);
    });
  });
}
