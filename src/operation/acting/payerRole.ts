import type { Organization } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { find } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import { wayToAsk } from '../eligibility/wayToAsk.ts';
import type { Call } from '../operation.ts';
import { routesOf } from '../partner/route.ts';

/** A payer that this server acts for, and who decides in its place. */
export interface PayerRole {
  readonly payer: string; // Organization/1
  readonly gateway: Gateway;
}

const simulator = 'simulator';

/**
 * The payer of a question, where this server is that payer: the Organization with its number, whom the simulated payer
 * stands for by its Endpoint or by the setting, and who asks has no route to it from here. Undefined: the question is not
 * ours to answer.
 */
export async function roleOf(
  call: Call,
  { payer, provider }: { readonly payer: Organization | undefined; readonly provider: string | undefined },
): Promise<PayerRole | undefined> {
  const number = identifierOf(payer, system.payerId);
  if (number === undefined || number === '') return undefined;
  const [only, ...others] = await find<Organization>(call.tx, 'Organization', {
    identifier: `${system.payerId}|${number}`,
  });
  if (only?.id === undefined || others.length > 0) return undefined;
  const name = `Organization/${only.id}`;
  if (provider !== undefined && (await routesOf(call.tx, { payer: name, practice: provider })).length > 0)
    return undefined;
  const way = await wayToAsk(call, { payer: name, practice: undefined });
  return way?.code === simulator ? { payer: name, gateway: way.gateway } : undefined;
}

/** Who asks, as an Organization that is here; undefined where it is not. */
export async function askerHere(
  { tx }: Call,
  contained: { readonly resourceType: string } | undefined,
): Promise<string | undefined> {
  if (contained?.resourceType !== 'Organization') return undefined;
  const npi = identifierOf(contained as Organization, system.npi);
  if (npi === undefined) return undefined;
  const [found] = await find<Organization>(tx, 'Organization', { identifier: `${system.npi}|${npi}` });
  return found?.id === undefined ? undefined : `Organization/${found.id}`;
}
