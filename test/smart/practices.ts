import type { Resource } from '@medplum/fhirtypes';

/** Charts and money of made-up patients, for tests of who sees what. */
export type Named = Resource & { readonly id: string };

const named = (resource: Record<string, unknown> & { resourceType: string; id: string }): Named =>
  resource as unknown as Named;
const refer = (reference: string): { reference: string } => ({ reference });
const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>' };
const code = { text: 'x' };
const usd = (value: number): { value: number; currency: string } => ({ value, currency: 'USD' });
const category = (of: string) => [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: of }] },
];
const ambulatory = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' };

/** What is nobody's: the practices, a payer, who works there, a price. */
export const directory = (practices: readonly string[]): readonly Named[] => [
  ...practices.flatMap((practice) => [
    named({ resourceType: 'Organization', id: practice, active: true, name: practice }),
    named({ resourceType: 'Practitioner', id: `dr-${practice}`, name: [{ family: practice }] }),
    named({
      resourceType: 'PractitionerRole',
      id: `dr-${practice}`,
      practitioner: refer(`Practitioner/dr-${practice}`),
      organization: refer(`Organization/${practice}`),
    }),
  ]),
  named({ resourceType: 'Organization', id: 'payer', active: true, name: 'payer' }),
  named({ resourceType: 'ConceptMap', id: 'map', status: 'active' }),
];

/** All that a visit of a patient to a practice leaves: chart, money, work, documents. Every id ends in the patient's. */
export function chartOf(patient: string, practice: string): readonly Named[] {
  const subject = refer(`Patient/${patient}`);
  const owner = refer(`Organization/${practice}`);
  const id = (kind: string): string => `${kind}-${patient}`;
  const claimType = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }],
  };
  const billed = { status: 'active', type: claimType, use: 'claim', patient: subject, created: '2026-01-05' };
  return [
    named({
      resourceType: 'Patient',
      id: patient,
      name: [{ family: `Family-${patient}` }],
      address: [{ city: 'Salem' }],
    }),
    named({
      resourceType: 'Encounter',
      id: id('encounter'),
      status: 'finished',
      class: ambulatory,
      subject,
      serviceProvider: owner,
      period: { start: '2026-01-05T10:00:00Z', end: '2026-01-05T11:00:00Z' },
    }),
    named({
      resourceType: 'Condition',
      id: id('condition'),
      subject,
      code,
      encounter: refer(`Encounter/${id('encounter')}`),
    }),
    ...['laboratory', 'vital-signs'].map((kind) =>
      named({
        resourceType: 'Observation',
        id: id(kind),
        status: 'final',
        code,
        subject,
        category: category(kind),
      }),
    ),
    named({
      resourceType: 'Coverage',
      id: id('coverage'),
      status: 'active',
      beneficiary: subject,
      payor: [refer('Organization/payer')],
    }),
    named({ resourceType: 'Account', id: id('account'), status: 'active', subject: [subject], owner }),
    named({
      resourceType: 'Claim',
      id: id('claim'),
      ...billed,
      provider: owner,
      priority: { text: 'normal' },
      insurance: [{ sequence: 1, focal: true, coverage: refer(`Coverage/${id('coverage')}`) }],
      total: usd(100),
    }),
    named({
      resourceType: 'ExplanationOfBenefit',
      id: id('eob'),
      ...billed,
      insurer: refer('Organization/payer'),
      provider: owner,
      outcome: 'complete',
      claim: refer(`Claim/${id('claim')}`),
      insurance: [{ focal: true, coverage: refer(`Coverage/${id('coverage')}`) }],
    }),
    named({
      resourceType: 'Invoice',
      id: id('invoice'),
      status: 'issued',
      subject,
      issuer: owner,
      account: refer(`Account/${id('account')}`),
      totalNet: usd(20),
    }),
    named({
      resourceType: 'PaymentNotice',
      id: id('notice'),
      status: 'active',
      created: '2026-01-06',
      request: refer(`Account/${id('account')}`),
      provider: owner,
      recipient: owner,
      payment: refer(`PaymentReconciliation/${id('remittance')}`),
      amount: usd(5),
    }),
    named({
      resourceType: 'PaymentReconciliation',
      id: id('remittance'),
      status: 'active',
      created: '2026-01-06',
      requestor: owner,
      paymentDate: '2026-01-06',
      paymentAmount: usd(5),
    }),
    named({
      resourceType: 'Task',
      id: id('task'),
      status: 'requested',
      intent: 'order',
      for: subject,
      owner,
    }),
    named({ resourceType: 'Basic', id: id('basic'), code, subject, author: owner }),
    named({
      resourceType: 'DocumentReference',
      id: id('document'),
      status: 'current',
      subject,
      custodian: owner,
      text,
      content: [{ attachment: { contentType: 'text/plain', url: `Binary/${id('binary')}` } }],
    }),
    named({
      resourceType: 'Binary',
      id: id('binary'),
      contentType: 'text/plain',
      data: Buffer.from(`secret of ${patient}`).toString('base64'),
      securityContext: refer(`DocumentReference/${id('document')}`),
    }),
    named({
      resourceType: 'RelatedPerson',
      id: id('parent'),
      active: true,
      patient: subject,
      name: [{ family: 'Parent' }],
    }),
    named({
      resourceType: 'AuditEvent',
      id: id('audit'),
      type: { code: 'rest' },
      recorded: '2026-01-05T10:00:00Z',
      agent: [{ requestor: true }],
      source: { observer: owner },
      entity: [{ what: subject }],
    }),
  ];
}
