import type { Claim } from '@medplum/fhirtypes';
import type { Admission, ScrubInput } from '../../../../src/billing/scrub/input.ts';
import { fails, lineOf, warned, type Failing } from './case.ts';

/** The complete claim, of 2026-06-09, before a stay; as the claim of an outpatient department or of a practice. */
const before = (
  rule: string,
  what: string,
  { from, hospital, taxonomies = [] }: { from: string; hospital?: string; taxonomies?: string[] },
  change: (claim: Claim) => unknown,
  faults: Failing['faults'],
): Failing =>
  fails(
    rule,
    what,
    'complete',
    (claim, _parties, input): ScrubInput => {
      claim.item = [lineOf(claim)];
      change(claim);
      const stay: Admission = {
        encounter: 'Encounter/stay',
        from,
        hospital: [hospital ?? claim.provider.reference ?? ''],
        taxonomies,
      };
      return { ...input, admissions: [stay] };
    },
    faults,
  );

const outpatient = (revenue: string, condition?: string) => (claim: Claim) => {
  claim.type.coding = [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'institutional' }];
  lineOf(claim).revenue = {
    coding: [{ system: 'https://www.nubc.org/CodeSystem/RevenueCodes', code: revenue }],
  };
  if (condition !== undefined)
    (claim.supportingInfo ??= []).push({
      sequence: 99,
      category: { coding: [{ code: 'condition-code' }] },
      code: { coding: [{ code: condition }] },
    });
};
const nothing = (): undefined => undefined;
const window = 'payment-window';
const line = ['Claim.item[0]'];

/** The days before an admission that Medicare pays with the stay. */
export const paymentWindow: readonly Failing[] = [
  before(window, 'on the day', { from: '2026-06-09' }, outpatient('0510'), line),
  before(window, 'three days before', { from: '2026-06-12' }, outpatient('0510'), line),
  before(window, 'four days before', { from: '2026-06-13' }, outpatient('0510'), []),
  before(window, 'after the admission', { from: '2026-06-08' }, outpatient('0510'), []),
  before(
    window,
    'to another hospital',
    { from: '2026-06-10', hospital: 'Organization/other' },
    outpatient('0510'),
    [],
  ),
  before(
    window,
    'to an exempt hospital, a day',
    { from: '2026-06-10', taxonomies: ['283Q00000X'] },
    outpatient('0510'),
    line,
  ),
  before(
    window,
    'to an exempt hospital, two days',
    { from: '2026-06-11', taxonomies: ['283Q00000X'] },
    outpatient('0510'),
    [],
  ),
  before(
    window,
    'to a critical access hospital',
    { from: '2026-06-10', taxonomies: ['282NC0060X'] },
    outpatient('0510'),
    [],
  ),
  before(window, 'unrelated', { from: '2026-06-10' }, outpatient('0510', '51'), []),
  before(window, 'unrelated, but diagnostic', { from: '2026-06-10' }, outpatient('0301', '51'), line),
  before(window, 'an ambulance', { from: '2026-06-10' }, outpatient('0540'), []),
  before(`${window}-modifier`, 'another service', { from: '2026-06-10' }, nothing, [
    warned('Claim.item[0].modifier'),
  ]),
  before(
    `${window}-modifier`,
    'a test',
    { from: '2026-06-10' },
    (c) =>
      (lineOf(c).productOrService = {
        coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '80053' }],
      }),
    ['Claim.item[0].modifier'],
  ),
  before(
    `${window}-modifier`,
    'said to be so',
    { from: '2026-06-10' },
    (c) => (lineOf(c).modifier = [{ coding: [{ code: 'PD' }] }]),
    [],
  ),
];
