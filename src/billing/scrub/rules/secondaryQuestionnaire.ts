import { fault, type ScrubRule } from '../rule.ts';

/** At each admission a patient with Medicare is asked who else pays. */
export const secondaryQuestionnaire: ScrubRule = {
  id: 'secondary-questionnaire',
  source: 'billing rule 44; 42 CFR 489.20(g), Medicare Secondary Payer Manual chapter 3, 20.1',
  carc: '22',
  cure: 'Ask the patient the questions of Questionnaire/medicare-secondary-payer and keep the QuestionnaireResponse with the Encounter.',
  severity: 'warning',
  check: ({ unasked = [] }) =>
    unasked.length === 0
      ? []
      : [
          fault(
            'Claim.insurance',
            'nobody asked at the admission whether another payer comes before Medicare',
          ),
        ],
};
