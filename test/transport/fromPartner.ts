/** An interchange of the partner, with what stands between ISA and IEA. */
export const fromPartner = (number: number, ...segments: readonly string[]): string => {
  const nine = String(number).padStart(9, '0');
  const groups = segments.some((s) => s.startsWith('GS*')) ? 1 : 0;
  return [
    `ISA*00*          *00*          *ZZ*ACMECH         *ZZ*ALDER          *260606*1200*^*00501*${nine}*0*T*:`,
    ...segments,
    `IEA*${groups}*${nine}`,
    '',
  ].join('~');
};

const group = (id: string, version: string, set: readonly string[]): string[] => [
  `GS*${id}*ACMECH*ALDER*20260606*1200*7*X*${version}`,
  ...set,
  'GE*1*7',
];

/** A 999 of a group of ours. */
export const accepting = (ours: string, sets: Readonly<Record<string, string>>, whole = 'A'): string[] => {
  const said = Object.entries(sets).flatMap(([set, code]) => [
    `AK2*837*${set}*005010X222A1`,
    ...(code === 'R' ? ['IK3*CLM*22**8', 'IK4*2*782*1'] : []),
    `IK5*${code}${code === 'R' ? '*5' : ''}`,
  ]);
  const count = Object.keys(sets).length;
  const body = [
    'ST*999*0001*005010X231A1',
    `AK1*HC*${ours}*005010X222A1`,
    ...said,
    `AK9*${whole}*${count}*${count}*${count}`,
  ];
  return group('FA', '005010X231A1', [...body, `SE*${body.length + 1}*0001`]);
};

interface Status {
  readonly number: string;
  readonly stc: string; // A2:20:PR
  readonly action?: 'WQ' | 'U';
  readonly payerNumber?: string;
}

/** A 277CA of claims, by the payer (PR) or the clearinghouse (AY). */
export const claimStatus = (who: 'PR' | 'AY', ...claims: readonly Status[]): string[] => {
  const patients = claims.flatMap(({ number, stc, action = 'WQ', payerNumber }, i) => [
    `HL*${i + 4}*3*PT`,
    'NM1*QC*1*DOE*JANE****MI*W1',
    `TRN*2*${number}`,
    `STC*${stc}*20260606*${action}*100`,
    ...(payerNumber === undefined ? [] : [`REF*1K*${payerNumber}`]),
    'DTP*472*D8*20260601',
  ]);
  const body = [
    'ST*277*0001*005010X214',
    'BHT*0085*08*1*20260606*1200*TH',
    'HL*1**20*1',
    `NM1*${who}*2*SOURCE*****46*SRC`,
    'TRN*1*1',
    'DTP*050*D8*20260606',
    'DTP*009*D8*20260606',
    'HL*2*1*21*1',
    'NM1*41*2*ALDER*****46*ALDER',
    'TRN*2*1',
    'STC*A1:19*20260606*WQ*100',
    'HL*3*2*19*1',
    'NM1*85*2*CLINIC*****XX*1234567893',
    'TRN*1*0',
    'STC*A1:19**WQ*100',
    ...patients,
  ];
  return group('HN', '005010X214', [...body, `SE*${body.length + 1}*0001`]);
};

interface Asked {
  readonly number: string; // CLM01
  readonly stc: readonly string[]; // R4:18842-5::LOI
  readonly payerNumber?: string;
  readonly on?: string;
  readonly dueOn?: string;
  readonly line?: readonly [number: string, stc: string];
  readonly message?: string;
}

