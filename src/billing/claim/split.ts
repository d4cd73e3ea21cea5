import { system } from '../../terminology/system.ts';
import type { ClaimForm, ClaimLine } from './claimLine.ts';
import { treatmentOf } from './oralSite.ts';

/** Lines that go on one claim, and why they stand apart. */
export interface Part {
  readonly key: string; // stable: names the part of an encounter's claims
  readonly form: ClaimForm;
  readonly provider: string;
  readonly rendering?: string;
  readonly place: string;
  readonly lines: readonly ClaimLine[];
  readonly reason: string;
}

/** Most lines, diagnoses and pointers of a line of a claim (billing rules 19 and 23). */
export const limits = {
  professional: { lines: 50, diagnoses: 12, pointers: 4 },
  institutional: { lines: 999, diagnoses: 25, pointers: 0 },
  oral: { lines: 50, diagnoses: 4, pointers: 4 }, // ADA claim form box 34a, 837D HI
  pharmacy: { lines: 1, diagnoses: 0, pointers: 0 }, // one fill
} as const;

/** A line without HCPCS or CPT code can stand on an inpatient claim only (billing rule 37). */
export const isBillable = (line: ClaimLine, inpatient: boolean): boolean =>
  line.code.system !== system.chargeMaster || (line.form === 'institutional' && inpatient);

/**
 * Splits the lines of a visit into the parts that need a claim each: claim form, billing provider, and on professional
 * and oral claims rendering provider and place of service; then the limits of lines and diagnoses. A fill is a part of
 * its own. Every line is in one part.
 */
export function split(lines: readonly ClaimLine[], inpatient: boolean): Part[] {
  const groups = new Map<string, ClaimLine[]>();
  const treatments = treatmentsOf(lines);
  for (const line of lines) {
    const key = `${groupOf(line)}${treatments.get(line) ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const kinds = [...groups.values()].flatMap((g) => g[0] ?? []);
  return [...groups].flatMap(([key, group]) => {
    const [first] = group;
    if (!first) return [];
    const { form, provider, rendering, place } = first;
    const chunks = chunked(group, inpatient);
    return chunks.map((chunk, i) => ({
      key: i === 0 ? key : `${key} ${(i + 1).toString()}`,
      form,
      provider,
      ...(rendering === undefined ? {} : { rendering }),
      place,
      lines: chunk,
      reason: [
        ...differences(first, kinds),
        ...(form === 'oral' && treatments.size > 0 ? ['prosthesis or orthodontics'] : []),
        ...(chunks.length > 1 ? ['limit of lines or diagnoses'] : []),
      ].join(', '),
    }));
  });
}

function groupOf({ form, provider, rendering = '-', place, ...line }: ClaimLine): string {
  if (form === 'institutional') return `${form} ${provider}`;
  if (form === 'pharmacy') return `${form} ${provider} ${line.dispense ?? line.charge}`;
  return `${form} ${provider} ${rendering} ${place}`;
}

/** An oral claim takes one prosthesis or orthodontic treatment: of several the first stands with the other lines. */
function treatmentsOf(lines: readonly ClaimLine[]): ReadonlyMap<ClaimLine, string> {
  const first = new Map<string, string>();
  const apart = new Map<ClaimLine, string>();
  for (const line of lines) {
    const treatment = line.oral ? treatmentOf(line.oral) : '';
    if (treatment === '') continue;
    const known = first.get(groupOf(line)) ?? treatment;
    first.set(groupOf(line), known);
    if (known !== treatment) apart.set(line, ` ${treatment}`);
  }
  return apart;
}

/** By what this part stands apart from the others; empty when it is the only one. */
function differences(first: ClaimLine, all: readonly ClaimLine[]): string[] {
  const differs = (pick: (line: ClaimLine) => string | undefined): boolean =>
    all.some((other) => pick(other) !== pick(first));
  return [
    ...(differs((l) => l.form) ? ['claim form'] : []),
    ...(differs((l) => l.provider) ? ['billing provider'] : []),
    ...(differs((l) => l.rendering) ? ['rendering provider'] : []),
    ...(differs((l) => l.place) ? ['place of service'] : []),
    ...(first.form === 'pharmacy' && differs((l) => l.dispense) ? ['fill'] : []),
  ];
}

/** As few chunks in order as the limits allow. Lines that will share a claim line count once. */
function chunked(lines: readonly ClaimLine[], inpatient: boolean): ClaimLine[][] {
  const chunks: { lines: ClaimLine[]; shared: Set<string>; reasons: Set<string> }[] = [];
  for (const line of lines) {
    const limit = limits[line.form];
    const reasons = line.reasons.slice(0, limit.pointers);
    const key = mergeKey(line, inpatient);
    const open = chunks.find(
      (c) =>
        (c.shared.has(key) || c.shared.size < limit.lines) &&
        new Set([...c.reasons, ...reasons]).size <= limit.diagnoses,
    );
    const chunk = open ?? { lines: [], shared: new Set<string>(), reasons: new Set<string>() };
    if (!open) chunks.push(chunk);
    chunk.lines.push(line);
    chunk.shared.add(key);
    reasons.forEach((r) => chunk.reasons.add(r));
  }
  return chunks.map((c) => c.lines);
}

/**
 * Charges of the same key share a claim line: same code, modifiers, unit price, revenue code, reasons and place in the
 * mouth, and the same day, which only an inpatient claim leaves out. A charge whose price is not units × unit price
 * stays alone, but all charges of a fill are one line.
 */
export function mergeKey(line: ClaimLine, inpatient: boolean): string {
  if (line.dispense !== undefined) return line.dispense;
  if (line.unitPrice === undefined) return line.charge;
  const { code, modifiers, revenue, drug, unitPrice, reasons, start, end, form } = line;
  const product = drug && [drug.ndc, drug.quantity?.code];
  const when = form === 'institutional' && inpatient ? [] : [start, end];
  const why = limits[form].pointers > 0 ? reasons : [];
  const site = line.oral && [line.oral.sites, line.oral.surfaces];
  return JSON.stringify([
    code.system,
    code.code,
    code.text,
    modifiers,
    revenue,
    product,
    unitPrice,
    why,
    when,
    site,
  ]);
}
