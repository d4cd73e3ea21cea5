import { beforeAll, expect, test } from '@jest/globals';
import type {
  Claim,
  Invoice,
  OperationOutcome,
  Parameters,
  ParametersParameter,
  PaymentNotice,
} from '@medplum/fhirtypes';
import { find, readResource, updateResource } from '../../src/interaction/repository.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import {
  answerClaim,
  captureVisit,
  openPractice,
  submitVisit,
  type Practice,
} from '../fixture/answeredVisit.ts';
import { decisionsOf, storyClaim } from '../fixture/storyClaim.ts';
import { testServer, type TestServer } from './server.ts';

let server: TestServer;
let practice: Practice;
let invoice: string;
let replaced: string;
let successor: string;

const post = async (path: string, parameter: readonly ParametersParameter[]) => {
  const body: Parameters = {
    resourceType: 'Parameters',
    ...(parameter.length > 0 ? { parameter: [...parameter] } : {}),
  };
  const { status, body: answer } = (await server.http
    .post(`/fhir/${path}`)
    .set('Content-Type', 'application/fhir+json')
    .send(JSON.stringify(body))) as { status: number; body: unknown };
  return { status, answer: answer as Parameters | OperationOutcome };
};
const named = (answer: Parameters | OperationOutcome, name: string): string => {
  const found =
    answer.resourceType === 'Parameters' ? answer.parameter?.find((p) => p.name === name) : undefined;
  return `${found?.resource?.resourceType ?? ''}/${found?.resource?.id ?? ''}`;
};
const pay = (
  value: number,
  reference: string,
  over: Partial<{ currency: 'USD' | 'EUR'; method: string }> = {},
) => [
  { name: 'amount', valueMoney: { value, currency: over.currency ?? 'USD' } } as const,
  { name: 'method', valueCode: over.method ?? 'card' },
  { name: 'reference', valueString: reference },
];

async function invoiced(name: string): Promise<string> {
  const decisions = decisionsOf(storyClaim('2'));
  const charges = decisions.map((d) => d.submitted);
  await captureVisit(practice, { name, on: '2026-03-11', charges });
  await submitVisit(practice, { name, claim: name, on: '2026-03-12', charges });
  await answerClaim(practice, { name, claim: name, payer: 'first', on: '2026-03-26', decisions });
  return named((await post(`ExplanationOfBenefit/${name}/$generate-invoice`, [])).answer, 'invoice');
}

beforeAll(async () => {
  server = await testServer();
  practice = await openPractice(server.context);
  await openPractice(server.context, 'b');
  invoice = await invoiced('two');
  // an Invoice that counted on a copay which bounced, and its successor
  await captureVisit(practice, { name: 'three', on: '2026-03-11', charges: [] });
  const encounter = { name: 'encounter', valueReference: { reference: 'Encounter/three' } };
  const copay = named(
    (await post('Account/a/$record-payment', [...pay(25, 'copay'), encounter])).answer,
    'receipt',
  );
  replaced = await invoiced('three');
  await post(`${copay}/$reverse`, [{ name: 'reason', valueString: 'bounced' }]);
  successor = named((await post('ExplanationOfBenefit/three/$generate-invoice', [])).answer, 'invoice');
  await post(`${invoice}/$record-payment`, pay(700, 'overpaid')); // leaves 64.52 of credit
  // an explanation of patient a whose claim stands on the Account of patient b
  await server.context.store.transaction(async (tx) => {
    const claim = await readResource<Claim & { id: string }>(tx, 'Claim', 'two');
    const url = 'https://claimwright.example/fhir/StructureDefinition/account';
    const extension = [{ url, valueReference: { reference: 'Account/b' } }];
    await updateResource(server.context, tx, { ...claim, id: 'astray', extension });
    const eob = {
      resourceType: 'ExplanationOfBenefit',
      status: 'active',
      use: 'claim',
      outcome: 'complete',
    } as const;
    const coded = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }],
    };
    await updateResource(server.context, tx, {
      ...eob,
      id: 'astray',
      type: coded,
      patient: { reference: 'Patient/a' },
      created: '2026-03-26',
      insurer: { reference: 'Organization/first' },
      provider: { reference: 'Organization/clinic' },
      claim: { reference: 'Claim/astray' },
      insurance: [{ focal: true, coverage: { reference: 'Coverage/first' } }],
    });
  });
});

/** Everything a refused call could have changed. */
async function everything(): Promise<unknown> {
  const { store } = server.context;
  const versions = async (type: 'Invoice' | 'PaymentNotice' | 'Account' | 'ChargeItem' | 'Claim' | 'Task') =>
    (await find(store, type, {})).map((r) => `${r.resourceType}/${r.id ?? ''}/${r.meta?.versionId ?? ''}`);
  return {
    entries: (await store.entries({ count: 10_000 })).entries,
    versions: [
      ...(await versions('Invoice')),
      ...(await versions('PaymentNotice')),
      ...(await versions('Account')),
      ...(await versions('ChargeItem')),
      ...(await versions('Claim')),
      ...(await versions('Task')),
    ],
    keys: await Promise.all(
      ['NEW', 'COPAY', 'OVERPAID'].map((r) => store.holder(`payment-number|Organization/clinic|${r}`)),
    ),
  };
}

const amount = "Parameters.parameter.where(name='amount').value";
const reference = "Parameters.parameter.where(name='reference').value";
const record = (): string => `${invoice}/$record-payment`;
const writeOff = (value: number, why: string): ParametersParameter[] => [
  { name: 'amount', valueMoney: { value, currency: 'USD' } },
  { name: 'reason', valueCode: why },
];

