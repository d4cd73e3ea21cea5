import { covers } from '../../../terminology/edition.ts';
import { hcpcsEdition, isHcpcs, looksLikeHcpcs } from '../../../terminology/hcpcs.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Every HCPCS Level II code exists in the edition for the day; where none in force is loaded, this is a warning. */
export const hcpcsKnown: ScrubRule = {
  id: 'hcpcs-known',
  source: 'billing rule 25; HCPCS Level II of CMS, by year',
  carc: '181',
  cure: 'Choose a code that is valid on the date.',
  severity: 'error',
  check: ({ lines, created }) =>
    lines.flatMap(({ at, code, from }) => {
      const on = from ?? created;
      if (code === undefined || !looksLikeHcpcs(code) || isHcpcs(code, on)) return [];
      const edition = hcpcsEdition(on);
      const severity = covers(edition, on) ? 'error' : 'warning';
      return [
        fault(`${at}.productOrService`, `this code is not in HCPCS Level II ${edition.name}`, severity),
      ];
    }),
};
