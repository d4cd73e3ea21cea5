/** An 837P of one visit for 207.45. */
export function claimText(
  number: number,
  member: string,
  [frequency, prior]: readonly [string, string?] = ['1'],
): string {
  const isa = String(number).padStart(9, '0');
  const body = [
    'ST*837*0001*005010X222A1',
    `BHT*0019*00*${number}*20260120*1200*CH`,
    'NM1*41*2*ALDER*****46*ALDER',
    'PER*IC*ALDER*TE*4135550142',
    'NM1*40*2*ACME*****46*ACMECH',
    'HL*1**20*1',
    'NM1*85*2*ALDER STREET CLINIC*****XX*1781200468',
    'N3*12 ALDER STREET',
    'N4*NORTHAMPTON*MA*010601234',
    'REF*EI*043117826',
    'HL*2*1*22*0',
    'SBR*P*18*******CI',
    `NM1*IL*1*MARLOW*ADA****MI*${member}`,
    'N3*12 QUINCE LANE',
    'N4*ALBANY*NY*122071234',
    'DMG*D8*19700505*F',
    'NM1*PR*2*JUNIPER RIDGE*****PI*JRH01',
    `CLM*C${number}*207.45***11:B:${frequency}*Y*A*Y*Y`,
    ...(prior === undefined ? [] : [`REF*F8*${prior}`]),
    'HI*ABK:M1711',
    'LX*1',
    'SV1*HC:T1015*168.45*UN*1***1',
    'DTP*472*D8*20260119',
    `REF*6R*C${number}-1`,
    'LX*2',
    'SV1*HC:J3301*39*UN*4***1',
    'DTP*472*D8*20260119',
    `REF*6R*C${number}-2`,
  ];
  const head = `ISA*00*          *00*          *ZZ*ALDER          *ZZ*ACMECH         *260120*1200*^*00501*${isa}*0*T*:`;
  return `${[head, `GS*HC*ALDER*ACMECH*20260120*1200*${number}*X*005010X222A1`, ...body, `SE*${body.length + 1}*0001`, `GE*1*${number}`, `IEA*1*${isa}`].join('~')}~`;
}
