import type { Claim } from '@medplum/fhirtypes';
import { concept, fails, moved, recode, warned, type Failing } from './case.ts';

const icd = (claim: Claim, index: number, value: string): string =>
  recode(claim.diagnosis?.[index]?.diagnosisCodeableConcept, value);

/** What is wrong with the diagnoses. */
export const diagnoses: readonly Failing[] = [
  fails('diagnosis-required', 'none', 'minimal', (c) => delete c.diagnosis, ['Claim.diagnosis']),
  fails('diagnosis-required', 'no principal', 'institutional', (c) => c.diagnosis?.shift(), [
    'Claim.diagnosis',
  ]),
  fails(
    'diagnosis-limit',
    'thirteen',
    'minimal',
    (c) => {
      for (let n = 2; n <= 13; n++)
        c.diagnosis?.push({ sequence: n, diagnosisCodeableConcept: concept('Z23') });
    },
    ['Claim.diagnosis'],
  ),
  fails(
    'diagnosis-limit',
    'two admitting',
    'institutional',
    (c) => c.diagnosis?.push({ sequence: 9, type: [concept('admitting')] }),
    ['Claim.diagnosis'],
  ),
  fails('diagnosis-duplicate', 'the same code twice', 'institutional', (c) => icd(c, 2, 'J189'), [
    'Claim.diagnosis[2]',
  ]),
  fails(
    'diagnosis-duplicate',
    'the same sequence twice',
    'complete',
    (c) => c.diagnosis?.[1] && (c.diagnosis[1].sequence = 1),
    ['Claim.diagnosis[1].sequence'],
  ),
  fails('icd-format', 'a SNOMED CT code', 'minimal', (c) => icd(c, 0, '239873007'), [
    'Claim.diagnosis[0].diagnosis',
  ]),
  fails(
    'icd-format',
    'only a reference',
    'minimal',
    (c) => delete c.diagnosis?.[0]?.diagnosisCodeableConcept,
    ['Claim.diagnosis[0].diagnosis'],
  ),
  fails(
    'icd-known',
    'a leaf that is not in the edition, which is not in force',
    'minimal',
    (c) => icd(c, 0, 'M17.7'),
    [warned('Claim.diagnosis[0].diagnosis')],
  ),
  fails('icd-known', 'a category that is in no edition', 'minimal', (c) => icd(c, 0, 'E90.1'), [
    'Claim.diagnosis[0].diagnosis',
  ]),
  fails(
    'icd-known',
    'a leaf that is not in the edition in force',
    'minimal',
    (c) => [moved(c, '2022-03-11'), icd(c, 0, 'M17.7')],
    ['Claim.diagnosis[0].diagnosis'],
  ),
  fails('icd-billable', 'a header', 'minimal', (c) => icd(c, 0, 'M17.1'), ['Claim.diagnosis[0].diagnosis']),
  fails('code-edition', 'diagnoses of a year that is loaded', 'minimal', (c) => moved(c, '2022-03-11'), [
    warned('Claim.item'),
  ]),
  fails('code-edition', 'services of a year that is loaded', 'minimal', (c) => moved(c, '2025-03-11'), [
    warned('Claim.diagnosis'),
  ]),
  fails('external-cause-first', 'on a professional claim', 'complete', (c) => c.diagnosis?.shift(), [
    'Claim.diagnosis[0]',
  ]),
  fails('external-cause-first', 'as principal', 'institutional', (c) => icd(c, 0, 'W19.XXXA'), [
    'Claim.diagnosis[0]',
  ]),
  fails(
    'present-on-admission',
    'none, and one that is no code',
    'institutional',
    (c) => [
      delete c.diagnosis?.[0]?.onAdmission,
      c.diagnosis?.[2] && (c.diagnosis[2].onAdmission = concept('X')),
    ],
    ['Claim.diagnosis[0].onAdmission', 'Claim.diagnosis[2].onAdmission'],
  ),
  fails(
    'maternity-diagnosis',
    'of a man',
    'minimal',
    (c, p) => [icd(c, 0, 'O80'), (p.patient('gwen').gender = 'male')],
    [warned('Claim.diagnosis[0].diagnosis')],
  ),
  fails(
    'maternity-diagnosis',
    'of a man on file, and the claim says that it is right (condition code 45)',
    'minimal',
    (c, p) => [
      icd(c, 0, 'O80'),
      (p.patient('gwen').gender = 'male'),
      (c.supportingInfo = [{ sequence: 1, category: concept('condition-code'), code: concept('45') }]),
    ],
    [],
  ),
  fails('maternity-diagnosis', 'of a woman of 57', 'minimal', (c) => icd(c, 0, 'O80'), []),
  fails('maternity-diagnosis', 'of a woman of 82', 'institutional', (c) => icd(c, 0, 'O80'), [
    warned('Claim.diagnosis[0].diagnosis'),
  ]),
  fails('newborn-diagnosis', 'of a grown woman', 'minimal', (c) => icd(c, 0, 'Z38.00'), [
    warned('Claim.diagnosis[0].diagnosis'),
  ]),
  fails(
    'newborn-diagnosis',
    'of a child',
    'minimal',
    (c, p) => [icd(c, 0, 'Z38.00'), (p.patient('gwen').birthDate = '2026-03-09')],
    [],
  ),
];
