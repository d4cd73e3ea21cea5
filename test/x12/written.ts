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

/** A professional claim of two lines, of a subscriber who is the patient. */
export const claim: readonly string[] = [
  'BHT*0019*00*B-1*20240506*0708*CH',
  'NM1*41*2*PRACTICE ONE*****46*S-1',
  'PER*IC*BILLING*TE*5555550100',
  'NM1*40*2*CLEARINGHOUSE*****46*R-1',
  'HL*1**20*1',
  'NM1*85*2*PRACTICE ONE*****XX*1234567893',
  'N3*1 MAIN STREET',
  'N4*DAYTON*OH*454020001',
  'REF*EI*111222333',
  'HL*2*1*22*0',
  'SBR*P*18*******CI',
  'NM1*IL*1*DOE*JANE****MI*M-1',
  'N3*2 SIDE STREET',
  'N4*DAYTON*OH*45402',
  'DMG*D8*19800102*F',
  'NM1*PR*2*PAYER ONE*****PI*P-1',
  'CLM*C-1*150***11:B:1*Y*A*Y*Y',
  'HI*ABK:J069',
  'LX*1',
  'SV1*HC:99213*100*UN*1***1',
  'DTP*472*D8*20240401',
  'REF*6R*C-1-1',
  'LX*2',
  'SV1*HC:87880*50*UN*1***1',
  'DTP*472*D8*20240401',
];

export const professional = {
  set: '837',
  group: 'HC',
  version: '005010X222A1',
  convention: '005010X222A1',
} as const;
