import type { Endpoint } from '@medplum/fhirtypes';
import type { Look } from '../../gateway/gateway.ts';
import { extension } from '../../terminology/system.ts';
import type { FhirWay } from '../../transport/transport.ts';
import { Parts } from './endpointParts.ts';

/** The code of CodeSystem/gateway of an Endpoint that is a payer's FHIR server. */
export const fhirGatewayCode = 'fhir';

/** A payer's FHIR server as its Endpoint says it. */
export interface PayerServer {
  readonly way: FhirWay;
  readonly look: Look;
  readonly isTest: boolean; // what goes there is marked as test data
}

export function payerServerOf(endpoint: Endpoint): PayerServer {
  const parts = new Parts(endpoint, extension.payerServer);
  const named = (['secret', 'clientId', 'tokenUrl', 'scope'] as const).flatMap((name) => {
    const text = parts.text(name);
    return text === undefined ? [] : [[name, text] as const];
  });
  const look = parts.text('look');
  return {
    way: { address: endpoint.address, ...Object.fromEntries(named) },
    look: look === 'inquire' || look === 'none' ? look : 'search',
    isTest: parts.text('usage') !== 'P' || endpoint.status !== 'active',
  };
}