test.each<
  [
    string,
    () => [path: string, parameters: readonly ParametersParameter[]],
    number,
    string,
    string | undefined,
  ]
>([
  ['a payment of 0', () => [record(), pay(0, 'new')], 422, 'amount-not-positive', `${amount}.value`],
  ['a negative payment', () => [record(), pay(-5, 'new')], 422, 'amount-not-positive', `${amount}.value`],
  ['a payment of 10.005', () => [record(), pay(10.005, 'new')], 422, 'finer-than-a-cent', `${amount}.value`],
  [
    'another currency',
    () => [record(), pay(10, 'new', { currency: 'EUR' })],
    422,
    'currency-not-billed',
    `${amount}.currency`,
  ],
  [
    'a deposit of 10.005',
    () => ['Account/a/$record-payment', pay(10.005, 'new')],
    422,
    'finer-than-a-cent',
    `${amount}.value`,
  ],
  [
    'a reference used with another amount',
    () => [record(), pay(701, 'overpaid')],
    409,
    'reference-used',
    reference,
  ],
  [
    'a reference used on another Invoice',
    () => [`${successor}/$record-payment`, pay(700, 'overpaid')],
    409,
    'reference-used',
    reference,
  ],
  [
    'a payment on a replaced Invoice',
    () => [`${replaced}/$record-payment`, pay(5, 'new')],
    409,
    'invoice-cancelled',
    'Invoice.status',
  ],
  [
    'a write-off from a replaced Invoice',
    () => [`${replaced}/$write-off`, writeOff(5, 'charity')],
    409,
    'invoice-cancelled',
    'Invoice.status',
  ],
  [
    'a refund above the unapplied credit',
    () => ['Account/a/$refund', pay(64.53, 'new')],
    422,
    'above-unapplied-credit',
    `${amount}.value`,
  ],
  [
    'a write-off above what is open',
    () => [`${successor}/$write-off`, writeOff(635.49, 'charity')],
    422,
    'above-open-amount',
    `${amount}.value`,
  ],
  [
    'a write-off for no reason we know',
    () => [`${successor}/$write-off`, writeOff(1, 'whim')],
    422,
    'write-off-reason',
    "Parameters.parameter.where(name='reason').value",
  ],
  [
    'an explanation of another patient than the Account',
    () => ['ExplanationOfBenefit/astray/$generate-invoice', []],
    422,
    'account-of-another-patient',
    'ExplanationOfBenefit.patient',
  ],
  [
    'neither patient nor account',
    () => ['ExplanationOfBenefit/$generate-invoice', []],
    400,
    'patient-or-account',
    'Parameters.parameter',
  ],
  [
    'a day to come',
    () => [record(), [...pay(5, 'new'), { name: 'businessDate', valueDate: '2999-01-01' }]],
    400,
    'business-date-in-future',
    "Parameters.parameter.where(name='businessDate').value",
  ],
])('%s is refused, and the store is exactly as before', async (_name, of, status, code, expression) => {
  const before = await everything();
  const [path, parameters] = of();
  const { status: got, answer } = await post(path, parameters);
  const issues = answer.resourceType === 'OperationOutcome' ? answer.issue : [];
  expect([got, issues.map(codeOfIssue), issues[0]?.expression]).toEqual([
    status,
    [code],
    expression && [expression],
  ]);
  expect(await everything()).toEqual(before);
});

test('a refused reference names its receipt, a replaced Invoice its successor', async () => {
  const receipt = await server.context.store.holder('payment-number|Organization/clinic|OVERPAID');
  const text = async (path: string, of: readonly ParametersParameter[]): Promise<string> => {
    const { answer } = await post(path, of);
    return answer.resourceType === 'OperationOutcome' ? (answer.issue[0]?.details?.text ?? '') : '';
  };
  expect(await text(record(), pay(701, 'overpaid'))).toContain(receipt ?? 'a receipt');
  expect(await text(`${replaced}/$record-payment`, pay(5, 'new'))).toContain(successor);
});

test('a hundred payments with one reference at once are one receipt, and a hundred equal answers', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => post(`${successor}/$record-payment`, pay(35.48, 'once'))),
  );
  expect(answers.map((a) => a.status)).toEqual(Array<number>(100).fill(200));
  const versions = answers.map(({ answer }) =>
    (answer.resourceType === 'Parameters' ? (answer.parameter ?? []) : [])
      .flatMap((p) => (p.name === 'outcome' || !p.resource ? [] : [p.resource]))
      .map((r) => `${r.resourceType}/${r.id ?? ''}/${r.meta?.versionId ?? ''}`)
      .join(' '),
  );
  expect(new Set(versions).size).toBe(1);
  const receipts = await find<PaymentNotice>(server.context.store, 'PaymentNotice', {});
  expect(receipts.filter((r) => r.payment.identifier?.value === 'once')).toHaveLength(1);
});

test('$balance answers GET, and its figures agree with the Invoices', async () => {
  const { status, body } = (await server.http.get('/fhir/Account/a/$balance')) as {
    status: number;
    body: unknown;
  };
  const answer = body as Parameters;
  expect(status).toBe(200);
  const value = (name: string) => answer.parameter?.find((p) => p.name === name)?.valueMoney?.value;
  const issued = await find<Invoice>(server.context.store, 'Invoice', { status: 'issued' });
  expect(issued.map((i) => i.totalNet?.value)).toEqual([635.48]);
  expect([value('insurance'), value('patient'), value('invoiced'), value('unapplied')]).toEqual([
    0, 600, 600, 64.52,
  ]);
  expect(value('total')).toBe(535.48);
  const refused = (await server.http.get(`/fhir/${invoice}/$record-payment`)) as { status: number };
  expect(refused.status).toBe(405);
});
