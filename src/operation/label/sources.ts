import type { Claim, PaymentReconciliation, Reference, Resource } from '@medplum/fhirtypes';
import { explanationsOf } from '../../billing/invoice/successor.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { extension } from '../../terminology/system.ts';

/** The resources that one of the bill is made of, and takes its labels from: `Encounter/1`. */
export function sourcesOf(resource: Resource): readonly string[] {
  const pointers = pointersOf(resource);
  const names = pointers.flatMap((pointer) => {
    const target = parseReference(pointer?.reference);
    return target ? [`${target.type}/${target.id}`] : [];
  });
  return [...new Set(names)];
}

function pointersOf(resource: Resource): readonly (Reference | undefined)[] {
  switch (resource.resourceType) {
    case 'ChargeItem':
      return [resource.context];
    case 'Claim':
      return ofClaim(resource);
    case 'ClaimResponse':
      return [resource.request];
    case 'ExplanationOfBenefit':
      return [resource.claim, resource.claimResponse];
    case 'Invoice': {
      const explanations = explanationsOf(resource).map((reference) => ({ reference }));
      if (explanations.length > 0) return explanations;
      return (resource.lineItem ?? []).flatMap((line) => [
        line.chargeItemReference,
        ...extensionsOf(line, extension.chargeItem).map((one) => one.valueReference),
      ]);
    }
    case 'PaymentNotice':
      return [resource.request];
    case 'PaymentReconciliation':
      return isOf835(resource) ? [] : (resource.detail ?? []).map(({ request }) => request);
    case 'Task':
      return [resource.focus, resource.encounter];
    default:
      return [];
  }
}

/** What came as an 835 may pay thousands of claims: who posts them labels it. */
const isOf835 = (payment: PaymentReconciliation): boolean =>
  extensionsOf(payment, extension.interchange).length > 0;

/** A claim is of its visits; of a further payer or a correction also of the claims and answers before it. */
const ofClaim = ({ item = [], related = [], insurance }: Claim): readonly (Reference | undefined)[] => [
  ...item.flatMap((line) => line.encounter ?? []),
  ...related.map(({ claim }) => claim),
  ...insurance.map(({ claimResponse }) => claimResponse),
];
