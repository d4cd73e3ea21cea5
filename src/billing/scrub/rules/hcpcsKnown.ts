import { looksLikeHcpcs } from '../../../terminology/hcpcs.ts';
import { serviceOn } from '../codes.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Every HCPCS Level II code exists in the edition for the day; where none in force is loaded, this is a warning. */
export const hcpcsKnown: ScrubRule = {
  id: 'hcpcs-known',
  source: 'billing rule 25; HCPCS Level II of CMS, by year',
  carc: '181',
  cure: 'Choose a code that is valid on the date.',
  severity: 'error',
  check: (claim) =>
    claim.lines.flatMap(({ at, code, from }) => {
      if (code === undefined || !looksLikeHcpcs(code)) return [];
      const { edition, isKnown } = serviceOn(claim, code, from ?? claim.created);
      if (isKnown) return [];
      const severity = edition.isInForce ? 'error' : 'warning';
      return [
        fault(`${at}.productOrService`, `this code is not in HCPCS Level II ${edition.name}`, severity),
      ];
    }),
};
