import { expect, test } from '@jest/globals';
import type { Account, Claim, Invoice, InvoiceLineItem, Patient } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { issueInvoice, recipientOf } from '../../../src/billing/invoice/issue.ts';
import { owedLines, selfPayLine, type OwedLine } from '../../../src/billing/invoice/owed.ts';
import type { Adjudicated } from '../../../src/datatypes/adjudication.ts';
import { centsOf, cents, negate, sum, zero, type Cents } from '../../../src/datatypes/cents.ts';
import { amountOf, decisionsOf, stories, storyClaim, type StoryClaim } from '../../fixture/storyClaim.ts';

const hcpcs = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const patient: Patient & { id: string } = { resourceType: 'Patient', id: 'p', birthDate: '1980-01-01' };
const account: Account = {
  resourceType: 'Account',
  id: 'a',
  status: 'active',
  subject: [{ reference: 'Patient/p' }],
  owner: { reference: 'Organization/clinic' },
};

const claimOf = (story: StoryClaim): Claim => ({
  resourceType: 'Claim',
  id: 'c',
  status: 'active',
  type: {},
  use: 'claim',
  patient: { reference: 'Patient/p' },
  created: '2026-01-21',
  provider: { reference: 'Organization/clinic' },
  priority: {},
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/c' } }],
  supportingInfo: story.header
    ? [
        {
          sequence: 1,
          category: {
            coding: [
              { system: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType', code: 'drg' },
            ],
          },
          code: { coding: [{ code: '194' }] },
        },
      ]
    : [],
  item: story.lines.map(({ line, code }) => ({
    sequence: line,
    productOrService: { coding: [{ system: hcpcs, code }] },
    encounter: [{ reference: 'Encounter/1' }],
    extension: [
      {
        url: 'https://claimwright.example/fhir/StructureDefinition/charge-item',
        valueReference: { reference: `ChargeItem/${line}` },
      },
    ],
  })),
});

const payer = (n: number) => ({ reference: `Organization/payer-${n}` });
const explanation = 'ExplanationOfBenefit/e';

const owed = (...names: string[]): OwedLine[] =>
  owedLines(
    claimOf(storyClaim(names.at(-1) ?? '')),
    names.map((name, i) => ({ payer: payer(i + 1), decisions: decisionsOf(storyClaim(name)) })),
    explanation,
  );

const invoiceOf = (lines: readonly OwedLine[], paid: (line: OwedLine) => Cents = () => zero): Invoice =>
  issueInvoice({
    id: '0f8fad5b-d9cb-469f-a165-70867728950e',
    on: '2026-06-24',
    patient,
    account,
    lines: lines.map((line) => ({ ...line, paid: paid(line), writtenOff: zero })),
  });

/** The sum of the components of a line that have one of these types or codes. */
const total = (line: InvoiceLineItem, which: (type: string, code: string | undefined) => boolean): Cents =>
  sum(
    (line.priceComponent ?? [])
      .filter((c) => which(c.type, c.code?.coding?.[0]?.code))
      .map((c) => centsOf(c.amount) ?? zero),
  );
const netOf = (line: InvoiceLineItem): Cents => total(line, (type) => type !== 'informational');
const reason = (line: InvoiceLineItem, code: string): Cents =>
  total(line, (type, c) => type === 'informational' && c === code);

const billed = stories.claims.filter((c) => stories.invoices.some((i) => i.story === c.claim));

test.each(billed.map((c) => c.claim))(
  'the Invoice of story %s has its lines, shares and net to the cent',
  (story) => {
    const rows = stories.invoiceLines.filter((r) => r.story === story);
    const before = (line: OwedLine): Cents =>
      amountOf(rows.find((r) => Number(r.line) === line.item)?.before ?? '0.00');
    const invoice = invoiceOf(owed(story), before);
    const lines = invoice.lineItem ?? [];
    expect(
      lines.map((line) => ({
        copay: reason(line, 'copay'),
        deductible: reason(line, 'deductible'),
        coinsurance: reason(line, 'coinsurance'),
        nonCovered: reason(line, 'non-covered'),
        before: negate(total(line, (type, code) => type === 'deduction' && code === 'patient-payment')),
        net: netOf(line),
      })),
    ).toEqual(
      rows.map((r) => ({
        copay: amountOf(r.copay),
        deductible: amountOf(r.deductible),
        coinsurance: amountOf(r.coinsurance),
        nonCovered: amountOf(r.nonCovered),
        before: amountOf(r.before),
        net: amountOf(r.net),
      })),
    );
    const net = amountOf(stories.invoices.find((i) => i.story === story)?.net ?? '');
    expect(centsOf(invoice.totalNet)).toBe(net);
    expect(invoice.totalGross).toEqual(invoice.totalNet);
  },
);

test.each([['4'], ['6 answered'], ['7 first', '7 second']])(
  'stories without Invoice leave nothing to the patient: %s',
  (...names) => {
    expect(owed(...names.filter((n) => typeof n === 'string'))).toEqual([]);
  },
);

test('a case rate gives one line for the stay, named by its DRG, with every charge', () => {
  const [line, ...others] = invoiceOf(owed('9a')).lineItem ?? [];
  expect(others).toEqual([]);
  expect(line?.chargeItemCodeableConcept).toEqual({ coding: [{ code: '194' }] });
  expect(line?.extension?.flatMap((e) => e.valueReference?.reference ?? [])).toEqual([
    ...[1, 2, 3, 4, 5, 6].map((n) => `ChargeItem/${n}`),
    explanation,
  ]);
  expect(total(line ?? {}, (type) => type === 'base')).toBe(861041);
});

test('a line of one charge refers to it, and to the explanation and line of the claim it is from', () => {
  const [line] = invoiceOf(owed('2')).lineItem ?? [];
  expect(line?.chargeItemReference).toEqual({ reference: 'ChargeItem/1' });
  expect(line?.extension).toContainEqual({
    url: 'https://claimwright.example/fhir/StructureDefinition/claim-item',
    valuePositiveInt: 1,
  });
  expect(line?.extension).toContainEqual({
    url: 'https://claimwright.example/fhir/StructureDefinition/explanation',
    valueReference: { reference: explanation },
  });
});

test('with two payers a line shows what each paid, and the share of the second', () => {
  const second: Adjudicated[] = [
    {
      sequence: 1,
      submitted: cents(21460),
      allowed: cents(5268),
      paid: cents(2000),
      adjustments: [
        { group: 'OA', reason: '23', amount: cents(19021) },
        { group: 'PR', reason: '2', amount: cents(439) },
      ],
    },
  ];
  const chain = [
    { payer: payer(1), decisions: decisionsOf(storyClaim('7 first')).slice(0, 1) },
    { payer: payer(2), decisions: second },
  ];
  const [line] = owedLines(claimOf(storyClaim('7 second')), chain, explanation);
  expect(line?.components.map((c) => [c.type, c.code?.coding?.map((x) => x.code), c.amount?.value])).toEqual([
    ['base', ['charge'], 214.6],
    ['deduction', ['benefit'], -97.57],
    ['deduction', ['CO', '45'], -92.64],
    ['deduction', ['benefit'], -20],
    ['informational', ['coinsurance', 'PR', '2'], 4.39],
  ]);
  expect(line?.share).toBe(439);
});

test('a charge that goes to the patient directly is asked for as it is', () => {
  const code = { coding: [{ system: hcpcs, code: 'T1015' }] };
  const line = selfPayLine({
    reference: 'ChargeItem/1',
    encounter: 'Encounter/8',
    code,
    amount: cents(16845),
  });
  const invoice = invoiceOf([line]);
  expect(invoice.extension).toBeUndefined();
  expect(invoice.lineItem?.[0]?.priceComponent?.map((c) => [c.type, c.amount])).toEqual([
    ['base', { value: 168.45, currency: 'USD' }],
  ]);
  expect(invoice).toMatchObject({
    status: 'issued',
    date: '2026-06-24',
    subject: { reference: 'Patient/p' },
    recipient: { reference: 'Patient/p' },
    issuer: { reference: 'Organization/clinic' },
    account: { reference: 'Account/a' },
    identifier: [
      { system: 'https://claimwright.example/fhir/sid/invoice-number', value: 'INV-70867728950E' },
    ],
    totalNet: { value: 168.45, currency: 'USD' },
  });
});

const mother = { party: { reference: 'RelatedPerson/m' } };
const child = { ...patient, birthDate: '2016-09-21' };
test.each<[string, Account['guarantor'], Patient, string | undefined]>([
  ['the guarantor of the Account pays', [mother], child, 'RelatedPerson/m'],
  ['an adult pays alone', undefined, patient, 'Patient/p'],
  ['an adult who is his own guarantor pays', [{ party: { reference: 'Patient/p' } }], patient, 'Patient/p'],
  [
    'a minor never pays, even as his own guarantor',
    [{ party: { reference: 'Patient/p' } }],
    child,
    undefined,
  ],
  ['a guarantor on hold does not pay', [{ ...mother, onHold: true }], patient, 'Patient/p'],
  ['a minor without guarantor never pays', undefined, child, undefined],
])('%s', (_name, guarantor, who, expected) => {
  const of = { ...account, ...(guarantor ? { guarantor } : {}) };
  expect(recipientOf(of, who, '2026-06-24')?.reference).toBe(expected);
});

test('the day of the 18th birthday ends being a minor', () => {
  expect(recipientOf(account, child, '2034-09-20')).toBeUndefined();
  expect(recipientOf(account, child, '2034-09-21')?.reference).toBe('Patient/p');
});

const amount = fc.integer({ min: 0, max: 90_000 });
const adjusted = fc.record({
  group: fc.constantFrom('CO', 'PR', 'OA', 'PI'),
  reason: fc.constantFrom('1', '2', '3', '23', '27', '45', '97', '197'),
  amount: amount.map(cents),
});
const decision = fc
  .record({ paid: amount.map(cents), adjustments: fc.array(adjusted, { maxLength: 5 }) })
  .map(({ paid, adjustments }) => {
    const submitted = sum([paid, ...adjustments.map((a) => a.amount)]);
    return { sequence: 1, submitted, allowed: paid, paid, adjustments };
  });

test('whatever one or two payers decide, the parts of a line add up to the share of the last one', () => {
  fc.assert(
    fc.property(fc.array(decision, { minLength: 1, maxLength: 2 }), (decisions) => {
      const chain = decisions.map((d, i) => ({ payer: payer(i), decisions: [d] }));
      const lines = owedLines(claimOf(storyClaim('7 second')), chain, explanation);
      const last = decisions.at(-1);
      const share = sum((last?.adjustments ?? []).filter((a) => a.group === 'PR').map((a) => a.amount));
      expect(sum(lines.map((l) => l.share))).toBe(share);
      if (lines.length === 0) return;
      const invoice = invoiceOf(lines);
      const [line = {}] = invoice.lineItem ?? [];
      expect(netOf(line)).toBe(share);
      expect(total(line, (type) => type === 'informational')).toBe(share);
      expect(centsOf(invoice.totalNet)).toBe(share);
      for (const c of line.priceComponent ?? []) {
        const groups = c.code?.coding
          ?.filter((x) => x.system?.endsWith('claim-adjustment-group-codes'))
          .map((x) => x.code);
        if (c.type === 'informational') expect(groups).toEqual(['PR']);
        else expect(groups).not.toContain('PR');
      }
    }),
  );
});
