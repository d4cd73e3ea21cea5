import { exactCents, zero, type Cents } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import { component, element, type Segment } from '../../x12/segment.ts';
import type { AdviceAdjustment, AdviceClaim, AdviceLine, AdviceParty } from './advice.ts';

export type Open<T> = { -readonly [key in keyof T]: T[key] extends readonly (infer E)[] ? E[] : T[key] };
export type OpenParty = Open<AdviceParty>;
export interface OpenLine extends Omit<Open<AdviceLine>, 'adjustments'> {
  adjustments: AdviceAdjustment[];
}
export interface OpenClaim extends Omit<Open<AdviceClaim>, 'lines'> {
  lines: OpenLine[];
}

export const pad = (n: number): string => n.toString().padStart(2, '0');

export const text = <K extends string>(key: K, value: string): { readonly [key in K]?: string } =>
  (value === '' ? {} : { [key]: value }) as { readonly [key in K]?: string };

/** An amount of X12 type R as whole cents; undefined where it is none or finer than a cent. Billing rule 10. */
export function amountOf(segment: Segment, n: number): Cents | undefined {
  const value = element(segment, n);
  return /^-?(\d+(\.\d*)?|\.\d+)$/.test(value) ? exactCents(Number(value)) : undefined;
}

export function required(segment: Segment, n: number, faults: string[]): Cents {
  const value = amountOf(segment, n);
  if (value === undefined) faults.push(`${segment.id}${pad(n)} is no amount`);
  return value ?? zero;
}

/** A date CCYYMMDD as a FHIR date. */
export function dateOf8(value: string): string | undefined {
  if (!/^\d{8}$/.test(value)) return undefined;
  const date = `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}`;
  return isDate(date) ? date : undefined;
}

const isGroup = (code: string): code is AdviceAdjustment['group'] =>
  code === 'CO' || code === 'PR' || code === 'OA' || code === 'PI';

/** Up to six triplets of reason, amount and quantity. Billing rule 59. */
export function adjustmentsOf(segment: Segment, faults: string[]): AdviceAdjustment[] {
  const group = element(segment, 1);
  if (!isGroup(group)) {
    faults.push('CAS01 is no group of an 835');
    return [];
  }
  const found: AdviceAdjustment[] = [];
  for (let n = 2; n <= 17; n += 3) {
    const reason = element(segment, n);
    if (reason === '') {
      if (element(segment, n + 1) !== '') faults.push(`CAS${pad(n)} is missing`);
      continue;
    }
    const quantity = Number(element(segment, n + 2));
    found.push({
      group,
      reason,
      amount: required(segment, n + 1, faults),
      ...(element(segment, n + 2) === '' || !Number.isFinite(quantity) ? {} : { quantity }),
    });
  }
  return found;
}

export function serviceOf(segment: Segment, faults: string[]): OpenLine {
  const modifiers = [3, 4, 5, 6].map((n) => component(segment, 1, n)).filter((m) => m !== '');
  const units = Number(element(segment, 5));
  const qualifier = component(segment, 1, 1);
  const code = component(segment, 1, 2);
  return {
    position: segment.position,
    ...text('qualifier', qualifier),
    ...(code === '' ? {} : { code }),
    modifiers,
    ...text('revenue', qualifier === 'NU' ? code : element(segment, 4)),
    ...text('originalCode', component(segment, 6, 2)),
    charge: required(segment, 2, faults),
    paid: required(segment, 3, faults),
    ...(element(segment, 5) === '' || !Number.isFinite(units) ? {} : { units }),
    adjustments: [],
    remarks: [],
  };
}

export function name(party: OpenParty, called: string, qualifier: string, value: string): void {
  if (called !== '') party.name = called;
  if (value === '') return;
  if (qualifier === 'XX') party.npi = value;
  else if (qualifier === 'FI') party.tin = value;
  else party.ids.push({ qualifier, value });
}

export function number(party: OpenParty, qualifier: string, value: string): void {
  if (qualifier === 'TJ') party.tin = value;
  else if (value !== '') party.ids.push({ qualifier, value });
}

/** Whom NM1 of a claim names: patient, insured, rendering provider, crossover and priority payers. */
export function nameOf(segment: Segment, claim: OpenClaim): void {
  const [kind, last, first] = [element(segment, 1), element(segment, 3), element(segment, 4)];
  const [qualifier, value] = [element(segment, 8), element(segment, 9)];
  const party = (): OpenParty => {
    const of: OpenParty = { ids: [] };
    name(of, last, qualifier, value);
    return of;
  };
  switch (kind) {
    case 'QC':
      claim.patient = { ...text('last', last), ...text('first', first) };
      if (value !== '') claim.member ??= value;
      return;
    case 'IL':
    case '74':
      if (value !== '') claim.member = value;
      return;
    case '82':
      if (qualifier === 'XX') claim.rendering = value;
      return;
    case 'TT':
      claim.crossover = party();
      return;
    case 'PR':
      claim.priority = party();
      return;
    default:
  }
}
