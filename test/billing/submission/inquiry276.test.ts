import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { claimLevels } from '../../../src/billing/submission/claim837/claimSet.ts';
import { inquirySet, type Inquiry } from '../../../src/billing/submission/inquiry276.ts';
import { toDoAfter } from '../../../src/billing/submission/inquiryAnswered.ts';
import { claimsOfLevel, codesText, statusOfInquiry } from '../../../src/billing/submission/status277.ts';
import { segmentsWithin, type Loop } from '../../../src/x12/loop.ts';
import { faultsOf, readBytes, readTransactions } from '../../../src/x12/read.ts';
import { segment } from '../../../src/x12/segment.ts';
import { writeInterchange } from '../../../src/x12/write.ts';
import { generatedClaim, type Form } from '../../fixture/generatedClaim.ts';
import { runsOf } from '../../runs.ts';

const sample = (name: string): Buffer =>
  readFileSync(new URL(`../../x12/sample/linuxforhealth/${name}`, import.meta.url));
const linesOf = (text: string): string[] =>
  text
    .split('~')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const header = {
  reference: 'ABC276XXX',
  date: '2005-09-15',
  time: '1425',
  receiver: { name: 'XYZ SERVICE', number: 'X67E' },
};

const written = (inquiries: readonly Inquiry[]): string =>
  writeInterchange(
    {
      ...{ senderQualifier: 'ZZ', sender: 'US', receiverQualifier: 'ZZ', receiver: 'THEM' },
      ...{ date: '20050915', time: '1425', controlNumber: 1, usage: 'T' },
    },
    [
      {
        ...{ functionalGroup: 'HR', sender: 'US', receiver: 'THEM', controlNumber: 1 },
        ...{ version: '005010X212', date: '20050915', time: '1425' },
        sets: [
          {
            ...{ controlNumber: '0001', set: '276', convention: '005010X212' },
            content: inquirySet(header, inquiries),
          },
        ],
      },
    ],
  );

const loop = (id: string, lines: readonly string[], loops: readonly Loop[] = []): Loop => ({
  id,
  segments: lines.map((line) => {
    const [name = '', ...elements] = line.split('*');
    return segment(
      name,
      elements.map((value) => (value.includes(':') ? value.split(':') : value)),
    );
  }),
  loops,
});
const party = (id: string, ...lines: readonly string[]): Loop => loop(id, lines);

/** The 837 of the hospital claim that the sample asks after, and of a dependent's. */
const hospital = loop(
  '2000A',
  ['HL*1**20*1'],
  [
    party('2010AA', 'NM1*85*2*HOME HOSPITAL*****XX*1666666661', 'N3*1 STREET'),
    loop(
      '2000B',
      ['HL*2*1*22*0', 'SBR*P*18'],
      [
        party('2010BA', 'NM1*IL*1*SMITH*FRED****MI*123456789A', 'DMG*D8*19301210*M'),
        party('2010BB', 'NM1*PR*2*ABC INSURANCE*****PI*12345'),
        loop('2300', ['CLM*SM123456*8513.88***11:A:1*Y*A*Y*Y', 'DTP*434*RD8*20050831-20050906']),
      ],
    ),
  ],
);
const dependent = loop(
  '2000A',
  ['HL*1**20*1'],
  [
    party('2010AA', 'NM1*85*2*HOME HOSPITAL PHYSICANS*****XX*1666666661'),
    loop(
      '2000B',
      ['HL*2*1*22*1', 'SBR*P'],
      [
        party('2010BA', 'NM1*IL*1*MANN*JOHN****MI*345678901'),
        party('2010BB', 'NM1*PR*2*ABC INSURANCE*****PI*12345'),
        loop(
          '2000C',
          ['HL*3*2*23*0', 'PAT*19'],
          [
            party('2010CA', 'NM1*QC*1*MANN*JOSEPH', 'DMG*D8*19951101*M'),
            loop(
              '2300',
              ['CLM*MA345678*150***11:B:1*Y*A*Y*Y'],
              [loop('2400', ['LX*1', 'SV1*HC:99203*150*UN*1***1', 'DTP*472*D8*20050501'])],
            ),
          ],
        ),
      ],
    ),
  ],
);

test('2 a claim is asked after as the sample does: payer, receiver, provider, member, claim', () => {
  const text = written([{ claim: hospital, trace: 'ABCXYZ1', payerNumber: '' }]);
  const expected = linesOf(sample('claim-level-status.276').toString('latin1')).slice(2, 18);
  expect(linesOf(text).slice(2, -3)).toEqual(expected);
  expect(faultsOf(readTransactions(text))).toEqual([]);
});

