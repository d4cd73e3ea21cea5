import { serviceOn } from '../codes.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A code that says only "something else" comes with a description in words (SV101-7, NTE). */
export const unlistedDescription: ScrubRule = {
  id: 'unlisted-description',
  source: 'billing rule 26; 837 SV101-7',
  carc: '16',
  cure: 'Write what was given into the text of the code.',
  severity: 'error',
  check: (claim) =>
    claim.lines.flatMap(({ item, at, code, from }) =>
      unless(
        code === undefined ||
          !serviceOn(claim, code, from ?? claim.created).isUnlisted ||
          /\S/.test(item.productOrService.text ?? ''),
        `${at}.productOrService.text`,
        'this code is unlisted and nothing says what was given',
      ),
    ),
};
