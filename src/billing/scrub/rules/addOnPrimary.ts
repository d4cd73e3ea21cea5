import { addOnEdit, holdsOn } from '../../../terminology/table/ncci.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** An add-on service stands beside one that it is added to, of the same day and provider. */
export const addOnPrimary: ScrubRule = {
  id: 'add-on-primary',
  source: 'billing rule 32; NCCI add-on code edits of CMS, as the practice loaded them',
  carc: '107',
  cure: 'Bill the primary service on the same claim, by the same provider, or take the add-on out.',
  severity: 'error',
  check: ({ form, served, tables }) => {
    if (form !== 'professional' || !tables) return [];
    return served.flatMap(({ line, isOwn, by }) => {
      const { code, from } = line;
      if (!isOwn || code === undefined || from === undefined) return [];
      const edits = tables
        .rows({ table: 'add-on', on: from, key: code })
        .flatMap((row) => addOnEdit(row) ?? [])
        .filter((edit) => holdsOn(edit, from));
      if (edits.length === 0) return [];
      const others = served.filter(
        (s) => s.line !== line && s.line.from === from && s.by === by && s.line.code !== code,
      );
      const isListed = edits.some(({ primary }) => others.some((s) => s.line.code === primary));
      if (isListed) return [];
      const at = `${line.at}.productOrService`;
      const isOpen = edits.some(({ type }) => type !== 1); // the payer has primaries of its own
      if (!isOpen) return [fault(at, 'this add-on stands without any of its primary services')];
      return others.length === 0
        ? [fault(at, 'this add-on stands alone')]
        : edits.some(({ type }) => type === 3)
          ? [fault(at, 'none of the listed primary services of this add-on is there', 'warning')]
          : [];
    });
  },
};
