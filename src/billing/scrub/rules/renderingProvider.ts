import { unless, type ScrubRule } from '../rule.ts';

/** A professional or oral claim names who rendered the service, an institutional one who attended, a pharmacy claim who prescribed. */
export const renderingProvider: ScrubRule = {
  id: 'rendering-provider',
  source: 'billing rule 35; 837P loop 2310B, 837I loop 2310A',
  carc: '16',
  cure: 'Name the participant of the Encounter who rendered or attended, of a fill who prescribed.',
  severity: 'warning',
  check: ({ form, team }) => {
    if (form === undefined) return [];
    const [called, ...others] = wanted[form];
    return unless(
      team.some((m) => [called, ...others].some((role) => m.roles.has(role))),
      'Claim.careTeam',
      `nobody of the care team is the ${called} provider`,
    );
  },
};

const wanted = {
  professional: ['rendering', 'primary', 'performing'],
  oral: ['rendering', 'primary', 'performing'],
  institutional: ['attending', 'primary'],
  pharmacy: ['prescribing'],
} as const;
