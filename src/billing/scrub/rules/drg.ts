import { isMsDrg } from '../../../terminology/msDrg.ts';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The diagnosis related group, where one is given, is one of MS-DRG version 40 (HI DR). */
export const drg: ScrubRule = {
  id: 'drg',
  source: 'billing rule 19; CMS MS-DRG version 40',
  carc: '16',
  cure: 'Group the stay again.',
  severity: 'warning',
  check: ({ claim }) =>
    supporting(claim, 'drg').flatMap(({ element, at }) =>
      unless(
        isMsDrg(element.code?.coding?.[0]?.code ?? ''),
        `${at}.code`,
        'this group is not in MS-DRG version 40',
      ),
    ),
};
