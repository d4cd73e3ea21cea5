import { system } from '../../terminology/system.ts';
import type { ClaimForm, ClaimLine } from './claimLine.ts';

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

/** Most lines and diagnoses of a claim (billing rules 19 and 23). */
export const limits = {
  professional: { lines: 50, diagnoses: 12, pointers: 4 },
  institutional: { lines: 999, diagnoses: 25, pointers: 0 },
} as const;

/** A line without HCPCS or CPT code can stand on an inpatient claim only (billing rule 37). */
export const isBillable = (line: ClaimLine, inpatient: boolean): boolean =>
  line.code.system !== system.chargeMaster || (line.form === 'institutional' && inpatient);

/**
 * Splits the lines of a visit into the parts that need a claim each: claim form, billing provider, and on professional
 * claims rendering provider and place of service; then the limits of lines and diagnoses. Every line is in one part.
 */
export function split(lines: readonly ClaimLine[], inpatient: boolean): Part[] {
  const groups = new Map<string, ClaimLine[]>();
  for (const line of lines) {
    const key = groupOf(line);
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
        ...(chunks.length > 1 ? ['limit of lines or diagnoses'] : []),
      ].join(', '),
    }));
  });
}

const groupOf = ({ form, provider, rendering = '-', place }: ClaimLine): string =>
  form === 'institutional' ? `${form} ${provider}` : `${form} ${provider} ${rendering} ${place}`;

/** By what this part stands apart from the others; empty when it is the only one. */
function differences(first: ClaimLine, all: readonly ClaimLine[]): string[] {
  const differs = (pick: (line: ClaimLine) => string | undefined): boolean =>
    all.some((other) => pick(other) !== pick(first));
  return [
    ...(differs((l) => l.form) ? ['claim form'] : []),
    ...(differs((l) => l.provider) ? ['billing provider'] : []),
    ...(differs((l) => l.rendering) ? ['rendering provider'] : []),
    ...(differs((l) => l.place) ? ['place of service'] : []),
  ];
}

/** As few chunks in order as the limits allow. Lines that will share a claim line count once. */
function chunked(lines: readonly ClaimLine[], inpatient: boolean): ClaimLine[][] {
  const chunks: { lines: ClaimLine[]; shared: Set<string>; reasons: Set<string> }[] = [];
  for (const line of lines) {
    const limit = limits[line.form];
    const reasons = line.form === 'professional' ? line.reasons.slice(0, limit.pointers) : [];
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
 * Charges of the same key share a claim line: same code, modifiers, unit price, revenue code and reasons, and the same
 * day, which only an inpatient claim leaves out. A charge whose price is not units × unit price stays alone.
 */
export function mergeKey(line: ClaimLine, inpatient: boolean): string {
  if (line.unitPrice === undefined) return line.charge;
  const { code, modifiers, revenue, drug, unitPrice, reasons, start, end, form } = line;
  const product = drug && [drug.ndc, drug.quantity?.code];
  const when = form === 'institutional' && inpatient ? [] : [start, end];
  const why = form === 'professional' ? reasons : [];
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
  ]);
}
