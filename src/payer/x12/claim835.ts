import type { Adjusted } from '../../datatypes/adjudication.ts';
import type { Loop } from '../../x12/loop.ts';
import { segment, type Segment, type Value } from '../../x12/segment.ts';
import { stripped } from '../../x12/write.ts';
import { patientShare, type Remitted, type RemittedLine } from './remitted.ts';
import { amountText, dayText } from './value.ts';

/** Loop 2100: a CLP with its adjustments, names, remarks and lines. */
export function claimLoop(of: Remitted): Loop {
  const { number, status, charge, paid, filing, icn, facility, frequency, drg } = of;
  const share = status === '22' ? '' : amountText(patientShare(of));
  const stay = of.isStay ? (drg ?? '') : '';
  const clp = [number, status, amountText(charge), amountText(paid), share, filing, icn, facility, frequency];
  return {
    id: '2100',
    segments: [
      segment('CLP', [...clp, '', stay]),
      ...adjustments(of.adjustments),
      segment('NM1', [
        'QC',
        '1',
        name(of.patient.last, 60),
        name(of.patient.first, 35),
        '',
        '',
        '',
        'MI',
        of.member,
      ]),
      ...remarks(of),
      segment('DTM', ['232', dayText(of.from)]),
      segment('DTM', ['233', dayText(of.through)]),
      segment('DTM', ['050', dayText(of.receivedOn)]),
      ...(of.interest === undefined ? [] : [segment('AMT', ['I', amountText(of.interest)])]),
    ],
    loops: of.lines.map((line) => lineLoop(line, of)),
  };
}

const name = (text: string, most: number): string => stripped(text).slice(0, most);

/** One CAS for each group, with up to six reasons in it. Billing rule 59. */
function adjustments(list: readonly Adjusted[]): Segment[] {
  return [...Map.groupBy(list, (a) => a.group)].flatMap(([group, all]) => {
    const made: Segment[] = [];
    for (let i = 0; i < all.length; i += 6) {
      const some = all.slice(i, i + 6).flatMap((a) => [a.reason, amountText(a.amount), '']);
      made.push(segment('CAS', [group, ...some]));
    }
    return made;
  });
}

/** Remark codes of the claim as a whole: MIA of a stay, MOA else. Billing rule 67. */
function remarks({ isStay, remarks: codes }: Remitted): Segment[] {
  if (codes.length === 0) return [];
  const [first = '', ...more] = codes.slice(0, 5);
  if (!isStay) return [segment('MOA', ['', '', first, ...more])];
  return [segment('MIA', ['0', '', '', '', first, ...Array<Value>(14).fill(''), ...more])];
}

/** Loop 2110. A line that was charged by its revenue code alone has that as its product. */
function lineLoop(
  { line, charge, paid, allowed, adjustments: list, remarks: codes }: RemittedLine,
  of: Remitted,
): Loop {
  const product = line.product.length > 0 ? line.product : ['NU', line.revenue];
  const revenue = line.product.length > 0 ? line.revenue : '';
  const days =
    line.from === line.through
      ? [segment('DTM', ['472', dayText(line.from)])]
      : [segment('DTM', ['150', dayText(line.from)]), segment('DTM', ['151', dayText(line.through)])];
  return {
    id: '2110',
    segments: [
      segment('SVC', [product.slice(0, 6), amountText(charge), amountText(paid), revenue, line.units]),
      ...(line.from === '' ? [] : days),
      ...adjustments(list),
      ...(line.number === '' ? [] : [segment('REF', ['6R', line.number])]),
      ...(of.status === '22' ? [] : [segment('AMT', ['B6', amountText(allowed)])]),
      ...codes.map((code) => segment('LQ', ['HE', code])),
    ],
    loops: [],
  };
}
