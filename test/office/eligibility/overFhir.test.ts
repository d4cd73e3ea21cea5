import { describe, expect, test } from '@jest/globals';
import type { CoverageEligibilityResponse, Resource } from '@medplum/fhirtypes';
import type { EligibilityQuestion } from '../../../src/gateway/gateway.ts';
import { inquiryBundle, readEligibility } from '../../../src/operation/eligibility/overFhir.ts';
import { member, requestFor } from './eligibilityOffice.ts';

const [patient, coverage] = member('ada', 'M1');
const question: EligibilityQuestion = {
  ...{ trace: 't1', payer: 'Organization/juniper-ridge', on: '2026-11-24', isUrgent: true, coverage },
  request: { ...requestFor('ada'), id: 'r1' },
  parties: new Map<string, Resource>([
    [
      'Patient/ada',
      { ...patient, identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '000-00-0001' }] },
    ],
    ['Coverage/ada', coverage],
  ]),
};

const said = (over: Partial<CoverageEligibilityResponse> = {}): CoverageEligibilityResponse => ({
  ...({ resourceType: 'CoverageEligibilityResponse', status: 'active', outcome: 'complete' } as const),
  ...{
    purpose: ['benefits'],
    patient: { reference: 'Patient/77' },
    created: '2026-11-24',
    insurer: {},
    request: {},
  },
  insurance: [{ coverage: { reference: 'Coverage/88' }, inforce: true }],
  ...over,
});
const beside = (birthDate: string, subscriberId: string): Resource[] => [
  { resourceType: 'Patient', id: '77', birthDate },
  {
    ...{ resourceType: 'Coverage', id: '88', status: 'active', subscriberId },
    ...{ beneficiary: { reference: 'Patient/77' }, payor: [{ reference: 'Organization/9' }] },
  },
];
const read = (answer: CoverageEligibilityResponse, others: readonly Resource[] = []) =>
  readEligibility(question, {
    ...({ resourceType: 'Bundle', type: 'collection' } as const),
    entry: [answer, ...others].map((resource) => ({ resource })),
  });

describe('1 eligibility over a FHIR server', () => {
  test('1 what is sent has the request first, and no number that is nobody’s outside', () => {
    const bundle = inquiryBundle(question, {
      base: 'https://x.example/fhir',
      timestamp: '2026-11-24T15:00:00Z',
      isTest: true,
    });
    expect(bundle.entry?.map(({ resource }) => resource?.resourceType)).toEqual([
      'CoverageEligibilityRequest',
      'Patient',
      'Coverage',
    ]);
    expect(JSON.stringify(bundle)).not.toContain('000-00-0001');
  });

  test.each([
    ['of another birth date', beside('1980-01-01', 'M1')],
    ['of another birth date and number', beside('1980-01-01', 'M2')],
    ['of another number, of whom nothing else is said', beside('1970-05-05', 'M2').slice(1)],
  ])('1 an answer for a member %s is not taken over', (_what, others) => {
    expect(read(said(), others)).toMatchObject({
      is: 'unfit',
      reason: 'what the payer answered is about another member',
    });
  });

  test('1 the same person under another number is an answer, which says that number', () => {
    expect(read(said(), beside('1970-05-05', 'M2'))).toMatchObject({
      is: 'answer',
      response: {
        patient: { reference: 'Patient/ada' },
        insurance: [{ coverage: { identifier: { value: 'M2' } } }],
      },
    });
  });

  test('1 a benefit in another currency is not taken over', () => {
    const item = [{ benefit: [{ type: {}, allowedMoney: { value: 10, currency: 'EUR' as const } }] }];
    const insurance = [{ coverage: { reference: 'Coverage/88' }, inforce: true, item }];
    expect(read(said({ insurance }), beside('1970-05-05', 'M1'))).toMatchObject({ is: 'unfit' });
  });

  const none: Resource = { resourceType: 'OperationOutcome', issue: [] };
  const two: Resource = {
    ...({ resourceType: 'Bundle', type: 'collection' } as const),
    entry: [{ resource: said() }, { resource: said() }],
  };
  test.each([
    ['an outcome', none],
    ['two answers', two],
  ] as const)('1 neighbour: %s is no answer', (_what, resource) => {
    expect(readEligibility(question, resource)).toMatchObject({ is: 'unfit' });
  });
});
