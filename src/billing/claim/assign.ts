import type { Coverage } from '@medplum/fhirtypes';
import { decided, type Issue } from '../../outcome/issue.ts';
import type { ClaimForm, ClaimLine } from './claimLine.ts';
import type { PayerOrder } from './payerOrder.ts';
import {
  isCovered,
  stayBill,
  stretchOn,
  type CoverageChange,
  type StayBill,
  type Stretch,
} from './stretch.ts';

/** Lines that go to the same payers. */
export interface PayerGroup {
  readonly lines: readonly ClaimLine[];
  readonly coverages: readonly Coverage[];
  /** What the claim part is named by beside its own key: nothing for the payers of the first day. */
  readonly suffix: string;
  readonly bill?: StayBill; // of a stay
}

/** Where the lines of a visit go. */
export interface Assigned {
  readonly groups: readonly PayerGroup[];
  readonly waiting: readonly ClaimLine[]; // of days without coverage: they wait for a search
  readonly held: readonly ClaimLine[]; // of a stay whose coverage changes and no plan says how it is billed
  readonly nobody: readonly ClaimLine[]; // before the first covered day of a stay by entitlement
  readonly issues: readonly Issue[];
}

/** Who pays on a day: claims of a form, or without one those of a visit or stay. */
export type PayersOn = (day: string, form?: ClaimForm) => PayerOrder;

/** What decides where lines go. */
export interface Cover {
  readonly day: string; // first of the visit
  readonly stay?: { readonly start: string; readonly end: string; readonly stretches: readonly Stretch[] };
  readonly rule?: CoverageChange; // of the plan, where the coverage of the stay changes
  readonly payersOn: PayersOn;
}

const name = (coverages: readonly Coverage[]): string =>
  coverages.map((c) => `Coverage/${c.id ?? ''}`).join(', ');

/** Lines of a stay by the plan's rule, every other line to the coverage of its own day. */
export function assign(lines: readonly ClaimLine[], cover: Cover, inpatient: boolean): Assigned {
  const ofStay = (line: ClaimLine): boolean =>
    inpatient && cover.stay !== undefined && line.form === 'institutional';
  const stay = assignStay(
    lines.filter((l) => ofStay(l)),
    cover,
  );
  const daily = assignDaily(
    lines.filter((l) => !ofStay(l)),
    cover,
  );
  return {
    groups: [...stay.groups, ...daily.groups],
    waiting: [...stay.waiting, ...daily.waiting],
    held: stay.held,
    nobody: stay.nobody,
    issues: [...stay.issues, ...daily.issues],
  };
}

const none: Assigned = { groups: [], waiting: [], held: [], nobody: [], issues: [] };

function assignDaily(lines: readonly ClaimLine[], cover: Cover): Assigned {
  const groups = new Map<string, { lines: ClaimLine[]; coverages: readonly Coverage[]; suffix: string }>();
  const waiting: ClaimLine[] = [];
  for (const line of lines) {
    const { coverages } = cover.payersOn(line.start, line.form);
    if (coverages.length === 0) {
      waiting.push(line);
      continue;
    }
    const first = name(cover.payersOn(cover.day, line.form).coverages);
    const suffix = name(coverages) === first ? '' : ` Coverage/${coverages[0]?.id ?? ''}`;
    const key = `${name(coverages)}|${suffix}`;
    const group = groups.get(key) ?? { lines: [], coverages, suffix };
    group.lines.push(line);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  const isMoved = all.length > 1 && all.some((g) => g.suffix !== '');
  const isChanged = isMoved || (all.length > 0 && waiting.length > 0);
  const issues = isChanged
    ? all.map((g) => {
        const days = [...new Set(g.lines.map((l) => l.start))].sort().join(', ');
        return decided('coverage-by-day', 'Claim.insurance', `${days}: ${name(g.coverages)}`);
      })
    : [];
  return { ...none, groups: all, waiting, issues };
}

function assignStay(lines: readonly ClaimLine[], { stay, rule }: Cover): Assigned {
  if (lines.length === 0 || stay === undefined) return none;
  const stretches = withoutIdleEnd(stay, lines);
  const [first] = stretches;
  if (first === undefined) return none;
  if (stretches.length === 1) {
    return isCovered(first) ? whole(lines, first, stay) : { ...none, waiting: lines };
  }
  const told = [decided('coverage-change', 'Claim.insurance', `${described(stretches)}; ${ruleText(rule)}`)];
  if (rule === undefined) return { ...none, held: lines, issues: told };
  if (rule === 'split') return { ...splitStay(lines, { ...stay, stretches }), issues: told };
  const from = rule === 'admission' ? first : stretches.find(isCovered);
  if (from === undefined || !isCovered(from)) return { ...none, waiting: lines, issues: told };
  const before = lines.filter((l) => l.start < from.start);
  const after = lines.filter((l) => l.start >= from.start);
  return { ...whole(after, { ...from, end: stay.end }, stay), nobody: before, issues: told };
}

/** No night is billed for the day of discharge: where nothing was done on it, its coverage does not count. */
function withoutIdleEnd(
  { end, stretches }: NonNullable<Cover['stay']>,
  lines: readonly ClaimLine[],
): readonly Stretch[] {
  const last = stretches.at(-1);
  const before = stretches.at(-2);
  if (last?.start !== end || before === undefined || lines.some((l) => l.start === end)) return stretches;
  return [...stretches.slice(0, -2), { ...before, end }];
}

/** One bill for the rest of the stay from the day the coverage is asked from: 0111. */
const whole = (
  lines: readonly ClaimLine[],
  { start, coverages }: Stretch,
  stay: { readonly start: string; readonly end: string },
): Assigned => ({
  ...none,
  groups:
    lines.length === 0
      ? []
      : [
          {
            lines,
            coverages,
            suffix: start <= stay.start ? '' : ` Coverage/${coverages[0]?.id ?? ''}`,
            bill: { frequency: '1', start, end: stay.end, stillPatient: false },
          },
        ],
});

function splitStay(lines: readonly ClaimLine[], stay: NonNullable<Cover['stay']>): Assigned {
  const seen = new Map<string, number>();
  const groups = stay.stretches.flatMap((stretch): PayerGroup[] => {
    const of = lines.filter((l) => stretchOn(stay.stretches, l.start) === stretch);
    if (!isCovered(stretch) || of.length === 0) return [];
    const bill = stayBill(stretch, stay);
    const coverage = `Coverage/${stretch.coverages[0]?.id ?? ''}`;
    const times = (seen.get(coverage) ?? 0) + 1;
    seen.set(coverage, times);
    const again = times > 1 ? ` ${times.toString()}` : '';
    const suffix = stretch.start <= stay.start ? '' : ` ${coverage}${again}`;
    return [{ lines: of, coverages: stretch.coverages, suffix, bill }];
  });
  const waiting = lines.filter((l) => !isCovered(stretchOn(stay.stretches, l.start)));
  return { ...none, groups, waiting };
}

const described = (stretches: readonly Stretch[]): string =>
  stretches
    .map((s) => `${s.start} to ${s.end}: ${isCovered(s) ? name(s.coverages) : 'no coverage'}`)
    .join('; ');

const ruleText = (rule: CoverageChange | undefined): string => {
  if (rule === undefined) return 'no plan says how such a stay is billed: held';
  if (rule === 'split') return 'billed by day, as the plan says (split)';
  if (rule === 'admission') return 'all to the coverage of admission, as the plan says (admission)';
  return 'from the first covered day, earlier days to nobody, as the plan says (entitlement)';
};
