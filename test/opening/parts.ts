import type { Claim, ParametersParameter } from '@medplum/fhirtypes';
import { coded, hcpcs } from '../firm/visit.ts';

const office = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';
const careTeamRole = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole';

/** The last day of the former books. */
export const lastDay = '2026-10-31';
const clinic = { reference: 'Organization/alder-street-clinic' };
const plac = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] };

export const dollars = (value: number) => ({ value, currency: 'USD' as const });
export const amount = (name: string, value: number): ParametersParameter => ({
  name,
  valueMoney: dollars(value),
});
export const text = (name: string, valueString: string): ParametersParameter => ({ name, valueString });
export const day = (name: string, valueDate: string): ParametersParameter => ({ name, valueDate });
export const names = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});

/** A claim as the former system sent it to Juniper: an office visit and a drug. */
export const formerClaim = (number: string, of: string, over: Partial<Claim> = {}): Claim => ({
  resourceType: 'Claim',
  status: 'active',
  type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
  use: 'claim',
  identifier: [{ type: plac, value: number }],
  patient: { reference: `Patient/${of}` },
  created: '2026-09-03',
  billablePeriod: { start: '2026-09-01', end: '2026-09-01' },
  insurer: { reference: 'Organization/juniper-ridge' },
  provider: clinic,
  priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
  insurance: [{ sequence: 1, focal: true, coverage: { reference: `Coverage/${of}` } }],
  careTeam: [
    {
      sequence: 1,
      provider: { reference: 'Practitioner/ruth-abernathy' },
      role: coded(careTeamRole, 'rendering'),
    },
  ],
  diagnosis: [
    { sequence: 1, diagnosisCodeableConcept: coded('http://hl7.org/fhir/sid/icd-10-cm', 'M17.11') },
  ],
  item: [
    [1, 'T1015', 120],
    [2, 'J3301', 30],
  ].map(([sequence, code, net]) => ({
    sequence: Number(sequence),
    productOrService: coded(hcpcs, String(code)),
    servicedDate: '2026-09-01',
    quantity: { value: 1 },
    diagnosisSequence: [1],
    careTeamSequence: [1],
    locationCodeableConcept: coded(office, '11'),
    net: dollars(Number(net)),
  })),
  total: dollars(150),
  ...over,
});

/** Such a claim as a part of the opening. */
export const claimPart = (
  claim: Claim,
  open: number,
  ...more: readonly ParametersParameter[]
): ParametersParameter => ({
  name: 'claim',
  part: [{ name: 'resource', resource: claim }, day('sent', '2026-09-03'), amount('open', open), ...more],
});
export const balancePart = (
  reference: string,
  of: string,
  owed: number,
  ...more: readonly ParametersParameter[]
): ParametersParameter => ({
  name: 'balance',
  part: [text('reference', reference), names('patient', `Patient/${of}`), amount('amount', owed), ...more],
});
export const creditPart = (reference: string, of: string, left: number): ParametersParameter => ({
  name: 'credit',
  part: [
    text('reference', reference),
    names('patient', `Patient/${of}`),
    amount('amount', left),
    day('date', '2026-10-12'),
    { name: 'method', valueCode: 'check' },
  ],
});
export const answerPart = (paid: number, adjusted: number): ParametersParameter => ({
  name: 'answer',
  part: [amount('paid', paid), amount('adjusted', adjusted)],
});
export const close: ParametersParameter = { name: 'close', valueBoolean: true };

/** The sums of the reports of the former system, with what every call says. */
export const head = (insurance: number, owed: number, credit: number): ParametersParameter[] => [
  names('practice', 'Organization/alder-street-clinic'),
  day('date', lastDay),
  text('source', 'Medibill 4'),
  amount('insuranceTotal', insurance),
  amount('patientTotal', owed),
  amount('creditTotal', credit),
];
