import type { ClaimResponse, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { codeOf, has } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';

/** What is asked of a network: how a line was paid, and whether who bills and who treats is in it. */
export type NetworkQuestion = 'benefitpaymentstatus' | 'billingnetworkstatus' | 'renderingnetworkstatus';

/** See https://hl7.org/fhir/us/carin-bb/STU2/CodeSystem-C4BBPayerAdjudicationStatus.html */
export type NetworkStatus = 'innetwork' | 'outofnetwork' | 'other';

/** What a payer says of a network, by the discriminators of C4BB; undefined where it says nothing. */
function said(
  adjudication: readonly ClaimResponseItemAdjudication[] | undefined,
  question: NetworkQuestion,
): NetworkStatus | undefined {
  const entry = adjudication?.find(({ category }) => has(category, system.c4bbDiscriminator, question));
  const code = codeOf(entry?.reason, system.c4bbStatus);
  return code === 'innetwork' || code === 'outofnetwork' || code === 'other' ? code : undefined;
}

/** How a line was paid; who says nothing of it paid within the network. */
export function lineStatus(response: ClaimResponse, sequence: number | undefined): NetworkStatus {
  const line = response.item?.find((i) => i.itemSequence === sequence);
  return (
    said(line?.adjudication, 'benefitpaymentstatus') ??
    said(response.adjudication, 'benefitpaymentstatus') ??
    'innetwork'
  );
}

/** How a claim was paid: as all of its lines, or `other` where some were paid within the network and some outside. */
export function claimStatus(
  response: ClaimResponse,
  sequences: readonly (number | undefined)[],
): NetworkStatus {
  const statuses = new Set(sequences.map((sequence) => lineStatus(response, sequence)));
  const [only = lineStatus(response, undefined)] = statuses;
  return statuses.size > 1 ? 'other' : only;
}

/** Whether who bills or who treats is in the network: as the payer says, else as all lines were paid. */
export function providerStatus(
  response: ClaimResponse,
  question: Exclude<NetworkQuestion, 'benefitpaymentstatus'>,
  claim: NetworkStatus,
): NetworkStatus {
  const own = said(response.adjudication, question);
  if (own === 'innetwork' || own === 'outofnetwork') return own;
  return claim === 'outofnetwork' ? claim : 'innetwork';
}
