import type { Claim, ClaimInsurance, ClaimItem, ClaimSupportingInfo, Extension } from '@medplum/fhirtypes';
import { codeOf, has } from '../../datatypes/coding.ts';
import { contentText } from '../../datatypes/content.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed, without } from '../../datatypes/json.ts';
import { extension, ownBase, system } from '../../terminology/system.ts';
import { keepCorrection } from './correction.ts';
import { chargesOfLine, isOfEdit } from './layEdits.ts';
import { chartedSupport } from './supportingInfo.ts';
import { same } from '../../datatypes/reference.ts';

type Draft = Omit<Claim, 'created'>;

/** Elements that no chart gives: where somebody wrote them on a draft, they stay. */
const ofClaim = [
  ...(['implicitRules', 'language', 'text', 'contained', 'enterer', 'related', 'prescription'] as const),
  ...(['originalPrescription', 'fundsReserve', 'procedure'] as const),
] as const satisfies readonly (keyof Claim)[];
const ofLine = ['category', 'programCode', 'udi'] as const satisfies readonly (keyof ClaimItem)[];
/** Where in the mouth a dental service was done comes from the chart; on other claims others may have said it. */
const siteOfLine = ['bodySite', 'subSite'] as const satisfies readonly (keyof ClaimItem)[];

/** Categories that the chart and the ledger give: they follow them. */
const charted: readonly (string | undefined)[] = [
  ...['typeofbill', 'admissionperiod', 'admtype', 'pointoforigin', 'discharge-status', 'drg'],
  ...['patientaccountnumber', 'patient-paid'],
  ...chartedSupport,
];

/** What the chart gives now, with what stood on the draft before and comes from neither chart nor edits. */
export function keepAdded<T extends Draft>(planned: T, before: Claim): T {
  const support = addedSupport(planned, before);
  const isSent = before.status !== 'draft';
  const insurance = planned.insurance.map((now) => {
    const old = before.insurance.find((i) => same(i.coverage, now.coverage));
    return old ? withNumber(now, old, isSent) : now;
  });
  const isOral = has(planned.type, system.claimType, 'oral');
  const item = planned.item?.map((line) => {
    const charges = chargesOfLine(line);
    const old = before.item?.find((i) => chargesOfLine(i).some((c) => charges.includes(c)));
    if (!old) return line;
    const own = isSent ? withNumberOf(line, old) : line;
    return withAdded(isOral ? own : changed(own, picked(old, siteOfLine)), old, support);
  });
  const { tag, security, profile } = before.meta ?? {};
  const meta = {
    ...(tag ? { tag } : {}),
    ...(security ? { security } : {}),
    ...(profile ? { profile } : {}),
  };
  const names = ofClaim.filter((name) => name !== 'prescription' || !planned.prescription);
  const kept = changed(changed(planned, picked(before, names)), {
    ...(Object.keys(meta).length > 0 ? { meta } : {}),
    ...extended(planned, before),
    ...(support.all.length > 0 ? { supportingInfo: support.all } : {}),
    ...(item ? { item } : {}),
    insurance,
  });
  return keepCorrection(kept, before);
}

const picked = <T extends object, K extends keyof T>(of: T, names: readonly K[]): Partial<Pick<T, K>> =>
  Object.fromEntries(names.flatMap((name) => (of[name] === undefined ? [] : [[name, of[name]]]))) as Partial<
    Pick<T, K>
  >;

/**
 * A number that somebody wrote stays. One that came of an authorization follows it while the claim is a draft, and is as it
 * was sent afterwards: an authorization that comes later, or is used up, changes no claim that was sent.
 */
function withNumber(now: ClaimInsurance, old: ClaimInsurance, isSent: boolean): ClaimInsurance {
  const isOfAuthorization = (of: ClaimInsurance): boolean =>
    extensionOf(of, extension.preAuthRef) !== undefined;
  const { preAuthRef, extension: said } = old;
  const number = {
    ...(preAuthRef ? { preAuthRef } : {}),
    ...(said && isOfAuthorization(old) ? { extension: said } : {}),
  };
  if (isSent && (!now.preAuthRef || isOfAuthorization(now)))
    return changed(without(now, 'preAuthRef', 'extension'), number);
  return preAuthRef && !now.preAuthRef && !isOfAuthorization(old) ? changed(now, { preAuthRef }) : now;
}

/** The line of a claim that was sent has the number that it was sent with. */
function withNumberOf(line: ClaimItem, old: ClaimItem): ClaimItem {
  const others = (line.extension ?? []).filter(({ url }) => url !== extension.preAuthRef);
  const own = (old.extension ?? []).filter(({ url }) => url === extension.preAuthRef);
  if (others.length === (line.extension ?? []).length && own.length === 0) return line;
  const all = [...others, ...own];
  return all.length === 0 ? without(line, 'extension') : changed(line, { extension: all });
}

/** Extensions of our own come from chart and edits; those of others stay. */
function extended(
  now: { readonly extension?: Extension[] },
  before: { readonly extension?: Extension[] },
): { extension?: Extension[] } {
  const foreign = (before.extension ?? []).filter((e) => !e.url.startsWith(ownBase));
  return foreign.length === 0 ? {} : { extension: [...(now.extension ?? []), ...foreign] };
}

interface Support {
  readonly all: ClaimSupportingInfo[];
  readonly moved: ReadonlyMap<number, number>; // sequence before → now, of what is kept
}

function addedSupport(planned: Draft, before: Claim): Support {
  const all = [...(planned.supportingInfo ?? [])];
  const moved = new Map<number, number>();
  const content = (s: ClaimSupportingInfo): string => contentText(without(s, 'sequence', 'id'));
  const known = new Set(all.map(content));
  for (const old of before.supportingInfo ?? []) {
    const code = codeOf(old.category, system.supportingInfo, system.c4bbSupportingInfo);
    if (isOfEdit(old) || charted.includes(code) || known.has(content(old))) continue;
    const sequence = Math.max(0, ...all.map((s) => s.sequence)) + 1;
    moved.set(old.sequence, sequence);
    all.push(changed(old, { sequence }));
  }
  return { all, moved };
}

function withAdded(line: ClaimItem, old: ClaimItem, { moved }: Support): ClaimItem {
  const pointed = (old.informationSequence ?? []).flatMap((s) => moved.get(s) ?? []);
  const informationSequence = [...(line.informationSequence ?? []), ...pointed];
  return changed(changed(line, picked(old, ofLine)), {
    ...extended(line, old),
    ...(informationSequence.length > 0 ? { informationSequence } : {}),
  });
}