test('2 claims of one payer and provider share their levels, and a dependent has one of his own', () => {
  const text = written([
    { claim: hospital, trace: 'T1', payerNumber: 'ICN1' },
    { claim: hospital, trace: 'T2', payerNumber: '' },
    { claim: dependent, trace: 'T3', payerNumber: '' },
  ]);
  expect(faultsOf(readTransactions(text))).toEqual([]);
  const lines = linesOf(text);
  expect(lines.filter((line) => line.startsWith('HL*'))).toEqual([
    'HL*1**20*1',
    'HL*2*1*21*1',
    'HL*3*2*19*1',
    'HL*4*3*22*0',
    'HL*5*3*22*0',
    'HL*6*2*19*1',
    'HL*7*6*22*1',
    'HL*8*7*23',
  ]);
  expect(lines.slice(-9, -3)).toEqual([
    'DMG*D8*19951101*M',
    'NM1*QC*1*MANN*JOSEPH',
    'TRN*1*T3',
    'REF*EJ*MA345678',
    'AMT*T3*150',
    'DTP*472*D8*20050501',
  ]);
  expect(lines.filter((line) => line.startsWith('REF*1K'))).toEqual(['REF*1K*ICN1']);
});

test.each(['professional', 'institutional', 'oral'] as const)(
  '2 neighbour: a generated %s claim is asked after without a fault, by its number, charge and days',
  (form: Form) => {
    fc.assert(
      fc.property(generatedClaim(form), ({ claim, resources }) => {
        const known = new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));
        const number = claim.identifier?.[0]?.value ?? '';
        const { loop: levels } = claimLevels(form, { claim, known, number });
        const text = written([{ claim: levels, trace: `T-${number}`.slice(0, 50), payerNumber: '' }]);
        expect(faultsOf(readTransactions(text))).toEqual([]);
        const [clm] = [...segmentsWithin(levels)].filter(({ id }) => id === 'CLM');
        expect(linesOf(text)).toContain(`REF*EJ*${number}`);
        expect(linesOf(text)).toContain(`AMT*T3*${clm?.elements[1] ?? ''}`);
      }),
      { numRuns: runsOf({ usual: 20, long: 200 }) },
    );
  },
);

const answers = (bytes: Uint8Array) =>
  [...readBytes(bytes)].flatMap((part) => (part.kind === 'unit' ? claimsOfLevel(part.loop) : []));

test('2 the sample 277 says of three claims where they stand, that of the dependent too', () => {
  const read = answers(sample('claim-level-status.277'));
  expect(
    read.map(({ trace, control, payerNumber, statuses, lines }) => [
      ...[trace, control, payerNumber, codesText(statuses), statusOfInquiry(statuses)],
      ...[statuses[0]?.on, statuses[0]?.paid, lines.map((line) => codesText(line.statuses))],
    ]),
  ).toEqual([
    ['ABCXYZ1', 'SM123456', '05347006051', 'P3:317', 'accepted', '2005-09-13', undefined, []],
    ['ABCXYZ2', 'J0234567', '0529675341', 'F0:3', 'accepted', '2005-09-15', 759900, []],
    ['ABCXYC3', 'MA345678', '051681010827', 'F2:88:QC', 'accepted', '2005-06-12', 0, ['F2:88:QC']],
  ]);
});

test.each([
  ['D0:35', 'does not have the claim (D0:35)'],
  ['A4:35', 'does not have the claim (A4:35)'],
  ['E0:24:85', 'could not answer where the claim stands (E0:24:85)'],
  ['F1:65', 'has decided the claim (F1:65)'],
  ['P1:20', undefined],
  ['A2:20', undefined],
])('2 neighbour: after %s a person has to: %s', (code, says) => {
  const claim = loop('2200D', ['TRN*2*T', `STC*${code}*20260606`]);
  const text = toDoAfter(claimsOfLevel({ id: '2000D', segments: [], loops: [claim] })[0]?.statuses ?? []);
  if (says === undefined) expect(text).toBeUndefined();
  else expect(text).toContain(says);
});

test('2 neighbour: what was decided names the payment by which it came', () => {
  const claim = loop('2200D', ['TRN*2*T', 'STC*F1:65*20260606**100*80*20260601**20260602*CHK77']);
  const [status] = claimsOfLevel({ id: '2000D', segments: [], loops: [claim] });
  expect(toDoAfter(status?.statuses ?? [])).toMatch(/ask for the remittance CHK77 of 2026-06-02$/);
});
