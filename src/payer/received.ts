import type { Claim, ClaimItem } from '@medplum/fhirtypes';
import { createHash } from 'node:crypto';
import { centsOf, sum, times, zero, type Cents } from '../datatypes/cents.ts';
import type { DrugFill, DrugTier } from '../billing/adjudication/benefit.ts';
import { codeOf, codingOf } from '../datatypes/coding.ts';
import { dateOf } from '../datatypes/date.ts';
import { acceptedLineSystems, isDrugSystem, plainCode } from '../terminology/serviceCode.ts';
import { system } from '../terminology/system.ts';
import { unversionedText } from '../datatypes/sentVersion.ts';

/** A claim as the payer reads it. */
export interface Received {
  readonly lines: readonly ReceivedLine[];
  readonly charge: Cents; // Σ lines
  readonly institutional: boolean;
  readonly inpatient: boolean;
  readonly from: string; // first day of service; of an inpatient stay the admission
  readonly through: string; // last day of service
  readonly drg?: string; // MS-DRG
  readonly authorization?: string; // prior authorisation number
  readonly corrects: boolean; // it replaces or voids an earlier claim
  readonly attached: boolean; // a document came with it
}

export interface ReceivedLine {
  readonly sequence: number;
  readonly code?: string;
  readonly modifiers: readonly string[];
  readonly units: number;
  readonly drug?: DrugFill;
  readonly charge: Cents;
  readonly on: string; // what its coverage is judged by
}

/** Reads what the payer judges a claim by. */
export function receive(claim: Claim): Received {
  const { start, end } = claim.billablePeriod ?? {};
  const created = dateOf(claim.created);
  const from = start === undefined ? earliest(claim, created) : dateOf(start);
  const inpatient = claim.subType?.coding?.some((c) => c.code === 'inpatient') ?? false;
  const about = (category: string) =>
    claim.supportingInfo?.filter((s) => s.category.coding?.some((c) => c.code === category)) ?? [];
  const drg = codeOf(about('drg')[0]?.code, system.msDrg);
  const authorization = claim.insurance.find((i) => i.focal)?.preAuthRef?.[0];
  const tier = tiers[about('brandgenericindicator')[0]?.code?.coding?.[0]?.code ?? ''];
  const lines = (claim.item ?? []).map((item) =>
    receivedLine(item, inpatient ? from : undefined, { from, tier }),
  );
  return {
    lines,
    charge: sum(lines.map((l) => l.charge)),
    institutional: claim.type.coding?.some((c) => c.code === 'institutional') ?? false,
    inpatient,
    from,
    through: end === undefined ? from : dateOf(end),
    ...(drg === undefined ? {} : { drg }),
    ...(authorization === undefined ? {} : { authorization }),
    corrects: (claim.related ?? []).length > 0,
    attached: about('attachment').length > 0,
  };
}

const servedOn = (item: ClaimItem): string | undefined => item.servicedDate ?? item.servicedPeriod?.start;

function earliest(claim: Claim, created: string): string {
  const days = (claim.item ?? []).flatMap((i) => servedOn(i) ?? []).map(dateOf);
  return days.toSorted()[0] ?? created;
}

function receivedLine(
  item: ClaimItem,
  admitted: string | undefined,
  { from, tier }: { readonly from: string; readonly tier: DrugTier | undefined },
): ReceivedLine {
  const coding = codingOf(item.productOrService, ...acceptedLineSystems);
  const code = coding?.code && plainCode(coding.system ?? '', coding.code);
  const units = item.quantity?.value ?? 1;
  const price = centsOf(item.unitPrice);
  return {
    sequence: item.sequence,
    ...(code === undefined ? {} : { code }),
    modifiers: (item.modifier ?? []).flatMap((m) => m.coding?.[0]?.code ?? []),
    units,
    ...(isDrugSystem(coding?.system) ? { drug: fillOf(item, units, tier) } : {}),
    charge: centsOf(item.net) ?? (price === undefined ? zero : times(units, price)),
    on: admitted ?? dateOf(servedOn(item) ?? from),
  };
}

/** How a claim says that a drug is a brand or a generic (NCPDP; the letters are those of Part D events). */
const tiers: Readonly<Record<string, DrugTier>> = { 1: 'brand', B: 'brand', 2: 'generic', G: 'generic' };

/** The drug of a line, or the ingredients of a compound below it. */
function fillOf(item: ClaimItem, units: number, tier: DrugTier | undefined): DrugFill {
  const single = codeOf(item.productOrService, system.ndc);
  const parts =
    single === undefined
      ? (item.detail ?? []).map((d) => ({
          ndc: plainCode(system.ndc, codeOf(d.productOrService, system.ndc) ?? ''),
          units: d.quantity?.value ?? 0,
        }))
      : [{ ndc: plainCode(system.ndc, single), units }];
  return { parts, ...(tier === undefined ? {} : { tier }) };
}

/**
 * What makes two claims the same to a payer: payer, member, billing provider, dates, and every line's code, modifiers,
 * units and charge. Billing rule 39. A correction (it names a prior claim) is no duplicate.
 */
export function sameness(claim: Claim, payer: string, memberId: string): string | undefined {
  if (claim.related?.length) return undefined;
  const codes = (c: ClaimItem['productOrService'] | undefined): string => c?.coding?.[0]?.code ?? '';
  const lines = (claim.item ?? []).map((i) =>
    [
      codes(i.productOrService),
      ...(i.modifier ?? []).map(codes),
      codes(i.revenue),
      servedOn(i),
      i.quantity?.value,
      i.net?.value,
    ].join(' '),
  );
  const { start, end } = claim.billablePeriod ?? {};
  const text = [
    payer,
    memberId,
    unversionedText(claim.provider.reference),
    claim.type.coding?.[0]?.code,
    start,
    end,
    ...lines,
  ].join('|');
  return createHash('sha256').update(text).digest('base64url');
}
