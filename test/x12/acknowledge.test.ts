import { expect, test } from '@jest/globals';
import { readSetAcknowledged, readGroupAcknowledged, readTa1 } from '../../src/x12/readAcknowledgement.ts';
import { loopsOf } from '../../src/x12/loop.ts';
import type { Fault } from '../../src/x12/fault.ts';
import { faultsOf, readTransactions } from '../../src/x12/read.ts';
import { acknowledgements, answerTo, faultsOfAnswer, judged, ta1Of } from './acknowledged.ts';
import { claim, interchange, professional, remittance } from './written.ts';

const text = interchange(claim, professional);
/** The claim with one line exchanged, or left out where the new one is empty. */
const changed = (line: string, to: string): string =>
  interchange(
    claim.map((one) => (one === line ? to : one)).filter((one) => one !== ''),
    professional,
  );

test('3 a good interchange gets an accepting 999 and, where asked, a TA1', () => {
  expect(answerTo(text)).toEqual([
    'AK1*HC*5*005010X222A1',
    'AK2*837*0001*005010X222A1',
    'IK5*A',
    'AK9*A*1*1*1',
  ]);
  expect(ta1Of(text)).toEqual(['TA1*000000017*240506*0708*A*000']);
});

const inSet = (...lines: string[]): string[] => [
  'AK1*HC*5*005010X222A1',
  'AK2*837*0001*005010X222A1',
  ...lines,
];

// Positions count from ST, which is 1: BHT is 2.
test.each([
  ['a required segment missing', 'N4*DAYTON*OH*454020001', '', ['IK3*N4*9*2010AA*3', 'IK5*R*5']],
  ['a required element missing', 'HI*ABK:J069', 'HI*ABK', ['IK3*HI*19*2300*8', 'IK4*1:2*1271*1', 'IK5*R*5']],
  [
    'a code that is not allowed',
    'SBR*P*18*******CI',
    'SBR*X*18*******CI',
    ['IK3*SBR*12*2000B*8', 'IK4*1*1138*7', 'IK5*R*5'],
  ],
  [
    'a date that is none',
    'DMG*D8*19800102*F',
    'DMG*D8*19801302*F',
    ['IK3*DMG*16*2010BA*8', 'IK4*2*1251*8', 'IK5*R*5'],
  ],
  [
    'a value too long',
    'REF*6R*C-1-1',
    `REF*6R*${'9'.repeat(51)}`,
    ['IK3*REF*23*2400*8', 'IK4*2*127*5', 'IK5*R*5'],
  ],
  [
    'an amount that is no number',
    'CLM*C-1*150***11:B:1*Y*A*Y*Y',
    'CLM*C-1*15O***11:B:1*Y*A*Y*Y',
    ['IK3*CLM*18*2300*8', 'IK4*2*782*6', 'IK5*R*5'],
  ],
  [
    'a level under the wrong parent',
    'HL*2*1*22*0',
    'HL*2*9*22*0',
    ['IK3*HL*11*2000B*8', 'IK4*2*734*7', 'IK5*R*5'],
  ],
  [
    'a level that says it has others in it, and has none: reported',
    'HL*2*1*22*0',
    'HL*2*1*22*1',
    ['IK3*HL*11*2000B*8', 'IK4*4*736*7', 'IK5*E*5'],
  ],
  [
    'lines that are not numbered from 1 up: reported',
    'LX*2',
    'LX*3',
    ['IK3*LX*24*2400*8', 'IK4*1*554*7', 'IK5*E*5'],
  ],
  [
    'a segment the set does not know, which is kept',
    'HI*ABK:J069',
    'HI*ABK:J069~XYZ*1',
    ['IK3*XYZ*20*2300*6', 'IK5*E*5'],
  ],
])('3 %s', (_, line, to, answer) => {
  const file = to.includes('~')
    ? text.replace(`${line}~`, `${to}~`).replace('SE*27', 'SE*28')
    : changed(line, to);
  const status = answer.at(-1)?.startsWith('IK5*E') === true ? 'AK9*E*1*1*1' : 'AK9*R*1*1*0';
  expect(answerTo(file)).toEqual(inSet(...answer, status));
  for (const sent of acknowledgements(judged(file))) expect(faultsOfAnswer(sent)).toEqual([]);
});

test.each([
  ['SE01', /SE\*27/, 'SE*26', ['IK5*R*4', 'AK9*R*1*1*0']],
  ['SE02', /SE\*27\*0001/, 'SE*27*0009', ['IK5*R*3', 'AK9*R*1*1*0']],
  ['GE01', /GE\*1\*/, 'GE*2*', ['IK5*A', 'AK9*R*2*1*1*5']],
  ['GE02', /GE\*1\*5/, 'GE*1*6', ['IK5*A', 'AK9*R*1*1*1*4']],
  ['ST03', /005010X222A1~BHT/, '005010X999~BHT', ['IK5*R*19*5', 'AK9*R*1*1*0']],
])('3 a wrong %s', (_, from, to, end) => {
  expect(answerTo(text.replace(from, to)).slice(-2)).toEqual(end);
});

