import type { Line } from '../line.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** No two professional or oral lines are the same service on the same day by the same provider, nor at the same tooth, without a modifier that says so. */
export const duplicateLine: ScrubRule = {
  id: 'duplicate-line',
  source: 'billing rule 39; CARC 18',
  carc: '18',
  cure: 'Add the units into one line, or say with 76, 77, 91 or 59 that it was given again.',
  severity: 'warning',
  check: ({ lines, form }) => {
    if (form !== 'professional' && form !== 'oral') return [];
    const keys = lines.map(keyOf);
    return lines.flatMap((line, i) =>
      unless(keys.indexOf(keys[i] ?? '') === i, line.at, 'this service stands on an earlier line'),
    );
  },
};

const keyOf = ({ item, at, code, modifiers, from, through, place }: Line): string =>
  code === undefined
    ? at
    : JSON.stringify([
        ...[code, [...modifiers].sort(), from, through, place, item.careTeamSequence],
        ...[item.bodySite?.coding, item.subSite?.map((s) => s.coding)],
      ]);
