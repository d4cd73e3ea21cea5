import type { BillingCode, Chart, Coder } from '../../datatypes/chart.ts';
import { addDays, dateInZone } from '../../datatypes/date.ts';

/** Nights in one kind of room, one after the other. */
export interface Nights {
  readonly code: BillingCode;
  readonly start: string; // day of the first night
  readonly end: string; // day of the last night
  readonly nights: number;
  readonly location: string;
}

/** What a stay with admission and discharge on one day counts: one day, unless the plan pays none. */
export type SameDay = 'one' | 'none';

/** The nights of a stay, and those that no room was found for. */
export interface StayNights {
  readonly nights: readonly Nights[];
  readonly missing: readonly { readonly day: string; readonly why: string }[];
  readonly decisions: readonly string[]; // nights that are not billed because a map or the plan says so
}

const inpatient: readonly (string | undefined)[] = ['IMP', 'ACUTE', 'NONAC'];

/** The calendar day of a FHIR dateTime in a time zone; a date is that day. */
export const dayIn = (zone: string, text: string): string =>
  text.length > 10 ? dateInZone(text, zone) : text.padEnd(10, '-01');

interface Stay {
  readonly code: BillingCode | undefined; // undefined: the Location is no room that is billed
  readonly notBillable: boolean; // a map says that nothing is billed for it
  readonly location: string;
  readonly from: string;
  readonly until: string; // day the patient left: its night is not counted
  readonly at: string;
}

/**
 * Nights of room and board from Encounter.location. A night is counted where the patient is at midnight, in the
 * practice's time zone; the day of discharge is not counted, but a stay that ends on the day it began is one day
 * (billing rule 37 and its correction). Every other night is named as missing.
 */
export function nightsOf(
  chart: Chart,
  coder: Coder,
  {
    zone,
    sameDay,
    cuts,
  }: { readonly zone: string; readonly sameDay: SameDay; readonly cuts?: ReadonlySet<string> },
): StayNights {
  const { class: kind, period } = chart.encounter;
  const none = { nights: [], missing: [], decisions: [] };
  if (!inpatient.includes(kind.code) || period?.start === undefined) return none;
  const { start, end = start } = period;
  const [first, last] = [dayIn(zone, start), dayIn(zone, end)];
  if (first === last && sameDay === 'none') {
    return { ...none, decisions: ['the plan pays no day for a stay that ends on the day it began'] };
  }
  const stays = staysOf(chart, coder, { zone, start, end });
  const found: { code: BillingCode; start: string; end: string; nights: number; location: string }[] = [];
  const missing: { day: string; why: string }[] = [];
  const decisions: string[] = [];
  for (let night = first; night === first || night < last; night = addDays(night, 1)) {
    const there = stays
      .filter((s) => s.from <= night && (night < s.until || (first === last && night === s.until)))
      .sort((a, b) => (a.at < b.at ? 1 : -1));
    const where = there.find((s) => s.code !== undefined);
    if (where?.code === undefined) {
      if (there[0]?.notBillable === true) decisions.push(`the night of ${night} in ${there[0].location}`);
      else missing.push({ day: night, why: whyMissing(there[0]) });
      continue;
    }
    const open = found.at(-1);
    const runsOn = open?.code.code === where.code.code && addDays(open.end, 1) === night;
    if (open && runsOn && cuts?.has(night) !== true) {
      open.end = night;
      open.nights += 1;
    } else found.push({ code: where.code, start: night, end: night, nights: 1, location: where.location });
  }
  return { nights: found, missing: told(missing), decisions };
}

function staysOf(
  { encounter, locations }: Chart,
  coder: Coder,
  of: { readonly zone: string; readonly start: string; readonly end: string },
): Stay[] {
  return (encounter.location ?? []).flatMap((stay): Stay[] => {
    if (stay.status === 'planned' || stay.status === 'reserved') return [];
    const location = stay.location.reference ?? '';
    const coded = (locations.get(location)?.type ?? []).map((type) => coder.service(type));
    const code = coded.flatMap((c) => c.codes)[0];
    const at = stay.period?.start ?? of.start;
    return [
      {
        code,
        notBillable: coded.some((c) => c.how === 'not-billable'),
        location,
        from: dayIn(of.zone, at),
        until: dayIn(of.zone, stay.period?.end ?? of.end),
        at,
      },
    ];
  });
}

/** A stay of many unknown nights is told of night by night up to a limit, the rest at once. */
const missingNightsMax = 100;
function told(missing: StayNights['missing']): StayNights['missing'] {
  const [next, ...more] = missing.slice(missingNightsMax);
  if (next === undefined || more.length === 0) return missing;
  const why = `${next.why}; ${more.length.toString()} further nights until ${more.at(-1)?.day ?? ''} neither`;
  return [...missing.slice(0, missingNightsMax), { day: next.day, why }];
}

const whyMissing = (there: Stay | undefined): string =>
  there === undefined
    ? 'Encounter.location does not say where the patient was'
    : `no ConceptMap turns a type of ${there.location === '' ? 'its Location' : there.location} into a room`;
