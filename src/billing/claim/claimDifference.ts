import type { Claim, ClaimItem } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { codeOf, has } from '../../datatypes/coding.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { without } from '../../datatypes/json.ts';
import { lineSystems } from '../../terminology/serviceCode.ts';
import { extension, system } from '../../terminology/system.ts';

/** Where a claim says something else than the chart gives: the element, and the parts of it that differ. */
export interface Difference {
  readonly expression: string; // Claim.item[1]
  readonly text: string; // names elements, never what they say
}

const lineElements = [
  'productOrService',
  'modifier',
  'quantity',
  'unitPrice',
  'net',
  'servicedDate',
  'servicedPeriod',
  'locationCodeableConcept',
  'revenue',
  'diagnosisSequence',
  'careTeamSequence',
  'encounter',
  'detail',
] as const satisfies readonly (keyof ClaimItem)[];

/** Of an oral claim the chart says these too; on others somebody may have written them. */
const siteElements = ['bodySite', 'subSite'] as const satisfies readonly (keyof ClaimItem)[];

const headElements = [
  'type',
  'patient',
  'provider',
  'insurer',
  'insurance',
  'careTeam',
  'facility',
  'diagnosis',
  'billablePeriod',
  'accident',
  'referral',
  'supportingInfo',
] as const satisfies readonly (keyof Claim)[];

const chargesOf = (item: ClaimItem): string[] =>
  extensionsOf(item, extension.chargeItem).flatMap((e) => e.valueReference?.reference ?? []);

const codesOf = (item: ClaimItem): string =>
  codeOf(item.productOrService, ...lineSystems) ?? contentText(item.productOrService);

/** What of a claim the chart gives otherwise now: lines, diagnoses, parties, places and dates. */
export function claimDifferences(claim: Claim, now: Partial<Claim>): Difference[] {
  const head = headElements.flatMap((element): Difference[] =>
    contentText(compared(claim, element)) === contentText(compared(now, element))
      ? []
      : [{ expression: `Claim.${element}`, text: `${element} is otherwise in the chart` }],
  );
  return [...lineDifferences(claim, now), ...head];
}

/** What the ledger, the biller or the payer's clerk adds to a draft, and no chart gives. */
const unplanned: readonly (string | undefined)[] = ['patient-paid', 'attachment', 'clmrecvddate'];

/** Of the insurance who pays, in which order, under which authorisation; of the information what it says, in any order. */
function compared(claim: Partial<Claim>, element: (typeof headElements)[number]): unknown {
  if (element === 'insurance') {
    return claim.insurance?.map(({ sequence, focal, coverage, preAuthRef }) => ({
      ...{ sequence, focal, coverage: coverage.reference, preAuthRef },
    }));
  }
  if (element !== 'supportingInfo') return claim[element];
  return (claim.supportingInfo ?? [])
    .filter((s) => !unplanned.includes(codeOf(s.category, system.supportingInfo, system.c4bbSupportingInfo)))
    .map((s) => contentText(without(s, 'sequence', 'id')))
    .sort();
}

const isOwnForm = ({ type }: Partial<Claim>): boolean =>
  has(type, system.claimType, 'oral') || has(type, system.claimType, 'pharmacy');

function lineDifferences(claim: Claim, planned: Partial<Claim>): Difference[] {
  const { item: before = [] } = claim;
  const compared = isOwnForm(claim) ? [...lineElements, ...siteElements] : lineElements;
  const left = [...(planned.item ?? [])];
  const takeFirst = (fits: (item: ClaimItem) => boolean): ClaimItem | undefined => {
    const at = left.findIndex(fits);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const matched = before.map((item) => {
    const charges = chargesOf(item);
    return takeFirst((other) => chargesOf(other).some((c) => charges.includes(c)));
  });
  const differences = before.flatMap((item, i): Difference[] => {
    const expression = `Claim.item[${i}]`;
    const line = `line ${item.sequence}`;
    // a charge that changed was taken back and charged anew: the same code is the same line
    const other = matched[i] ?? takeFirst((o) => codesOf(o) === codesOf(item));
    if (!other) return [{ expression, text: `${line} is no longer in the chart` }];
    const elements = compared.filter((e) => contentText(item[e]) !== contentText(other[e]));
    if (elements.length === 0 && contentText(chargesOf(item)) !== contentText(chargesOf(other))) {
      return [{ expression, text: `${line}: its charge was taken back and charged anew` }];
    }
    return elements.length === 0
      ? []
      : [{ expression, text: `${line}: ${elements.join(', ')} is otherwise in the chart` }];
  });
  const added = left.map((item) => ({
    expression: 'Claim.item',
    text: `a line for ${chargesOf(item).join(', ') || 'a service of the chart'} is missing`,
  }));
  return [...differences, ...added];
}
