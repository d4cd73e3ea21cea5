import { excludedSpan, isWithin, levelsOf } from '../../../terminology/table/excludes1.ts';
import { fault, type ScrubRule } from '../rule.ts';
import type { ClaimView } from '../view.ts';

/**
 * Two diagnoses of which one excludes the other (Excludes1) are not coded together. A warning: the guidelines allow both
 * where they have nothing to do with each other.
 */
export const excludedDiagnosis: ScrubRule = {
  id: 'excluded-diagnosis',
  source: 'billing rule 20; ICD-10-CM tabular list, Excludes1, as loaded; Official Guidelines I.A.12.a',
  carc: '16',
  cure: 'Keep the diagnosis that says more; keep both only where they have nothing to do with each other.',
  severity: 'warning',
  check: (claim) => {
    if (!claim.tables) return [];
    const codes = claim.diagnoses.map(({ code }) => code?.replace('.', '') ?? '');
    return claim.diagnoses.flatMap(({ at }, i) => {
      const mine = codes[i] ?? '';
      const before = codes.slice(0, i).filter((code) => code !== '' && code !== mine);
      return mine !== '' && before.some((code) => excludes(claim, code, mine) || excludes(claim, mine, code))
        ? [fault(`${at}.diagnosis`, 'this diagnosis and one before it exclude each other')]
        : [];
    });
  },
};

/** Whether a note at a diagnosis, or above it, names the other one and not the diagnosis itself. */
const excludes = ({ tables, end, created }: ClaimView, code: string, other: string): boolean =>
  levelsOf(code).some((key) =>
    (tables?.rows({ table: 'excludes1', on: end ?? created, key }) ?? [])
      .flatMap((row) => excludedSpan(row) ?? [])
      .some((span) => isWithin(other, span) && !isWithin(code, span)),
  );
