import { unless, type ScrubRule } from '../rule.ts';

/** A professional claim names who rendered the service, an institutional one who attended (2310B, 2310A). */
export const renderingProvider: ScrubRule = {
  id: 'rendering-provider',
  source: 'billing rule 35; 837P loop 2310B, 837I loop 2310A',
  carc: '16',
  cure: 'Name the participant of the Encounter who rendered or attended.',
  severity: 'warning',
  check: ({ form, team }) => {
    const wanted =
      form === 'institutional' ? ['attending', 'primary'] : ['rendering', 'primary', 'performing'];
    return unless(
      form === undefined || team.some((m) => wanted.some((role) => m.roles.has(role))),
      'Claim.careTeam',
      `nobody of the care team is ${form === 'institutional' ? 'the attending' : 'the rendering'} provider`,
    );
  },
};
