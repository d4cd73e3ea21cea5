import type { Claim, Endpoint, OrganizationAffiliation } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { contains } from '../../datatypes/date.ts';
import { referenceText } from '../../datatypes/reference.ts';
import type { Route } from '../../gateway/gateway.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';

/** What a route carries: the codes of CodeSystem/transaction. */
export type TransactionCode = '837P' | '837I' | '837D' | '835' | '270' | '276' | '278';

export const transactionOf = ({ type }: Pick<Claim, 'type'>): TransactionCode =>
  has(type, system.claimType, 'institutional')
    ? '837I'
    : has(type, system.claimType, 'oral')
      ? '837D'
      : '837P';

/** The routes of a practice to a payer, for whatever transaction and day; a name each: Organization/1. */
export const routesOf = (
  reader: Reader,
  { payer, practice }: { readonly payer: string; readonly practice: string },
): Promise<OrganizationAffiliation[]> =>
  find<OrganizationAffiliation>(reader, 'OrganizationAffiliation', {
    'primary-organization': payer,
    'participating-organization': practice,
  });

interface Asked {
  readonly transaction: TransactionCode;
  readonly on: string; // FHIR date
}

/** The route that is active on a day, the one of the latest start where several are; undefined: no enrolment. */
export async function activeRoute(
  reader: Reader,
  routes: readonly OrganizationAffiliation[],
  { transaction, on }: Asked,
): Promise<{ readonly route: Route; readonly endpoint: Endpoint } | undefined> {
  const open = routes
    .filter(
      ({ active, code, period }) =>
        active === true && code?.some((c) => has(c, system.transaction, transaction)) && contains(period, on),
    )
    .sort((a, b) => ((a.period?.start ?? '') < (b.period?.start ?? '') ? 1 : -1));
  for (const affiliation of open) {
    const payerId = affiliation.identifier?.find(({ value }) => value !== undefined)?.value;
    for (const pointer of affiliation.endpoint ?? []) {
      const endpoint = await resolve<Endpoint>(reader, 'Endpoint', pointer);
      if (!endpoint || !isOpen(endpoint) || payerId === undefined) continue;
      const route = { affiliation: referenceText(affiliation), endpoint: referenceText(endpoint), payerId };
      return { route, endpoint };
    }
  }
  return undefined;
}

/** FHIR has a status for partners that are only tried: interchanges to them are marked as test. */
const isOpen = ({ status, connectionType }: Endpoint): boolean =>
  (status === 'active' || status === 'test') && connectionType.system === system.gateway;
