import type { Adjudicated, Adjusted } from '../../datatypes/adjudication.ts';
import { add, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop } from '../../x12/loop.ts';
import { element } from '../../x12/segment.ts';
import { amountOf, daysOf, saidIn } from './value.ts';

/** A line, as far as it is asked for here. */
interface Charged {
  readonly sequence: number;
  readonly charge: Cents;
}

/** What the payers before decided on the claim, in their order, and the day of the last of them: 2320, 2330B, 2430. */
export function otherPayersOf(
  claim: Loop,
  lines: readonly Charged[],
): readonly [priors: Adjudicated[][], answeredOn: string | undefined] {
  const paying = loopsOf(claim, '2320').filter((other) => segmentOf(other, 'AMT', 'D'));
  const days = paying.flatMap((other) => daysAnswered(claim, other)).toSorted();
  return [paying.map((other) => decided(claim, other, lines)), days.at(-1)];
}

const payerOf = (other: Loop): string => saidIn(other, '2330B', ['NM1', 9]);

/** The adjudications of a line by this payer. */
const linesBy = (line: Loop, other: Loop): readonly Loop[] =>
  loopsOf(line, '2430').filter((one) => {
    const svd = segmentOf(one, 'SVD');
    return svd !== undefined && element(svd, 1) === payerOf(other);
  });

/** Line by line; as a whole where the payer decided without lines, or adjusted the claim beside them. */
function decided(claim: Loop, other: Loop, lines: readonly Charged[]): Adjudicated[] {
  const byLine = loopsOf(claim, '2400').flatMap((line, i): Adjudicated[] => {
    const found = linesBy(line, other);
    const { sequence, charge } = lines[i] ?? { sequence: i + 1, charge: zero };
    if (found.length === 0) return [];
    const paid = sum(found.map((one) => amountOf(segmentOf(one, 'SVD'), 2)));
    return [{ sequence, ...decision(charge, paid, found.flatMap(adjustmentsOf)) }];
  });
  const whole = adjustmentsOf(other);
  if (byLine.length > 0 && whole.length === 0) return byLine;
  const charge = sum(lines.map((l) => l.charge));
  const adjustments = [...whole, ...byLine.flatMap((l) => l.adjustments)];
  return [decision(charge, amountOf(segmentOf(other, 'AMT', 'D'), 2), adjustments)];
}

/** What a payer recognised is what it paid and what it left to the patient. */
const decision = (submitted: Cents, paid: Cents, adjustments: readonly Adjusted[]): Adjudicated => ({
  submitted,
  allowed: add(paid, sum(adjustments.filter((a) => a.group === 'PR').map((a) => a.amount))),
  paid,
  adjustments,
});

const groups: readonly string[] = ['CO', 'OA', 'PI', 'PR'] satisfies Adjusted['group'][];
const isGroup = (code: string): code is Adjusted['group'] => groups.includes(code);

/** CAS: a group, and up to six reasons with their amounts. */
function adjustmentsOf(loop: Loop): Adjusted[] {
  return segmentsOf(loop, 'CAS').flatMap((cas) => {
    const group = element(cas, 1);
    if (!isGroup(group)) return [];
    return [2, 5, 8, 11, 14, 17].flatMap((n) =>
      element(cas, n) === '' ? [] : [{ group, reason: element(cas, n), amount: amountOf(cas, n + 1) }],
    );
  });
}

/** DTP*573 of the lines, else of the payer. */
function daysAnswered(claim: Loop, other: Loop): string[] {
  const ofLines = loopsOf(claim, '2400').flatMap((line) => linesBy(line, other));
  const own = loopOf(other, '2330B');
  return [...ofLines, ...(own ? [own] : [])].flatMap((loop) => {
    const days = daysOf(segmentOf(loop, 'DTP', '573'));
    return days ? [days[0]] : [];
  });
}
