import type { ChargeItem, Claim, ClaimItem, Extension } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { extension, system } from '../../terminology/system.ts';

/** The charge behind a line of a claim that others made: priced as the line says, billed by whom the claim names. */
export function claimedCharge(claim: Claim, item: ClaimItem, account: string): ChargeItem {
  const { servicedDate, servicedPeriod, revenue, unitPrice, net, quantity, modifier = [] } = item;
  const [encounter] = item.encounter ?? [];
  const occurrence = servicedDate ?? claim.billablePeriod?.start;
  const extensions: Extension[] = [
    ...(revenue ? [{ url: extension.revenueCode, valueCodeableConcept: revenue }] : []),
    ...(unitPrice ? [{ url: extension.unitPrice, valueMoney: unitPrice }] : []),
    ...modifier.map((m) => ({ url: extension.modifier, valueCodeableConcept: m })),
  ];
  const reason = (item.diagnosisSequence ?? []).flatMap((sequence) => {
    const found = claim.diagnosis?.find((d) => d.sequence === sequence)?.diagnosisCodeableConcept;
    return codeOf(found, system.icd10cm) === undefined || !found ? [] : [found];
  });
  return {
    resourceType: 'ChargeItem',
    ...(extensions.length > 0 ? { extension: extensions } : {}),
    status: 'billable',
    code: item.productOrService,
    subject: claim.patient,
    ...(encounter ? { context: encounter } : {}),
    ...(servicedPeriod ? { occurrencePeriod: servicedPeriod } : {}),
    ...(!servicedPeriod && occurrence !== undefined ? { occurrenceDateTime: occurrence } : {}),
    ...(claim.provider.reference === undefined
      ? {}
      : { performingOrganization: { reference: claim.provider.reference } }),
    ...(quantity ? { quantity } : {}),
    ...(net ? { priceOverride: net } : {}),
    ...(reason.length > 0 ? { reason } : {}),
    account: [{ reference: account }],
  };
}
