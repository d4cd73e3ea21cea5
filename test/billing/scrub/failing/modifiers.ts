import type { Claim } from '@medplum/fhirtypes';
import { concept, fails, lineOf, recode, warned, type Failing } from './case.ts';

/** Codes a line anew, with its modifiers. */
const service = (claim: Claim, index: number, code: string, ...modifiers: string[]): unknown => [
  recode(lineOf(claim, index).productOrService, code),
  (lineOf(claim, index).modifier = modifiers.map(concept)),
];
const at = (claim: Claim, index: number, place: string): unknown =>
  recode(lineOf(claim, index).locationCodeableConcept, place);
const reference = (claim: Claim, code: string, value: string): unknown =>
  (claim.supportingInfo = [
    {
      sequence: 1,
      category: concept('reference-number'),
      code: { coding: [{ system: 'https://codesystem.x12.org/005010/128', code }] },
      valueString: value,
    },
  ]);

/** What is wrong with modifiers, and with codes that ask for something else beside them. */
export const modifiers: readonly Failing[] = [
  fails('modifier-conflict', 'notices', 'complete', (c) => service(c, 1, 'L4361', 'GA', 'GY'), [
    'Claim.item[1].modifier',
  ]),
  fails(
    'modifier-conflict',
    'a notice beside an item that is excluded',
    'complete',
    (c) => service(c, 1, 'L4361', 'GX', 'GY'),
    [],
  ),
  fails(
    'modifier-order',
    'the side before the component',
    'complete',
    (c) => service(c, 1, 'L4361', 'RT', '26'),
    [warned('Claim.item[1].modifier[1]')],
  ),
  fails(
    'modifier-order',
    'the component before the side',
    'complete',
    (c) => service(c, 1, 'L4361', '26', 'RT'),
    [],
  ),
  fails('modifier-order', 'two that explain', 'complete', (c) => service(c, 1, 'L4361', 'RT', 'GA'), []),
  fails('visit-modifier', '25 on a brace', 'complete', (c) => service(c, 1, 'L4361', '25'), [
    warned('Claim.item[1].modifier[0]'),
  ]),
  fails('visit-modifier', '25 on a visit', 'complete', (c) => service(c, 0, 'T1015', '25'), []),
  fails('visit-modifier', '59 on a brace', 'complete', (c) => service(c, 1, 'L4361', '59'), []),
  fails('anaesthesia-modifier', 'on a visit', 'complete', (c) => service(c, 0, 'T1015', 'AA'), [
    warned('Claim.item[0].modifier'),
  ]),
  fails('anaesthesia-modifier', 'none, and no minutes', 'complete', (c) => service(c, 0, '00100'), [
    warned('Claim.item[0].modifier'),
    warned('Claim.item[0].quantity'),
  ]),
  fails(
    'anaesthesia-modifier',
    'with its minutes',
    'complete',
    (c) => [service(c, 0, '01999', 'QZ'), (lineOf(c).quantity = { value: 30, code: 'min' })],
    [],
  ),
  fails('laboratory-repeat', 'of a brace', 'complete', (c) => service(c, 1, 'L4361', '91'), [
    warned('Claim.item[1].modifier'),
  ]),
  fails('laboratory-repeat', 'of a test', 'complete', (c) => service(c, 1, 'G0103', '91'), []),
  fails('drug-waste', 'of a brace', 'complete', (c) => service(c, 1, 'L4361', 'JZ'), [
    warned('Claim.item[1].modifier'),
  ]),
  fails('drug-waste', 'nothing given', 'complete', (c) => service(c, 3, 'J1885', 'JW'), [
    warned('Claim.item[3].modifier'),
  ]),
  fails(
    'drug-waste',
    'beside what was given',
    'complete',
    (c) => [service(c, 3, 'J1885', 'JW'), service(c, 1, 'J1885')],
    [],
  ),
  fails(
    'drug-waste',
    'some and none',
    'complete',
    (c) => [service(c, 3, 'J1885', 'JW'), service(c, 1, 'J1885', 'JZ')],
    [warned('Claim.item[1].modifier')],
  ),
  fails('therapy-modifier', 'none, Medicare', 'ambulance', (c) => service(c, 1, 'G0283'), [
    warned('Claim.item[1].modifier'),
  ]),
  fails('therapy-modifier', 'GP', 'ambulance', (c) => service(c, 1, 'G0283', 'GP'), []),
  fails('therapy-modifier', 'none, another payer', 'complete', (c) => service(c, 1, 'G0283'), []),
  fails('clia-number', 'a waived test', 'complete', (c) => service(c, 1, 'G0103', 'QW'), [
    'Claim.item[1].modifier',
  ]),
  fails('clia-number', 'a test', 'complete', (c) => service(c, 1, 'G0103'), [
    warned('Claim.item[1].productOrService'),
  ]),
  fails('clia-number', 'a test sent out', 'complete', (c) => service(c, 1, 'G0103', '90'), []),
  fails(
    'clia-number',
    'with the number',
    'complete',
    (c) => [service(c, 1, 'G0103', 'QW'), reference(c, 'X4', '22D1234567')],
    [],
  ),
  fails('reference-number', 'CLIA of ten digits', 'complete', (c) => reference(c, 'X4', '2212345678'), [
    'Claim.supportingInfo[0].value',
  ]),
  fails('reference-number', 'of a device', 'complete', (c) => reference(c, 'LX', 'G12345'), [
    'Claim.supportingInfo[0].value',
  ]),
  fails('reference-number', 'of a trial', 'complete', (c) => reference(c, 'P4', '01234567'), []),
  fails('reference-number', 'another kind', 'complete', (c) => reference(c, '9F', 'anything'), []),
  fails('visit-place', 'an emergency visit in the office', 'minimal', (c) => service(c, 0, '99283'), [
    warned('Claim.item[0].productOrService'),
  ]),
  fails(
    'visit-place',
    'an office visit of an inpatient',
    'minimal',
    (c) => [service(c, 0, '99213'), at(c, 0, '21')],
    [warned('Claim.item[0].productOrService')],
  ),
  fails(
    'visit-place',
    'a hospital visit in hospital',
    'minimal',
    (c) => [service(c, 0, '99232'), at(c, 0, '22')],
    [],
  ),
  fails('visit-place', 'an office visit in the office', 'minimal', (c) => service(c, 0, '99213'), []),
  fails(
    'days-of-span',
    'three days, two units',
    'minimal',
    (c) => [service(c, 0, '99232'), spanned(c, '2026-03-13', 2)],
    [warned('Claim.item[0].quantity')],
  ),
  fails(
    'days-of-span',
    'three days, three units',
    'minimal',
    (c) => [service(c, 0, '99232'), spanned(c, '2026-03-13', 3)],
    [],
  ),
  fails('days-of-span', 'what is no visit', 'minimal', (c) => spanned(c, '2026-03-13', 1), []),
];

const spanned = (claim: Claim, end: string, units: number): unknown => {
  const line = lineOf(claim);
  delete line.servicedDate;
  line.servicedPeriod = { start: '2026-03-11', end };
  return (line.quantity = { value: units });
};
