import { unless, type ScrubRule } from '../rule.ts';

/** Supporting information is numbered without repeats, and lines point only at what is there. */
export const supportingSequence: ScrubRule = {
  id: 'supporting-sequence',
  source: 'billing rule 18; FHIR R4 Claim.supportingInfo.sequence',
  carc: '16',
  cure: 'Number the supporting information 1, 2, 3.',
  severity: 'error',
  check: ({ claim, lines }) => {
    const sequences = (claim.supportingInfo ?? []).map((s) => s.sequence);
    return [
      ...sequences.flatMap((s, i) =>
        unless(
          sequences.indexOf(s) === i,
          `Claim.supportingInfo[${i}].sequence`,
          'this sequence stands on other supporting information',
        ),
      ),
      ...lines.flatMap(({ item, at }) =>
        (item.informationSequence ?? []).flatMap((s, i) =>
          unless(
            sequences.includes(s),
            `${at}.informationSequence[${i}]`,
            'points to supporting information that is not there',
          ),
        ),
      ),
    ];
  },
};
