import type { Claim, ClaimItem } from '@medplum/fhirtypes';
import { centsOf } from '../../datatypes/cents.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { system } from '../../terminology/system.ts';
import type { AdviceClaim, AdviceLine } from './advice.ts';

/** A line of the payer with the line of our claim it is about. */
export interface MatchedLine {
  readonly line: AdviceLine;
  readonly item: ClaimItem;
}

/** The line control number of a claim line (REF*6R): fixed, at most 30 characters. Billing rule 28. */
export const lineControlNumber = (claim: Claim, sequence: number): string =>
  `${identifierOf(claim, system.patientControlNumber) ?? claim.id ?? ''}-${sequence}`.slice(-30);

/**
 * Matches the payer's lines to those of the claim: by line control number, else by code, charge and day where one line
 * fits, else in their order where both have as many lines. Undefined when a line fits none: the claim is taken as a whole.
 */
export function matchLines(claim: Claim, { lines }: Pick<AdviceClaim, 'lines'>): MatchedLine[] | undefined {
  const items = claim.item ?? [];
  const numbers = new Map(items.map((item) => [lineControlNumber(claim, item.sequence), item]));
  const taken = new Set<ClaimItem>();
  const found = new Map<AdviceLine, ClaimItem>();
  const take = (line: AdviceLine, item: ClaimItem | undefined): void => {
    if (!item) return;
    taken.add(item);
    found.set(line, item);
  };
  for (const line of lines) take(line, numbers.get(line.controlNumber ?? ''));
  const tests: readonly ((line: AdviceLine, item: ClaimItem) => boolean)[] = [
    (line, item) => hasCode(item, line) && hasCharge(item, line) && isOn(item, line),
    (line, item) => hasCode(item, line) && isOn(item, line),
    (line, item) => hasCode(item, line) && hasCharge(item, line),
    (line, item) => hasCode(item, line),
    (line, item) => hasCharge(item, line) && isOn(item, line),
  ];
  for (const fits of tests) {
    for (const line of lines) {
      if (found.has(line)) continue;
      const free = items.filter((item) => !taken.has(item) && fits(line, item));
      // lines that say the same are alike: the first of them is as good as any
      const [first] = free;
      if (first && free.every((item) => hasCharge(item, line) === hasCharge(first, line))) take(line, first);
    }
  }
  // a line that the payer splits is given twice
  for (const line of lines)
    if (!found.has(line)) {
      const same = items.filter((item) => hasCode(item, line) && isOn(item, line));
      if (same.length === 1) take(line, same[0]);
    }
  if (found.size < lines.length && lines.length === items.length)
    for (const [i, line] of lines.entries()) {
      const item = items[i];
      if (!found.has(line) && item && !taken.has(item)) take(line, item);
    }
  const matched = lines.flatMap((line) => {
    const item = found.get(line);
    return item ? [{ line, item }] : [];
  });
  return matched.length === lines.length ? matched : undefined;
}

const codesOf = ({ productOrService, revenue }: ClaimItem): Set<string | undefined> =>
  new Set([...(productOrService.coding ?? []), ...(revenue?.coding ?? [])].map((c) => c.code));

const hasCode = (item: ClaimItem, { code, originalCode, revenue }: AdviceLine): boolean => {
  const codes = codesOf(item);
  return [originalCode ?? code, code, revenue].some((c) => c !== undefined && codes.has(c));
};

const hasCharge = (item: ClaimItem, { charge }: AdviceLine): boolean =>
  Math.abs(centsOf(item.net) ?? Number.NaN) === Math.abs(charge);

const isOn = ({ servicedDate, servicedPeriod }: ClaimItem, { from }: AdviceLine): boolean =>
  from === undefined || from === (servicedDate ?? servicedPeriod?.start)?.slice(0, 10);
