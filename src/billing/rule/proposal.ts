import type { Claim, ClaimItem } from '@medplum/fhirtypes';
import { extension } from '../../terminology/system.ts';
import type { DataRule } from './dataRule.ts';

/** A denial that may come again: who denied which lines of a claim, and why. */
export interface DeniedPattern {
  readonly practice: string; // Organization/1
  readonly payer: string; // Organization/1
  readonly carc: string;
  readonly claim: Claim;
  readonly sequences: readonly number[]; // of Claim.item; 0: the claim as a whole
  readonly cure: string;
}

const authorization = ['15', '39', '197', '198', '243', '296'];
const diagnosis = ['11', '50', '146', '167'];
const modifier = ['4', '182'];
const place = ['5'];
const together = ['97', '107', '236', 'B15'];
const amount = ['119', '151', '222'];
/** Reasons that do not lie in what the claim says: who is insured, what came before, when it was filed, what was agreed. */
const elsewhere = ['1', '2', '3', '18', '22', '23', '24', '26', '27', '29', '31', '45', '109', '129', '253'];

/** Codes that can stand within an expression. */
const plain = (codes: readonly (string | undefined)[]): string[] =>
  [...new Set(codes)].filter((code): code is string => /^[A-Z0-9.-]{1,15}$/i.test(code ?? ''));
const oneOf = (codes: readonly string[]): string => codes.map((code) => `code = '${code}'`).join(' or ');
const serviceOf = (item: ClaimItem): string | undefined => item.productOrService.coding?.[0]?.code;

/**
 * The rule that would have warned of a denial: its payer, its services, and what is usually the cause of its reason. It
 * is a draft: the back-test says how well it fits. Undefined where the claim says nothing that a rule could hold on to.
 */
export function proposedRule({
  practice,
  payer,
  carc,
  claim,
  sequences,
  cure,
}: DeniedPattern): DataRule | undefined {
  const all = claim.item ?? [];
  const denied = all.filter((item) => sequences.includes(0) || sequences.includes(item.sequence));
  const services = plain(denied.map(serviceOf)).slice(0, 20);
  if (services.length === 0 || elsewhere.includes(carc) || !/^Organization\//.test(payer)) return undefined;
  const service = `productOrService.coding.exists(${oneOf(services)})`;
  const cause = causeOf(carc, claim, denied);
  const name = ['denied', carc, services[0] ?? '', payer.replace('Organization/', '')].join('-');
  return {
    name: name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 64)
      .replace(/-$/, ''),
    ...{ status: 'draft', severity: 'warning', each: 'Claim.item', carc, practice },
    when: cause === undefined ? service : `${service} and ${cause}`,
    place: 'productOrService',
    text: `this payer denied this service before with CARC ${carc}`,
    cure: cure.slice(0, 300),
    source: `denials of ${payer}`,
    payers: [payer],
  };
}

/** What is usually the cause of a reason, as a condition of a line; undefined: the service alone. */
function causeOf(carc: string, claim: Claim, denied: readonly ClaimItem[]): string | undefined {
  if (authorization.includes(carc))
    return `extension.where(url = '${extension.preAuthRef}').empty() and %claim.insurance.where(focal = true).preAuthRef.empty()`;
  if (diagnosis.includes(carc)) {
    const pointed = new Set(denied.flatMap((item) => item.diagnosisSequence ?? []));
    const codes = plain(
      (claim.diagnosis ?? [])
        .filter((d) => pointed.has(d.sequence))
        .map((d) => d.diagnosisCodeableConcept?.coding?.[0]?.code),
    );
    if (codes.length === 0) return undefined;
    return `%claim.diagnosis.where(sequence in %row.diagnosisSequence).exists(diagnosisCodeableConcept.coding.exists(${oneOf(codes)}))`;
  }
  if (modifier.includes(carc)) {
    const codes = plain(denied.flatMap((i) => (i.modifier ?? []).map((m) => m.coding?.[0]?.code)));
    return codes.length === 0 ? 'modifier.empty()' : `modifier.coding.exists(${oneOf(codes)})`;
  }
  if (place.includes(carc)) {
    const codes = plain(denied.map((item) => item.locationCodeableConcept?.coding?.[0]?.code));
    return codes.length === 0 ? undefined : `locationCodeableConcept.coding.exists(${oneOf(codes)})`;
  }
  if (together.includes(carc)) {
    const others = plain((claim.item ?? []).filter((item) => !denied.includes(item)).map(serviceOf));
    if (others.length === 0) return undefined;
    return `%claim.item.exists(sequence != %row.sequence and productOrService.coding.exists(${oneOf(others)}))`;
  }
  if (amount.includes(carc)) {
    const units = denied.flatMap((item) => item.quantity?.value ?? []);
    return units.length === 0 ? undefined : `quantity.value >= ${Math.min(...units)}`;
  }
  return undefined;
}
