import { unless, type ScrubRule } from '../rule.ts';

/** A line points only at members of the care team, and each member has a sequence of its own. */
export const careTeamPointer: ScrubRule = {
  id: 'care-team-pointer',
  source: 'FHIR R4 Claim.item.careTeamSequence; 837P 2420A',
  carc: '16',
  cure: 'Point the line at a sequence that stands in Claim.careTeam.',
  severity: 'error',
  check: ({ lines, team }) => {
    const sequences = team.map((m) => m.element.sequence);
    const twice = team.flatMap((m, i) =>
      unless(
        sequences.indexOf(m.element.sequence) === i,
        `${m.at}.sequence`,
        'this sequence stands twice in the care team',
      ),
    );
    const dangling = lines.flatMap(({ item, at }) =>
      (item.careTeamSequence ?? []).flatMap((s, i) =>
        unless(sequences.includes(s), `${at}.careTeamSequence[${i}]`, 'points to nobody of the care team'),
      ),
    );
    return [...twice, ...dangling];
  },
};
