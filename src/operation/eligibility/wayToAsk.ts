import type { Endpoint, Organization } from '@medplum/fhirtypes';
import type { Gateway, Route } from '../../gateway/gateway.ts';
import { resolve } from '../../interaction/repository.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { fhirGatewayCode } from '../partner/payerServer.ts';
import { activeRoute, routesOf } from '../partner/route.ts';
import { refuseProduction } from '../submission/gatewayOf.ts';

/** How a payer is asked about eligibility. */
export interface WayToAsk {
  readonly code: string; // of CodeSystem/gateway
  readonly gateway: Gateway;
  readonly route?: Route;
  /** Whether coverage of patients who name none may be looked for there. */
  readonly mayDiscover: boolean;
}

interface Between {
  readonly payer: string; // Organization/1
  readonly practice: string | undefined;
}

const at = 'CoverageEligibilityRequest.insurer';

/**
 * The way to ask a payer: the route of the practice for 270 where it has routes to the payer; else the Endpoint of the
 * payer that is a gateway of ours; else the gateway of the settings. Undefined: the payer cannot be asked.
 */
export async function wayToAsk(call: Call, { payer, practice }: Between): Promise<WayToAsk | undefined> {
  const { context, tx, on } = call;
  const gatewayOf = (code: string): Gateway | undefined => {
    const gateway = context.gateways?.(code, context);
    return gateway?.askEligibility ? gateway : undefined;
  };
  const routes = practice === undefined ? [] : await routesOf(tx, { payer, practice });
  if (routes.length > 0) {
    const found = await activeRoute(tx, routes, { transaction: '270', on });
    const code = found?.endpoint.connectionType.code ?? '';
    const gateway = gatewayOf(code);
    if (!found || !gateway) return undefined;
    await refuseProduction(context, tx, found.endpoint, at);
    const affiliation = routes.find(
      ({ id }) => found.route.affiliation === `OrganizationAffiliation/${id ?? ''}`,
    );
    return { code, gateway, route: found.route, mayDiscover: allows(found.endpoint) || allows(affiliation) };
  }
  const organization = await resolve<Organization>(tx, 'Organization', { reference: payer });
  let isConnected = false;
  for (const pointer of organization?.endpoint ?? []) {
    const endpoint = await resolve<Endpoint>(tx, 'Endpoint', pointer);
    if (endpoint?.connectionType.system !== system.gateway) continue;
    isConnected = true;
    const code = endpoint.connectionType.code ?? '';
    const isOpen = endpoint.status === 'active' || (code === fhirGatewayCode && endpoint.status === 'test');
    const gateway =
      isOpen && (code === fhirGatewayCode || code === 'simulator') ? gatewayOf(code) : undefined;
    if (!gateway) continue;
    if (code === fhirGatewayCode) await refuseProduction(context, tx, endpoint, at);
    return { code, gateway, mayDiscover: allows(endpoint) };
  }
  if (isConnected || context.payer === 'none') return undefined;
  const gateway = gatewayOf(context.payer);
  return gateway && { code: context.payer, gateway, mayDiscover: allows(organization) };
}

const allows = (resource: Parameters<typeof extensionOf>[0]): boolean =>
  extensionOf(resource, extension.coverageDiscovery)?.valueBoolean === true;
