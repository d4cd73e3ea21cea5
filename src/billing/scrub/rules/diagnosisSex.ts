import { ofDiagnoses } from '../codeEditor.ts';
import { fault, type ScrubRule } from '../rule.ts';
import { otherSex, saysSexIsRight } from '../view.ts';

/** A diagnosis that the Medicare Code Editor lists for one sex; condition code 45 or modifier KX says that it is right. */
export const diagnosisSex: ScrubRule = {
  id: 'diagnosis-sex',
  source: 'billing rule 36; Medicare Code Editor, sex conflict (until 2024-09-30), as the practice loaded it',
  carc: '10',
  cure: 'Check the diagnosis and the sex; where both are right, say so with condition code 45 or modifier KX.',
  severity: 'error',
  check: (claim) => {
    const severity = claim.form === 'institutional' ? undefined : ('warning' as const);
    return saysSexIsRight(claim.claim)
      ? []
      : ofDiagnoses(claim, 'sex').flatMap(({ diagnosis, rules }) =>
          rules.some(({ only }) => otherSex(claim.patient, only))
            ? [
                fault(
                  `${diagnosis.at}.diagnosis`,
                  'this diagnosis does not fit the sex of the patient',
                  severity,
                ),
              ]
            : [],
        );
  },
};
