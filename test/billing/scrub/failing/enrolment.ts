import type { Enrolment, ScrubInput } from '../../../../src/billing/scrub/input.ts';
import { rendererOf } from '../../../../src/billing/scrub/earlier.ts';
import { fails, lineOf, warned, type Failing } from './case.ts';

/** The first line of the complete claim (2026-06-09), with what is known of who renders it. */
const enrolled = (what: string, over: Partial<Enrolment> | undefined, faults: Failing['faults']): Failing =>
  fails(
    'provider-enrolment',
    what,
    'complete',
    (claim, _parties, input): ScrubInput => {
      claim.item = [lineOf(claim)];
      const practitioner = rendererOf(claim, lineOf(claim), input.known);
      const one: Enrolment = { practitioner, group: claim.provider.reference ?? '', from: '2026-01-01' };
      return { ...input, enrolments: over ? [{ ...one, ...over }] : [] };
    },
    faults,
  );

const line = ['Claim.item[0]'];

export const enrolments: readonly Failing[] = [
  enrolled('nobody is enrolled', undefined, line),
  enrolled('on the day', {}, []),
  enrolled('from the day after', { from: '2026-06-10' }, line),
  enrolled('until the day before', { through: '2026-06-08' }, line),
  enrolled('until the day', { through: '2026-06-09' }, []),
  enrolled('somebody else', { practitioner: 'Practitioner/nobody' }, line),
  enrolled('for another place', { place: 'Location/elsewhere' }, line),
  fails(
    'secondary-questionnaire',
    'an admission without the questions',
    'complete',
    (_claim, _parties, input): ScrubInput => ({ ...input, unasked: ['Encounter/stay'] }),
    [warned('Claim.insurance')],
  ),
];
