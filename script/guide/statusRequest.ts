import { isLoop, type LoopUse, type SegmentUse, type Use } from '../../src/x12/guide.ts';
import { as, inOrder } from './derive.ts';
import { loopAt, segmentAt, withElement } from './shape.ts';

/**
 * 276 005010X212: the levels and references of the 277 of the same guide without its answers; DMG and AMT from 276
 * 004010X093A1. LinuxForHealth's model of 276 is what usages are compared with.
 */
export function statusRequest(response: readonly Use[], older: readonly Use[]): Use[] {
  const start = withElement(segmentAt(response, 'BHT'), 2, { codes: ['13'] });
  const content = inOrder(
    response.map((use) => (isLoop(use) ? level(use, older) : use.id === 'BHT' ? start : use)),
  );
  return content;
}

function level(use: LoopUse, older: readonly Use[]): LoopUse {
  const member = /^2000[DE]$/.test(use.id);
  const demographics = loopAt(older, '2000A', '2000B', '2000C', '2000D').content;
  return {
    ...use,
    content: use.content.flatMap((inner): Use[] => {
      if (!isLoop(inner)) {
        if (inner.id !== 'HL') return inner.id === 'PER' ? [] : [inner];
        const born = as(segmentAt(demographics, 'DMG'), { usage: use.id === '2000E' ? 'R' : 'S' });
        return member ? [inner, born] : [inner];
      }
      if (/^2200[BC]$/.test(inner.id)) return [];
      if (/^2200[DE]$/.test(inner.id)) return [claim(inner, demographics)];
      if (/^2000/.test(inner.id)) return [level(inner, older)];
      return [{ ...inner, content: inner.content.filter(({ id }) => id !== 'PER') }];
    }),
  };
}

function claim(use: LoopUse, older: readonly Use[]): LoopUse {
  const reference = (name: string, codes: string): SegmentUse =>
    as(segmentAt(use.content, 'REF'), { name, codes });
  const amount = segmentAt(loopAt(older, '2200D').content, 'AMT');
  const date = segmentAt(use.content, 'DTP');
  const service = use.content.find((inner): inner is LoopUse => isLoop(inner));
  if (service === undefined) throw new Error('2200 holds no service line');
  return {
    ...use,
    content: [
      withElement(segmentAt(use.content, 'TRN'), 1, { codes: ['1'] }),
      reference('Payer Claim Control Number', '1K'),
      reference('Institutional Bill Type Identification', 'BLT'),
      reference('Application or Location System Identifier', 'LU'),
      reference('Group Number', '6P'),
      reference('Patient Control Number', 'EJ'),
      reference('Pharmacy Prescription Number', 'XZ'),
      reference('Claim Identification Number For Clearinghouses and Other Transmission Intermediaries', 'D9'),
      amount,
      date,
      {
        ...service,
        id: service.id.replace('2220', '2210'),
        content: service.content.filter(({ id }) => id !== 'STC'),
      },
    ],
  };
}
