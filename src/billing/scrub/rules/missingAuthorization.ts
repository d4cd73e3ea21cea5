import { extensionOf } from '../../../datatypes/extension.ts';
import { extension } from '../../../terminology/system.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A service for which the plan asks authorisation comes with a number (REF G1). */
export const missingAuthorization: ScrubRule = {
  id: 'missing-authorization',
  source: 'billing rules 18 and 41; 837 REF G1, CARC 197',
  carc: '197',
  cure: 'Obtain the authorisation and record its number on the Coverage or the Encounter.',
  severity: 'warning',
  check: ({ focal, lines, plan }) => {
    const given = focal?.element.preAuthRef?.some((number) => /\S/.test(number)) ?? false;
    return lines.flatMap(({ at, code, item }) =>
      unless(
        given ||
          extensionOf(item, extension.preAuthRef) !== undefined ||
          code === undefined ||
          !plan.authorization.has(code),
        `${at}.productOrService`,
        'the plan, or the payer’s answer about eligibility, asks authorisation for this service and the claim has no number',
      ),
    );
  },
};
