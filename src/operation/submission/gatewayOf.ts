import type { Claim, Endpoint, Organization } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import type { Gateway, Route } from '../../gateway/gateway.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { activeRoute, routesOf, transactionOf, type TransactionCode } from '../partner/route.ts';
import { fhirGatewayCode, payerServerOf } from '../partner/payerServer.ts';
import { isX12, partnerOf } from '../partner/tradingPartner.ts';
import { wasSeededAsDemo } from '../uniqueKey.ts';

/** A gateway and the code by which a job finds it again. */
export interface NamedGateway {
  readonly code: string;
  readonly gateway: Gateway;
  readonly route?: Route; // where a trading partner is between
}

/** Why a claim that has a payer with a way to it is not sent now. */
export interface NotEnrolled {
  readonly transaction: TransactionCode;
}

export const isNamed = (way: NamedGateway | NotEnrolled | undefined): way is NamedGateway =>
  way !== undefined && 'gateway' in way;

/**
 * How claims reach a payer (Organization/1): by the route of the practice to it, where there are any; else by the Endpoint of its Organization whose connection type is a gateway of
 * ours and carries claims of that type, else by the setting. Undefined: no payer is connected, or its Endpoint is not
 * active. 422 where the payer is connected, but by gateways that do not carry such claims.
 */
export async function gatewayOf(
  call: Call,
  payer: string,
  claim: Pick<Claim, 'type' | 'provider' | 'use'>,
): Promise<NamedGateway | NotEnrolled | undefined> {
  const { context, tx } = call;
  const routed = await byRoute(call, payer, claim);
  if (routed) return routed;
  const organization = await resolve<Organization>(tx, 'Organization', { reference: payer });
  const others: string[] = [];
  for (const pointer of organization?.endpoint ?? []) {
    const endpoint = await resolve<Endpoint>(tx, 'Endpoint', pointer);
    const { connectionType, status } = endpoint ?? {};
    if (connectionType?.system !== system.gateway) continue;
    const code = connectionType.code ?? '';
    const gateway = context.gateways?.(code, context);
    if (!gateway) throw unknownGateway(payer);
    if (!carries(gateway, claim)) others.push(code);
    else if (isX12(code)) return { transaction: wantedOf(claim) };
    else if (endpoint && code === fhirGatewayCode) {
      if (status !== 'active' && status !== 'test') return undefined;
      await refuseProduction(context, tx, endpoint);
      return { code, gateway };
    } else return status === 'active' ? { code, gateway } : undefined;
  }
  if (others.length > 0) throw notCarried(payer, others.join(', '));
  const gateway = context.payer === 'none' ? undefined : context.gateways?.(context.payer, context);
  return gateway && { code: context.payer, gateway };
}

/** The transaction that a route has to carry. */
const wantedOf = (claim: Pick<Claim, 'type' | 'use'>): TransactionCode =>
  claim.use === 'preauthorization' ? '278' : transactionOf(claim);

/** The way by routes; undefined where the practice has none to the payer. No active one: the practice is not enrolled. */
async function byRoute(
  { context, tx, on }: Call,
  payer: string,
  claim: Pick<Claim, 'type' | 'provider' | 'use'>,
): Promise<NamedGateway | NotEnrolled | undefined> {
  const transaction = wantedOf(claim);
  const practice = unversionedText(claim.provider.reference) ?? '';
  const routes = await routesOf(tx, { payer, practice });
  if (routes.length === 0) return undefined;
  if (has(claim.type, system.claimType, 'pharmacy')) throw notCarried(payer, 'X12');
  const found = await activeRoute(tx, routes, { transaction, on });
  if (!found) return { transaction };
  const code = found.endpoint.connectionType.code ?? '';
  const gateway = context.gateways?.(code, context);
  if (!gateway) throw unknownGateway(payer);
  if (!carries(gateway, claim)) throw notCarried(payer, code);
  await refuseProduction(context, tx, found.endpoint);
  return { code, gateway, route: found.route };
}

/** Invented claims never go to a payer in earnest. */
export async function refuseProduction(
  { seededAsDemo }: Call['context'],
  tx: Call['tx'],
  endpoint: Endpoint,
  at = 'Claim.insurer',
): Promise<void> {
  const isFhir = endpoint.connectionType.code === fhirGatewayCode;
  const isTest = isFhir ? payerServerOf(endpoint).isTest : partnerOf(endpoint).usage !== 'P';
  if (isTest || !(seededAsDemo ?? (await wasSeededAsDemo(tx)))) return;
  const text = 'this store was filled with a demo practice: it sends to trading partners for test only';
  throw unprocessable([businessFault('production-not-allowed', at, text)]);
}

const unknownGateway = (payer: string): Error =>
  unprocessable([
    businessFault(
      'gateway-unknown',
      'Claim.insurer',
      `the Endpoint of ${payer} names a gateway that this server does not have`,
    ),
  ]);

const notCarried = (payer: string, others: string): Error =>
  unprocessable([
    businessFault(
      'claim-type-not-carried',
      'Claim.type',
      `${payer} is reached by ${others}, which carries no claims of this type`,
    ),
  ]);

const carries = ({ claimTypes }: Gateway, { type }: Pick<Claim, 'type'>): boolean =>
  claimTypes.some((one) => has(type, system.claimType, one));
