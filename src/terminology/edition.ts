/** One year's edition of a code set, and the days it is in force. */
export interface Edition {
  readonly name: string; // as its publisher calls it: FY2022, 2025
  readonly from: string; // FHIR date
  readonly through: string; // FHIR date
}

/** The newest loaded edition that had begun on the day; the oldest one when none had. */
export function editionOn<E extends Edition>(editions: readonly [E, ...E[]], on: string): E {
  const byAge = [...editions].sort((a, b) => (a.from < b.from ? -1 : 1));
  return byAge.findLast((e) => e.from <= on) ?? byAge[0] ?? editions[0];
}

/** True when the edition is in force on the day. */
export const covers = (edition: Edition, on: string): boolean => edition.from <= on && on <= edition.through;