/** A 277 X213 of the payer, which asks for information on a claim. */
export const requestFor = ({
  number,
  stc,
  payerNumber = 'ICN1',
  on = '20260606',
  ...of
}: Asked): string[] => {
  const body = [
    'ST*277*0001*005010X213',
    'BHT*0085*08*1*20260606*1200*RQ',
    'HL*1**20*1',
    'NM1*PR*2*SOURCE*****PI*SRC',
    'PER*IC*CLAIMS*TE*4135550100',
    'HL*2*1*21*1',
    'NM1*41*2*ALDER*****46*ALDER',
    'HL*3*2*19*1',
    'NM1*1P*2*CLINIC*****XX*1234567893',
    'HL*4*3*PT',
    'NM1*QC*1*DOE*JANE****MI*W1',
    `TRN*1*${payerNumber}`,
    ...stc.map((code) => `STC*${code}*${on}**100${of.message === undefined ? '' : `********${of.message}`}`),
    ...(number === '' ? [] : [`REF*EJ*${number}`]),
    'DTP*472*D8*20260601',
    ...(of.dueOn === undefined ? [] : [`DTP*106*D8*${of.dueOn}`]),
    ...(of.line === undefined
      ? []
      : ['SVC*HC:T1015*100*****1', `STC*${of.line[1]}*${on}`, `REF*FJ*${of.line[0]}`, 'DTP*472*D8*20260601']),
  ];
  return group('HN', '005010X213', [...body, `SE*${body.length + 1}*0001`]);
};

/** A 277 X212 that answers a 276: of one claim, or (with `reference`) of the whole set at the level of the receiver. */
export const statusAnswer = (
  of:
    | { readonly trace: string; readonly stc: string; readonly control: string }
    | { readonly reference: string; readonly stc: string },
): string[] => {
  const levels =
    'reference' in of
      ? ['HL*2*1*21*0', 'NM1*41*2*ALDER*****46*ALDER', `TRN*2*${of.reference}`, `STC*${of.stc}`]
      : [
          'HL*2*1*21*1',
          'NM1*41*2*ALDER*****46*ALDER',
          'HL*3*2*19*1',
          'NM1*1P*2*CLINIC*****XX*1234567893',
          'HL*4*3*22*0',
          'NM1*IL*1*DOE*JANE****MI*W1',
          `TRN*2*${of.trace}`,
          `STC*${of.stc}`,
          ...(of.control === '' ? [] : [`REF*EJ*${of.control}`]),
        ];
  const body = [
    'ST*277*0001*005010X212',
    'BHT*0010*08*1*20260606*1200*DG',
    'HL*1**20*1',
    'NM1*PR*2*SOURCE*****PI*SRC',
    ...levels,
  ];
  return group('HN', '005010X212', [...body, `SE*${body.length + 1}*0001`]);
};

/** A 277CA that rejects the whole of a set (by its BHT03) and names no patient. */
export const setRejected = (reference: string): string[] => {
  const body = [
    'ST*277*0001*005010X214',
    'BHT*0085*08*1*20260606*1200*TH',
    'HL*1**20*1',
    'NM1*AY*2*SOURCE*****46*SRC',
    'TRN*1*1',
    'DTP*050*D8*20260606',
    'DTP*009*D8*20260606',
    'HL*2*1*21*0',
    'NM1*41*2*ALDER*****46*ALDER',
    `TRN*2*${reference}`,
    'STC*A8:24:41*20260606*U*100',
  ];
  return group('HN', '005010X214', [...body, `SE*${body.length + 1}*0001`]);
};

/** A 277CA that takes a set (by its BHT03) and rejects all that one provider bills in it; it names no patient. */
export const providerRejected = (reference: string, npi: string): string[] => {
  const body = [
    'ST*277*0001*005010X214',
    'BHT*0085*08*1*20260606*1200*TH',
    'HL*1**20*1',
    'NM1*PR*2*SOURCE*****PI*SRC',
    'TRN*1*1',
    'DTP*050*D8*20260606',
    'DTP*009*D8*20260606',
    'HL*2*1*21*1',
    'NM1*41*2*ALDER*****46*ALDER',
    `TRN*2*${reference}`,
    'STC*A1:19*20260606*WQ*100',
    'HL*3*2*19*0',
    `NM1*85*2*CLINIC*****XX*${npi}`,
    'TRN*1*0',
    'STC*A8:562:85*20260606*U*100',
  ];
  return group('HN', '005010X214', [...body, `SE*${body.length + 1}*0001`]);
};
