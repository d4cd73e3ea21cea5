import type { Claim, Endpoint, Organization } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

/** A gateway and the code by which a job finds it again. */
export interface NamedGateway {
  readonly code: string;
  readonly gateway: Gateway;
}

/**
 * How claims reach a payer (Organization/1): by the Endpoint of its Organization whose connection type is a gateway of
 * ours and carries claims of that type, else by the setting. Undefined: no payer is connected, or its Endpoint is not
 * active. 422 where the payer is connected, but by gateways that do not carry such claims.
 */
export async function gatewayOf(
  call: Call,
  payer: string,
  claim: Pick<Claim, 'type'>,
): Promise<NamedGateway | undefined> {
  const { context, tx } = call;
  const organization = await resolve<Organization>(tx, 'Organization', { reference: payer });
  const others: string[] = [];
  for (const pointer of organization?.endpoint ?? []) {
    const endpoint = await resolve<Endpoint>(tx, 'Endpoint', pointer);
    const { connectionType, status } = endpoint ?? {};
    if (connectionType?.system !== system.gateway) continue;
    const code = connectionType.code ?? '';
    const gateway = context.gateways?.(code, context);
    if (!gateway) {
      const text = `the Endpoint of ${payer} names a gateway that this server does not have`;
      throw unprocessable([businessFault('gateway-unknown', 'Claim.insurer', text)]);
    }
    if (carries(gateway, claim)) return status === 'active' ? { code, gateway } : undefined;
    others.push(code);
  }
  if (others.length > 0) {
    const text = `${payer} is reached by ${others.join(', ')}, which carries no claims of this type`;
    throw unprocessable([businessFault('claim-type-not-carried', 'Claim.type', text)]);
  }
  const gateway = context.payer === 'none' ? undefined : context.gateways?.(context.payer, context);
  return gateway && { code: context.payer, gateway };
}

const carries = ({ claimTypes }: Gateway, { type }: Pick<Claim, 'type'>): boolean =>
  claimTypes.some((one) => has(type, system.claimType, one));
