import type { Claim, ClaimItem, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { fails, lineOf, recode, there, warned, type Failing } from './case.ts';

const info = (claim: Claim, index: number): ClaimSupportingInfo => there(claim.supportingInfo?.[index]);
const more = (claim: Claim, over: Partial<ClaimItem>, count: number): unknown =>
  (claim.item = Array.from({ length: count }, (_, i) => ({ ...lineOf(claim), ...over, sequence: i + 1 })));

/** What is wrong with an oral claim. */
export const teeth: readonly Failing[] = [
  fails(
    'procedure-code',
    'a HCPCS code on an oral line',
    'oral',
    (c) => recode(lineOf(c).productOrService, 'T1015'),
    ['Claim.item[0].productOrService'],
  ),
  fails('place-of-service', 'none on an oral line', 'oral', (c) => delete lineOf(c).locationCodeableConcept, [
    'Claim.item[0].locationCodeableConcept',
  ]),
  fails(
    'diagnosis-limit',
    'five on an oral claim',
    'oral',
    (c) => {
      c.diagnosis = [1, 2, 3, 4, 5].map((sequence) => ({
        sequence,
        diagnosisCodeableConcept: { text: 'x' },
      }));
    },
    ['Claim.diagnosis'],
  ),
  fails('line-limit', 'fifty-one on an oral claim', 'oral', (c) => more(c, {}, 51), ['Claim.item']),
  fails('duplicate-line', 'the same filling twice', 'oral', (c) => more(c, {}, 2), [warned('Claim.item[1]')]),
  fails('tooth-number', 'tooth 33', 'oral', (c) => recode(lineOf(c).bodySite, '33'), [
    'Claim.item[0].bodySite',
  ]),
  fails('tooth-number', 'a further tooth X', 'oral', (c) => recode(info(c, 0).code, 'X'), [
    'Claim.supportingInfo[0].code',
  ]),
  fails('tooth-surface', 'X', 'oral', (c) => recode(lineOf(c).subSite?.[1], 'X'), [
    'Claim.item[0].subSite[1]',
  ]),
  fails(
    'tooth-surface',
    'of no tooth',
    'oral',
    (c) => {
      delete lineOf(c).bodySite;
      delete lineOf(c).informationSequence;
    },
    ['Claim.item[0].subSite'],
  ),
  fails('oral-site-linked', 'to no line', 'oral', (c) => delete lineOf(c).informationSequence, [
    'Claim.supportingInfo[0]',
  ]),
  fails('oral-site-linked', 'to a line without a first one', 'oral', (c) => delete lineOf(c).bodySite, [
    'Claim.item[0].bodySite',
  ]),
  fails('prior-placement', 'unknown', 'oral', (c) => delete info(c, 1).timingDate, [
    warned('Claim.supportingInfo[1].timing'),
  ]),
  fails('prior-placement', 'after the service', 'oral', (c) => (info(c, 1).timingDate = '2026-04-01'), [
    warned('Claim.supportingInfo[1].timing'),
  ]),
];
