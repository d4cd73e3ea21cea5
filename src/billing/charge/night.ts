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

const inpatient: readonly (string | undefined)[] = ['IMP', 'ACUTE', 'NONAC'];

/** The calendar day of a FHIR dateTime in a time zone; a date is that day. */
export const dayIn = (zone: string, text: string): string =>
  text.length > 10 ? dateInZone(text, zone) : text.padEnd(10, '-01');

interface Stay {
  readonly code: BillingCode;
  readonly location: string;
  readonly from: string;
  readonly until: string; // day the patient left: its night is not counted
  readonly at: string;
}

/**
 * Nights of room and board from Encounter.location. A night is counted where the patient is at midnight, in the
 * practice's time zone; the day of discharge is not counted (billing rule 37).
 */
export function nightsOf({ encounter, locations }: Chart, coder: Coder, zone: string): Nights[] {
  if (!inpatient.includes(encounter.class.code) || encounter.period?.start === undefined) return [];
  const { start, end = start } = encounter.period;
  const stays = (encounter.location ?? []).flatMap((stay): Stay[] => {
    const location = stay.location.reference ?? '';
    const code = (locations.get(location)?.type ?? []).flatMap((type) => coder.service(type).codes)[0];
    if (code === undefined || stay.status === 'planned' || stay.status === 'reserved') return [];
    const from = stay.period?.start ?? start;
    return [
      { code, location, from: dayIn(zone, from), until: dayIn(zone, stay.period?.end ?? end), at: from },
    ];
  });
  const found: { code: BillingCode; start: string; end: string; nights: number; location: string }[] = [];
  const last = dayIn(zone, end);
  for (let night = dayIn(zone, start); night < last; night = addDays(night, 1)) {
    const [where] = stays
      .filter((s) => s.from <= night && night < s.until)
      .sort((a, b) => (a.at < b.at ? 1 : -1));
    if (!where) continue;
    const open = found.at(-1);
    if (open?.code.code === where.code.code && addDays(open.end, 1) === night) {
      open.end = night;
      open.nights += 1;
    } else found.push({ code: where.code, start: night, end: night, nights: 1, location: where.location });
  }
  return found;
}
