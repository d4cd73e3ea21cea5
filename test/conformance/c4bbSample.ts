import type {
  CodeableConcept,
  ExplanationOfBenefit,
  ExplanationOfBenefitItemAdjudication,
} from '@medplum/fhirtypes';
import { concept } from '../../src/datatypes/coding.ts';
import { system } from '../../src/terminology/system.ts';

type Adjudication = ExplanationOfBenefitItemAdjudication;

const hl7 = ['submitted', 'eligible', 'deductible', 'copay', 'benefit'];
const category = (code: string): CodeableConcept =>
  concept(hl7.includes(code) ? system.adjudication : system.c4bbAdjudication, code);

const amounts = (of: Readonly<Record<string, number>>): Adjudication[] =>
  Object.entries(of).map(([code, value]) => ({
    category: category(code),
    amount: { value, currency: 'USD' },
  }));

const discriminator = (code: string, reason: CodeableConcept): Adjudication => ({
  category: concept(system.c4bbDiscriminator, code),
  reason,
});
const inNetwork = discriminator('benefitpaymentstatus', concept(system.c4bbStatus, 'innetwork'));
const contractual = discriminator('adjustmentreason', concept(system.carc, '45'));

const canonical = 'http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-';
const information = (sequence: number, code: string): { sequence: number; category: CodeableConcept } => ({
  sequence,
  category: concept(system.c4bbSupportingInfo, code),
});

function common(kind: string): Omit<ExplanationOfBenefit, 'type' | 'provider'> {
  return {
    resourceType: 'ExplanationOfBenefit',
    id: 'eob',
    meta: { lastUpdated: '2026-03-10T10:00:00Z', profile: [`${canonical}${kind}|2.0.0`] },
    identifier: [
      { type: concept(system.c4bbIdentifierType, 'uc'), system: system.payerClaimControlNumber, value: '1' },
    ],
    status: 'active',
    use: 'claim',
    patient: { reference: 'Patient/p' },
    billablePeriod: { start: '2026-03-02', end: '2026-03-04' },
    created: '2026-03-10',
    insurer: { reference: 'Organization/payer' },
    outcome: 'complete',
    insurance: [{ focal: true, coverage: { reference: 'Coverage/c' } }],
  };
}

/** A sound professional explanation of one line: 100.00, of which 30.00 is written off and 25.00 is copay. */
export function professionalSample(): ExplanationOfBenefit {
  const money = {
    submitted: 100,
    eligible: 70,
    discount: 30,
    copay: 25,
    paidtoprovider: 45,
    memberliability: 25,
  };
  return {
    ...common('Professional-NonClinician'),
    type: concept(system.claimType, 'professional'),
    provider: { reference: 'Organization/clinic' },
    careTeam: [
      {
        sequence: 1,
        provider: { reference: 'Practitioner/a' },
        role: concept(system.c4bbCareTeamRole, 'rendering'),
      },
    ],
    diagnosis: [
      {
        sequence: 1,
        diagnosisCodeableConcept: concept(system.icd10cm, 'Z00.00'),
        type: [concept(system.diagnosisType, 'principal')],
      },
    ],
    item: [
      {
        sequence: 1,
        productOrService: concept(system.hcpcs, 'G0439'),
        servicedDate: '2026-03-02',
        locationCodeableConcept: concept(system.placeOfService, '11'),
        net: { value: 100, currency: 'USD' },
        adjudication: [...amounts(money), inNetwork, contractual],
      },
    ],
    total: amounts(money).map(({ category: c, amount = {} }) => ({ category: c, amount })),
    payment: {
      type: concept(system.c4bbStatus, 'paid'),
      date: '2026-03-10',
      amount: { value: 45, currency: 'USD' },
    },
  };
}

/** A sound inpatient explanation with its amounts in the header: a case rate. */
export function inpatientSample(): ExplanationOfBenefit {
  const money = {
    submitted: 8000,
    eligible: 6000,
    discount: 2000,
    deductible: 1676,
    paidtoprovider: 4324,
    memberliability: 1676,
  };
  return {
    ...common('Inpatient-Institutional'),
    type: concept(system.claimType, 'institutional'),
    subType: concept(system.c4bbInstitutionalSubType, 'inpatient'),
    provider: { reference: 'Organization/hospital' },
    careTeam: [
      {
        sequence: 1,
        provider: { reference: 'Practitioner/a' },
        role: concept(system.c4bbCareTeamRole, 'attending'),
      },
    ],
    supportingInfo: [
      { ...information(1, 'admissionperiod'), timingPeriod: { start: '2026-03-02', end: '2026-03-04' } },
      { ...information(2, 'typeofbill'), code: concept(system.typeOfBill, '111') },
      { ...information(3, 'admtype'), code: concept(system.admissionType, '1') },
      { ...information(4, 'pointoforigin'), code: concept(system.pointOfOrigin, '1') },
    ],
    diagnosis: [
      {
        sequence: 1,
        diagnosisCodeableConcept: concept(system.icd10cm, 'J18.9'),
        type: [concept(system.diagnosisType, 'principal')],
        onAdmission: concept(system.presentOnAdmission, 'Y'),
      },
    ],
    item: [
      {
        sequence: 1,
        revenue: concept(system.revenueCode, '0120'),
        productOrService: concept(system.dataAbsentReason, 'not-applicable'),
        servicedPeriod: { start: '2026-03-02', end: '2026-03-04' },
        net: { value: 8000, currency: 'USD' },
      },
    ],
    adjudication: [...amounts(money), inNetwork, contractual],
    total: amounts(money).map(({ category: c, amount = {} }) => ({ category: c, amount })),
  };
}

/** A sound outpatient explanation of two lines, one of them refused. */
export function outpatientSample(): ExplanationOfBenefit {
  const paid = {
    submitted: 600.1,
    eligible: 400.1,
    discount: 200,
    coinsurance: 80.02,
    paidtoprovider: 320.08,
    memberliability: 80.02,
  };
  const refused = { submitted: 50, eligible: 0, noncovered: 50, paidtoprovider: 0, memberliability: 0 };
  const all = { ...paid, submitted: 650.1, noncovered: 50 };
  const line = { productOrService: concept(system.hcpcs, 'G0463'), servicedDate: '2026-03-02' };
  return {
    ...inpatientSample(),
    ...common('Outpatient-Institutional'),
    subType: concept(system.c4bbInstitutionalSubType, 'outpatient'),
    supportingInfo: [{ ...information(1, 'clmrecvddate'), timingDate: '2026-03-05' }],
    item: [
      {
        sequence: 1,
        ...line,
        revenue: concept(system.revenueCode, '0510'),
        adjudication: [...amounts(paid), contractual],
      },
      {
        sequence: 2,
        ...line,
        adjudication: [...amounts(refused), discriminator('adjustmentreason', concept(system.carc, '197'))],
      },
    ],
    adjudication: [inNetwork],
    total: amounts(all).map(({ category: c, amount = {} }) => ({ category: c, amount })),
  };
}
