import { segment } from '../../src/x12/segment.ts';
import type { Segment } from '../../src/x12/segment.ts';
import { writeInterchange } from '../../src/x12/write.ts';
import type { InterchangeHeader } from '../../src/x12/write.ts';

export const header: InterchangeHeader = {
  senderQualifier: 'ZZ',
  sender: 'PAYER',
  receiverQualifier: 'ZZ',
  receiver: 'PRACTICE',
  date: '20240506',
  time: '0708',
  controlNumber: 17,
  usage: 'T',
};

/** Segments of text like 'BPR*I*10*C', without terminators, in their order. */
export const segments = (...lines: readonly string[]): readonly Segment[] =>
  lines.map((line) => {
    const [id = '', ...elements] = line.split('*');
    return segment(
      id,
      elements.map((value) => (value.includes(':') ? value.split(':') : value)),
    );
  });

/** What stands between ST and SE of a remittance of one claim with one line. */
export const remittance: readonly string[] = [
  'BPR*I*80*C*ACH*CCP*01*111111111*DA*1234*1222222222**01*333333333*DA*5678*20240506',
  'TRN*1*EFT-1*1222222222',
  'DTM*405*20240505',
  'N1*PR*PAYER ONE',
  'N3*1 MAIN STREET',
  'N4*DAYTON*OH*45402',
  'PER*BL*HELP*TE*5555550100',
  'N1*PE*PRACTICE ONE*XX*1234567893',
  'LX*1',
  'CLP*C-1*1*100*80*20*12*PCN-1*11*1',
  'NM1*QC*1*DOE*JANE****MI*M-1',
  'SVC*HC:99213*100*80**1',
  'DTM*472*20240401',
  'CAS*PR*2*20',
];

/** An interchange with one set of these lines, 835 where nothing else is told. */
export function interchange(
  lines: readonly string[],
  as: { set?: string; group?: string; version?: string; convention?: string } = {},
): string {
  const { set = '835', group = 'HP', version = '005010X221A1', convention = '' } = as;
  const sets = [{ controlNumber: '0001', set, convention, content: segments(...lines) }];
  const { sender, receiver, date, time } = header;
  return writeInterchange(header, [
    { functionalGroup: group, sender, receiver, controlNumber: 5, version, date, time, sets },
  ]);
}