test.each([
  ['IEA01', /IEA\*1\*/, 'IEA*2*', 'R*021'],
  ['IEA02', /IEA\*1\*000000017/, 'IEA*1*000000018', 'R*001'],
  ['IEA missing', /IEA.*$/, '', 'R*023'],
  ['ISA05', /\*ZZ\*PAYER/, '*99*PAYER', 'R*005'],
  ['ISA12', /00501/, '00601', 'R*017'],
  ['ISA15', /\*T\*:/, '*X*:', 'R*020'],
  ['ISA13', /\*000000017\*0/, '*00000001X*0', 'R*018'],
  ['the component separator', /\*T\*:~/, '*T**~', 'R*026'],
])('3 TA1: a wrong %s', (_, from, to, told) => {
  expect(ta1Of(text.replace(from, to))[0]?.slice(-5)).toBe(told);
});

test('3 neighbour: a set whose ST03 is not GS08 is read by ST03 and reported', () => {
  const read = (version: string) =>
    faultsOf(readTransactions(Buffer.from(interchange(claim, { ...professional, version }))));
  const set = (faults: readonly Fault[]) =>
    faults.filter(({ level }) => level === 'set').map(({ code, refuses }) => [code, refuses]);
  expect(set(read('005010X222A1'))).toEqual([]);
  expect(set(read('005010X222'))).toEqual([['19', false]]);
});

test('3 neighbour: a subscriber who says that no patient follows, and one does, is reported once, where he says so', () => {
  const patient = [
    'HL*3*2*23*0',
    'PAT*19',
    'NM1*QC*1*DOE*JIM',
    'N3*2 SIDE STREET',
    'N4*DAYTON*OH*45402',
    'DMG*D8*20100102*M',
  ];
  const of = (told: string) => {
    const lines = [...claim.slice(0, 16), ...patient, ...claim.slice(16)];
    const sent = lines.map((line) => (line === 'HL*2*1*22*0' ? told : line.replace('SBR*P*18*', 'SBR*P**')));
    return faultsOf(readTransactions(Buffer.from(interchange(sent, professional))));
  };
  expect(of('HL*2*1*22*1')).toEqual([]);
  expect(of('HL*2*1*22*0')).toMatchObject([
    { segmentId: 'HL', position: 13, element: 4, code: '7', refuses: false },
  ]);
});

test('3 neighbour: lines of a second claim begin at 1 again, and a level is closed by the one after it', () => {
  const [before, after] = [claim.slice(0, 16), claim.slice(16)];
  const second = ['HL*3*1*22*0', ...before.slice(10), ...after.map((line) => line.replace(/C-1/g, 'C-2'))];
  const faults = faultsOf(readTransactions(Buffer.from(interchange([...claim, ...second], professional))));
  expect(faults).toEqual([]);
});

test('3 neighbour: a damaged set never stops its neighbours', () => {
  const three = [remittance, remittance.filter((line) => !line.startsWith('TRN')), remittance];
  const sets = three.map((lines, n) => {
    const body = lines.map((line) => `${line}~`).join('');
    return `ST*835*000${n + 1}~${body}SE*${lines.length + 2}*000${n + 1}~`;
  });
  const [before = '', after = ''] = interchange(remittance).split(/ST\*.*SE\*\d+\*0001~/);
  const file = judged(`${before}${sets.join('')}${after.replace('GE*1', 'GE*3')}`);
  expect(file.interchanges[0]?.groups[0]?.sets.map(({ status }) => status)).toEqual(['A', 'R', 'A']);
  expect(file.interchanges[0]?.groups[0]?.status).toBe('P');
  const noHeader = judged(
    `${before}${sets.join('').replace('ST*835*0002', 'XT*835*0002')}${after.replace('GE*1', 'GE*3')}`,
  );
  expect(noHeader.interchanges[0]?.groups[0]?.sets.map(({ status }) => status)).toEqual(['A', 'R', 'A']);
  expect(noHeader.interchanges[0]?.groups[0]?.faults).toEqual([]);
});

test('3 neighbour: the same control number twice in a group rejects the second set', () => {
  const [before = '', set = '', after = ''] = text.split(/(ST\*.*SE\*27\*0001~)/);
  const file = judged(`${before}${set}${set}${after.replace('GE*1', 'GE*2')}`);
  const [group] = file.interchanges[0]?.groups ?? [];
  expect(group?.sets.map(({ status, faults }) => [status, faults.map(({ code }) => code)])).toEqual([
    ['A', []],
    ['R', ['23']],
  ]);
});

test('3 neighbour: a 999 and a TA1 of a partner are read back as what they say', () => {
  const [sent = ''] = acknowledgements(judged(changed('HI*ABK:J069', 'HI*ABK')));
  const [read] = readTransactions(sent).interchanges;
  expect(read?.acknowledgements.map(readTa1)).toEqual([
    { controlNumber: '000000017', date: '240506', time: '0708', status: 'A', code: '000' },
  ]);
  const set = read?.groups[0]?.transactions[0]?.set;
  expect(set && readGroupAcknowledged(set)).toEqual({
    ...{ functionalGroup: 'HC', controlNumber: '5', version: '005010X222A1', status: 'R' },
    ...{ included: 1, received: 1, accepted: 0, codes: [] },
  });
  expect(set && loopsOf(set, '2000').map(readSetAcknowledged)).toEqual([
    {
      ...{ set: '837', controlNumber: '0001', status: 'R', isAccepted: false, codes: ['5'] },
      errors: [
        {
          ...{ segmentId: 'HI', position: 19, loop: '2300', code: '8' },
          elements: [{ element: 1, component: 2, number: '1271', code: '1' }],
        },
      ],
    },
  ]);
});
