import type { Basic } from '@medplum/fhirtypes';
import { contains, dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';
import type { Facility } from './settings.ts';

/** What the law of a state asks of a kind of place: a row of the table, a Basic of code collection-law. */
export interface CollectionLaw {
  readonly noticeDays: number; // between the last notice and an agency
  readonly waitDays: number; // between the first bill and an agency
  readonly limitationYears: number; // until nothing may be collected
  readonly dormancyYears: number | undefined; // until credit of a patient goes to the state
  readonly from: string;
}

/** What federal law asks of a hospital that pays no tax before any such act, whatever the state says: 26 CFR 1.501(r)-6. */
const nonprofit = { noticeDays: 30, waitDays: 120 };

/** The row for a state and kind of place on a day, the latest first day first; undefined: nothing may be placed. */
export function lawOn(
  rows: readonly Basic[],
  of: { readonly state: string | undefined; readonly facility: Facility; readonly day: string },
): CollectionLaw | undefined {
  const found = rows.flatMap((row): CollectionLaw[] => {
    const said = extensionOf(row, extension.collectionLaw);
    const part = (name: string) => extensionOf(said, name);
    const period = part('period')?.valuePeriod;
    const isIt =
      said !== undefined &&
      of.state !== undefined &&
      part('state')?.valueCode === of.state &&
      part('facility')?.valueCode === of.facility &&
      contains(period, of.day);
    if (!isIt) return [];
    const days = (name: 'noticeDays' | 'waitDays'): number => {
      const asked = part(name)?.valueInteger ?? Number.MAX_SAFE_INTEGER;
      return of.facility === 'nonprofit-hospital' ? Math.max(asked, nonprofit[name]) : asked;
    };
    return [
      {
        noticeDays: days('noticeDays'),
        waitDays: days('waitDays'),
        limitationYears: part('limitationYears')?.valueInteger ?? 0,
        dormancyYears: part('dormancyYears')?.valueInteger,
        from: dateOf(period?.start ?? ''),
      },
    ];
  });
  return found.sort((a, b) => b.from.localeCompare(a.from))[0];
}
