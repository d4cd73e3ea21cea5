import { daysBetween } from '../../../datatypes/date.ts';
import { unitEdit, type UnitEdit } from '../../../terminology/table/ncci.ts';
import type { Line } from '../line.ts';
import { fault, type ScrubRule } from '../rule.ts';
import { unitTables } from '../tables.ts';
import type { ClaimView } from '../view.ts';

/** No service has more units on a line, or on a day, than is medically likely. */
export const mueUnits: ScrubRule = {
  id: 'mue-units',
  source: 'billing rule 34; NCCI medically unlikely edits of CMS, as the practice loaded them',
  carc: '151',
  cure: 'Correct the units; where they are right, split the line with 59, 76, 77, 91 or a site, or document them.',
  severity: 'error',
  check: (claim) =>
    claim.served.flatMap(({ line, isOwn, by }) => {
      const edit = isOwn ? editOf(claim, line) : undefined;
      if (!edit) return [];
      const at = `${line.at}.quantity`;
      if (edit.adjudication === 1)
        return aDay(line) > edit.most ? [fault(at, 'this line has more units than are paid on one')] : [];
      const ofDay = claim.served.filter(
        (s) => s.line.code === line.code && s.line.from === line.from && s.by === by,
      );
      const units = ofDay.reduce((sum, s) => sum + aDay(s.line), 0);
      if (units <= edit.most) return [];
      return edit.adjudication === 2
        ? [fault(at, 'the day has more units of this service than can be')]
        : [
            fault(
              at,
              'the day has more units of this service than are paid without documentation',
              'warning',
            ),
          ];
    }),
};

/** The edit of the first table that has the service. */
function editOf({ form, inpatient, tables }: ClaimView, { code, from }: Line): UnitEdit | undefined {
  if (code === undefined || from === undefined || !tables) return undefined;
  return unitTables(form, inpatient, code)
    .flatMap((table) => tables.rows({ table, on: from, key: code }))
    .flatMap((row) => unitEdit(row) ?? [])[0];
}

/** Units of a day: of a line of several days they are shared evenly, and a part counts whole. */
function aDay({ units = 0, from, through }: Line): number {
  if (from === undefined || through === undefined || through <= from) return units;
  return Math.ceil(units / (daysBetween(from, through) + 1));
}
