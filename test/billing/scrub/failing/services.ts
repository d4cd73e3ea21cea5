import type { Claim } from '@medplum/fhirtypes';
import { concept, fails, lineOf, moved, recode, warned, type Failing } from './case.ts';

const service = (claim: Claim, index: number, value: string): string =>
  recode(lineOf(claim, index).productOrService, value);
const modifiers = (claim: Claim, index: number, ...codes: string[]): unknown =>
  (lineOf(claim, index).modifier = codes.map(concept));
const quantity = (claim: Claim, index: number, value: number): unknown =>
  (lineOf(claim, index).quantity = { value });

/** What is wrong with the lines: codes, pointers, modifiers, dates, places, revenue. */
export const services: readonly Failing[] = [
  fails('line-required', 'none', 'minimal', (c) => (c.item = []), ['Claim.item']),
  fails('line-required', 'a sequence twice', 'ambulance', (c) => (lineOf(c, 1).sequence = 1), [
    'Claim.item[1].sequence',
  ]),
  fails(
    'line-limit',
    'fifty-one',
    'minimal',
    (c) => {
      for (let n = 2; n <= 51; n++) c.item?.push({ ...lineOf(c), sequence: n });
    },
    ['Claim.item'],
  ),
  fails('diagnosis-pointer', 'none', 'minimal', (c) => delete lineOf(c).diagnosisSequence, [
    'Claim.item[0].diagnosisSequence',
  ]),
  fails('diagnosis-pointer', 'to nothing', 'minimal', (c) => (lineOf(c).diagnosisSequence = [1, 7]), [
    'Claim.item[0].diagnosisSequence[1]',
  ]),
  fails('diagnosis-pointer', 'the same twice', 'minimal', (c) => (lineOf(c).diagnosisSequence = [1, 1]), [
    'Claim.item[0].diagnosisSequence',
  ]),
  fails(
    'diagnosis-pointer',
    'to nothing, institutional',
    'institutional',
    (c) => (lineOf(c).diagnosisSequence = [8]),
    ['Claim.item[0].diagnosisSequence[0]'],
  ),
  fails('pointer-external-cause', 'first', 'complete', (c) => (lineOf(c, 1).diagnosisSequence = [2, 1]), [
    'Claim.item[1].diagnosisSequence[0]',
  ]),
  fails('procedure-code', 'a SNOMED CT code', 'minimal', (c) => service(c, 0, '410620009'), [
    'Claim.item[0].productOrService',
  ]),
  fails(
    'procedure-code',
    'of a charge master, professional',
    'minimal',
    (c) => (lineOf(c).productOrService = concept('RB0120')),
    ['Claim.item[0].productOrService'],
  ),
  fails(
    'hcpcs-known',
    'not in the edition, which is not in force',
    'minimal',
    (c) => service(c, 0, 'T9999'),
    [warned('Claim.item[0].productOrService')],
  ),
  fails(
    'hcpcs-known',
    'not in the edition in force',
    'minimal',
    (c) => [moved(c, '2025-03-11'), service(c, 0, 'T9999')],
    ['Claim.item[0].productOrService'],
  ),
  fails('unlisted-description', 'none', 'complete', (c) => service(c, 2, 'E1399'), [
    'Claim.item[2].productOrService.text',
  ]),
  fails(
    'modifier-format',
    'three characters, and five of them',
    'minimal',
    (c) => modifiers(c, 0, 'RTX', '22', '23', '24', '25'),
    ['Claim.item[0].modifier', 'Claim.item[0].modifier[0]'],
  ),
  fails(
    'modifier-known',
    'not in the edition, which is not in force',
    'minimal',
    (c) => modifiers(c, 0, 'ZZ'),
    [warned('Claim.item[0].modifier[0]')],
  ),
  fails(
    'modifier-known',
    'a journey, not on an ambulance, in a year that is loaded',
    'minimal',
    (c) => [moved(c, '2025-03-11'), modifiers(c, 0, 'RH')],
    ['Claim.item[0].modifier[0]'],
  ),
  fails('modifier-repeat', 'RT twice', 'complete', (c) => modifiers(c, 1, 'RT', 'NU', 'RT'), [
    'Claim.item[1].modifier[2]',
  ]),
  fails('modifier-conflict', 'both sides', 'complete', (c) => modifiers(c, 1, 'RT', 'LT'), [
    'Claim.item[1].modifier',
  ]),
  fails(
    'modifier-conflict',
    '26 and TC, bilateral and a side',
    'complete',
    (c) => modifiers(c, 1, '26', 'TC', '50', 'LT'),
    ['Claim.item[1].modifier', 'Claim.item[1].modifier'],
  ),
  fails('bilateral-units', 'two units', 'complete', (c) => modifiers(c, 3, '50'), [
    warned('Claim.item[3].quantity'),
  ]),
  fails('ambulance-modifier', 'none', 'ambulance', (c) => delete lineOf(c, 1).modifier, [
    warned('Claim.item[1].modifier'),
  ]),
  fails('mileage', 'without the ride', 'ambulance', (c) => c.item?.shift(), [
    warned('Claim.item[0].productOrService'),
  ]),
  fails('service-date', 'none', 'minimal', (c) => delete lineOf(c).servicedDate, ['Claim.item[0].serviced']),
  fails(
    'service-date',
    'ends before it begins',
    'institutional',
    (c) => (lineOf(c).servicedPeriod = { start: '2026-02-07', end: '2026-02-03' }),
    ['Claim.item[0].serviced'],
  ),
  fails('service-in-period', 'a day after', 'complete', (c) => (lineOf(c, 1).servicedDate = '2026-06-10'), [
    'Claim.item[1].serviced',
  ]),
  fails('service-in-period', 'no period', 'institutional', (c) => delete c.billablePeriod, [
    'Claim.billablePeriod',
  ]),
  fails('service-future', 'after the claim', 'complete', (c) => (lineOf(c, 3).servicedDate = '2026-06-11'), [
    'Claim.item[3].serviced',
  ]),
  fails(
    'service-before-birth',
    'two days',
    'minimal',
    (_c, p) => (p.patient('gwen').birthDate = '2026-03-13'),
    ['Claim.item[0].serviced'],
  ),
  fails('service-before-birth', 'a day', 'minimal', (_c, p) => (p.patient('gwen').birthDate = '2026-03-12'), [
    warned('Claim.item[0].serviced'),
  ]),
  fails(
    'service-after-death',
    'a day',
    'minimal',
    (_c, p) => (p.patient('gwen').deceasedDateTime = '2026-03-10T23:00:00Z'),
    ['Claim.item[0].serviced'],
  ),
  fails(
    'place-of-service',
    'unassigned',
    'minimal',
    (c) =>
      (lineOf(c).locationCodeableConcept = {
        coding: [{ system: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes', code: '28' }],
      }),
    ['Claim.item[0].locationCodeableConcept'],
  ),
  fails('place-of-service', 'none', 'minimal', (c) => delete lineOf(c).locationCodeableConcept, [
    'Claim.item[0].locationCodeableConcept',
  ]),
  fails('revenue-code', 'none', 'institutional', (c) => delete lineOf(c, 1).revenue, [
    'Claim.item[1].revenue',
  ]),
  fails('revenue-code', 'on a professional line', 'minimal', (c) => (lineOf(c).revenue = concept('0510')), [
    warned('Claim.item[0].revenue'),
  ]),
  fails(
    'room-and-board-bill',
    'on an outpatient bill',
    'institutional',
    (c) => c.supportingInfo?.[0] && (c.supportingInfo[0].code = concept('0131')),
    ['Claim.item[0].revenue'],
  ),
  fails('room-and-board-days', 'the day of discharge is counted', 'institutional', (c) => quantity(c, 0, 5), [
    'Claim.item[0].quantity',
  ]),
  fails('room-and-board-days', 'a night away from the ward', 'institutional', (c) => quantity(c, 0, 3), [
    warned('Claim.item[0].quantity'),
  ]),
  fails(
    'room-and-board-days',
    'half a day and no rate',
    'institutional',
    (c) => [quantity(c, 0, 3.5), delete lineOf(c).unitPrice],
    ['Claim.item[0].quantity', 'Claim.item[0].unitPrice', warned('Claim.item[0].quantity')],
  ),
  fails(
    'outpatient-procedure',
    'an x-ray without code',
    'institutional',
    (c) => c.supportingInfo?.[0] && (c.supportingInfo[0].code = concept('0131')),
    ['Claim.item[0].productOrService', 'Claim.item[2].productOrService'],
  ),
  fails(
    'technical-component',
    'of a physician in a hospital',
    'minimal',
    (c) => [modifiers(c, 0, 'TC'), recode(lineOf(c).locationCodeableConcept, '22')],
    [warned('Claim.item[0].modifier')],
  ),
  fails('technical-component', 'in the office', 'minimal', (c) => modifiers(c, 0, 'TC'), []),
];
