import type { Claim, Patient } from '@medplum/fhirtypes';
import type { ScrubInput } from '../../../../src/billing/scrub/rule.ts';
import { fails, there, warned, type Failing, type Parties } from './case.ts';
import { withTables, type Rows } from './tables.ts';

/** The stay of a woman of 81 years, J18.9 before E87.1; the lists are invented. */
const stay = (
  rule: string,
  what: string,
  mce: Rows,
  change: (claim: Claim, patient: Patient) => unknown,
  faults: Failing['faults'],
): Failing =>
  fails(
    rule,
    what,
    'institutional',
    (c, p, i) => {
      change(c, patientOf(c, p));
      return withTables(i, { mce });
    },
    faults,
  );

const patientOf = (claim: Claim, { patient }: Parties): Patient =>
  patient(there(claim.patient.reference?.slice('Patient/'.length)));
const nothing = (): undefined => undefined;

/** The visit of the complete claim, S93.401A with W01.0XXA. */
const visit = (
  rule: string,
  what: string,
  tables: Parameters<typeof withTables>[1],
  change: (claim: Claim) => unknown,
  faults: Failing['faults'],
): Failing =>
  fails(
    rule,
    what,
    'complete',
    (c, _p, i): ScrubInput => {
      change(c);
      return withTables(i, tables);
    },
    faults,
  );

const operated = (c: Claim): unknown =>
  (c.procedure = [
    {
      sequence: 1,
      procedureCodeableConcept: {
        coding: [{ system: 'http://www.cms.gov/Medicare/Coding/ICD10', code: '0VB00ZZ' }],
      },
    },
  ]);
const conditioned = (c: Claim): unknown =>
  (c.supportingInfo ??= []).push({
    sequence: 99,
    category: { coding: [{ code: 'condition-code' }] },
    code: { coding: [{ code: '45' }] },
  });
const third = ['Claim.diagnosis[0].diagnosis'];

/** What the Medicare Code Editor and the Excludes1 notes find. */
export const editor: readonly Failing[] = [
  stay('diagnosis-age', 'of children', { J189: [['age', 0, 17]] }, nothing, [
    'Claim.diagnosis[0].diagnosis',
    'Claim.diagnosis[1].diagnosis',
  ]),
  stay('diagnosis-age', 'of the age', { J189: [['age', 15, 124]] }, nothing, []),
  stay(
    'diagnosis-age',
    'of two ages, one of them fits',
    {
      J189: [
        ['age', 0, 0],
        ['age', 15, 124],
      ],
    },
    nothing,
    [],
  ),
  stay('diagnosis-age', 'of nobody known', { J189: [['age', 0, 17]] }, (_c, p) => delete p.birthDate, []),
  visit('diagnosis-age', 'of no hospital', { mce: { S93401A: [['age', 0, 17]] } }, nothing, [
    warned('Claim.diagnosis[0].diagnosis'),
  ]),
  stay('diagnosis-sex', 'of men', { E871: [['sex', 'male']] }, nothing, ['Claim.diagnosis[2].diagnosis']),
  stay('diagnosis-sex', 'of women', { E871: [['sex', 'female']] }, nothing, []),
  stay('diagnosis-sex', 'said to be right', { E871: [['sex', 'male']] }, conditioned, []),
  stay('diagnosis-sex', 'of unknown sex', { E871: [['sex', 'male']] }, (_c, p) => (p.gender = 'unknown'), []),
  stay('procedure-sex', 'of men', { 'PCS 0VB00ZZ': [['sex', 'male']] }, operated, [
    'Claim.procedure[0].procedure',
  ]),
  stay('procedure-sex', 'of women', { 'PCS 0VB00ZZ': [['sex', 'female']] }, operated, []),
  stay('principal-diagnosis', 'no principal one', { J189: [['unacceptable']] }, nothing, third),
  stay('principal-diagnosis', 'the same as another', { E871: [['unacceptable']] }, nothing, []),
  stay('principal-diagnosis', 'a manifestation', { J189: [['manifestation']] }, nothing, third),
  stay('principal-diagnosis', 'beside another', { J189: [['needs-another']] }, nothing, []),
  stay(
    'principal-diagnosis',
    'without another',
    { J189: [['needs-another']] },
    (c) => c.diagnosis?.splice(2),
    third,
  ),
  visit(
    'principal-diagnosis',
    'a manifestation, of no stay',
    { mce: { S93401A: [['manifestation']] } },
    nothing,
    [warned('Claim.diagnosis[0].diagnosis')],
  ),
  visit(
    'principal-diagnosis',
    'a circumstance, of no stay',
    { mce: { S93401A: [['unacceptable']] } },
    nothing,
    [],
  ),
  visit('excluded-diagnosis', 'named at its category', { excludes1: { S93: [['W01', 'W01']] } }, nothing, [
    warned('Claim.diagnosis[1].diagnosis'),
  ]),
  visit('excluded-diagnosis', 'named at the other', { excludes1: { W010: [['S90', 'S95']] } }, nothing, [
    warned('Claim.diagnosis[1].diagnosis'),
  ]),
  visit('excluded-diagnosis', 'another code', { excludes1: { S93: [['W02', 'W09']] } }, nothing, []),
  visit(
    'excluded-diagnosis',
    'a span that holds both',
    { excludes1: { S93: [['S00', 'Y99']] } },
    nothing,
    [],
  ),
];
