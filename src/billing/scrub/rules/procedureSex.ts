import { codeOf } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { procedureKey } from '../../../terminology/table/codeEditor.ts';
import { editorRules } from '../codeEditor.ts';
import { fault, type ScrubRule } from '../rule.ts';
import { otherSex, saysSexIsRight } from '../view.ts';

/** A procedure of ICD-10-PCS that the Medicare Code Editor lists for one sex. */
export const procedureSex: ScrubRule = {
  id: 'procedure-sex',
  source: 'billing rule 36; Medicare Code Editor, sex conflict (until 2024-09-30), as the practice loaded it',
  carc: '7',
  cure: 'Check the procedure and the sex; where both are right, say so with condition code 45.',
  severity: 'error',
  check: (claim) =>
    claim.tables === undefined || saysSexIsRight(claim.claim)
      ? []
      : (claim.claim.procedure ?? []).flatMap(({ procedureCodeableConcept }, i) => {
          const code = codeOf(procedureCodeableConcept, system.icd10pcs);
          const rules = code === undefined ? [] : editorRules(claim, procedureKey(code));
          return rules.some((rule) => rule.kind === 'sex' && otherSex(claim.patient, rule.only))
            ? [fault(`Claim.procedure[${i}].procedure`, 'this procedure does not fit the sex of the patient')]
            : [];
        }),
};
