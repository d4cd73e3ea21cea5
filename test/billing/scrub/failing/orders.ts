import type { Claim, ClaimItemDetail } from '@medplum/fhirtypes';
import { concept, fails, lineOf, own, there, warned, type Failing } from './case.ts';

const numbered = (claim: Claim, index: number, value: string): unknown =>
  (lineOf(claim, index).extension = [
    ...(lineOf(claim, index).extension ?? []),
    { url: own('line-control-number'), valueString: value },
  ]);
const numberAt = (index: number): string => `Claim.item[${index}].extension('${own('line-control-number')}')`;
const codes = (claim: Claim, category: string, count: number, more: object = {}): unknown =>
  claim.supportingInfo?.push(
    ...Array.from({ length: count }, (_, i) => ({
      sequence: 100 + i,
      category: concept(category),
      code: concept('09'),
      ...more,
    })),
  );
const drug = (claim: Claim, code: string, quantity?: ClaimItemDetail['quantity']): unknown =>
  (lineOf(claim, 3).detail = [
    {
      sequence: 1,
      productOrService: { coding: [{ system: 'http://hl7.org/fhir/sid/ndc', code }] },
      ...(quantity ? { quantity } : {}),
    },
  ]);
const typed = (code: string, system = 'https://nahdo.org/sopt') => ({ coding: [{ system, code }] });
const second = (claim: Claim, id: string): unknown =>
  claim.insurance.push({ sequence: 2, focal: false, coverage: { reference: `Coverage/${id}` } });

/** What is wrong with numbers, drugs of a line, and the order of payers by law. */
export const orders: readonly Failing[] = [
  fails('line-control-number', 'too long', 'complete', (c) => numbered(c, 1, 'N'.repeat(31)), [numberAt(1)]),
  fails(
    'line-control-number',
    'the same twice',
    'complete',
    (c) => [numbered(c, 0, 'LINE1'), numbered(c, 2, 'LINE1')],
    [numberAt(2)],
  ),
  fails(
    'line-control-number',
    'thirty characters, each its own',
    'complete',
    (c) => [numbered(c, 0, 'N'.repeat(30)), numbered(c, 2, 'LINE1')],
    [],
  ),
  fails('bill-code-limit', '25 conditions', 'institutional', (c) => codes(c, 'condition-code', 25), [
    'Claim.supportingInfo',
  ]),
  fails('bill-code-limit', '24 conditions', 'institutional', (c) => codes(c, 'condition-code', 24), []),
  fails(
    'bill-code-limit',
    '24 occurrences and 24 spans',
    'institutional',
    (c) => [
      codes(c, 'occurrence-code', 24),
      codes(c, 'occurrence-code', 24, { timingPeriod: { start: '2026-02-03' } }),
    ],
    [],
  ),
  fails('line-drug', 'ten digits and no quantity', 'complete', (c) => drug(c, '1234567890'), [
    'Claim.item[3].detail[0].productOrService',
    'Claim.item[3].detail[0].quantity',
  ]),
  fails(
    'line-drug',
    'by the tablet',
    'complete',
    (c) => drug(c, '12345678901', { value: 2, code: '{tbl}' }),
    ['Claim.item[3].detail[0].quantity.code'],
  ),
  fails(
    'line-drug',
    'in millilitres',
    'complete',
    (c) => drug(c, '1234-5678-90', { value: 2, code: 'mL' }),
    [],
  ),
  fails(
    'workers-compensation',
    'billed to a health plan',
    'complete',
    (c) => (there(c.accident).type = typed('WPA', 'http://terminology.hl7.org/CodeSystem/v3-ActCode')),
    [warned('Claim.insurance[0].coverage')],
  ),
  fails(
    'workers-compensation',
    'billed to it',
    'complete',
    (c, p) => [
      (there(c.accident).type = typed('WPA', 'http://terminology.hl7.org/CodeSystem/v3-ActCode')),
      (p.coverage('dana-ppo').type = typed('95')),
    ],
    [],
  ),
  fails(
    'workers-compensation',
    'of a car',
    'complete',
    (c) => (there(c.accident).type = typed('MVA', 'http://terminology.hl7.org/CodeSystem/v3-ActCode')),
    [],
  ),
  fails(
    'medicare-secondary',
    'no reason',
    'minimal',
    (c, p) => [second(c, 'agnes-senior'), (p.coverage('agnes-senior').type = typed('121'))],
    [warned('Claim.insurance[1].coverage')],
  ),
  fails(
    'medicare-secondary',
    'working aged',
    'minimal',
    (c, p) => [
      second(c, 'agnes-senior'),
      (p.coverage('agnes-senior').type = {
        coding: [
          { system: 'https://nahdo.org/sopt', code: '121' },
          { system: 'https://codesystem.x12.org/005010/1336', code: '12' },
        ],
      }),
    ],
    [],
  ),
  fails(
    'medicare-secondary',
    'after Medicaid, which is another fault',
    'minimal',
    (c, p) => [second(c, 'agnes-senior'), (p.coverage('gwen-ppo').type = typed('2'))],
    [],
  ),
  fails(
    'medicaid-last',
    'before another',
    'minimal',
    (c, p) => [second(c, 'agnes-ppo'), (p.coverage('gwen-ppo').type = typed('2'))],
    [warned('Claim.insurance[0].sequence')],
  ),
  fails(
    'medicaid-last',
    'after another',
    'minimal',
    (c, p) => [second(c, 'agnes-ppo'), (p.coverage('agnes-ppo').type = typed('2'))],
    [],
  ),
];
