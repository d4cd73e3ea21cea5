import type { Claim, ConceptMap, Organization, PaymentReconciliation } from '@medplum/fhirtypes';
import type { Advice } from '../../billing/remittance/advice.ts';
import { payerNumber } from '../../billing/remittance/contentKey.ts';
import { classRows } from '../../billing/remittance/classMap.ts';
import { shippedClasses, type ClassRow } from '../../billing/remittance/adjustmentClass.ts';
import {
  adjustmentRows,
  shippedAdjustments,
  type AdjustmentRow,
} from '../../billing/remittance/providerAdjustment.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

/** The interchange that a remittance came with. */
export interface Source {
  readonly binary: string; // Binary/1
  readonly hash?: string; // the beginning of its SHA-256
  readonly position?: number; // where its set begins in the interchange
}

/** A remittance at work: what its claims are posted with. */
export interface Desk {
  readonly call: Call;
  readonly advice: Advice;
  readonly payer: string; // the number in its keys
  readonly reconciliation: PaymentReconciliation & { id: string };
  readonly source?: Source | undefined;
  readonly classes: readonly ClassRow[];
  /** Where provider-level adjustments go. */
  readonly accounts: readonly AdjustmentRow[];
  /** What was read of organizations, by reference: a remittance names few of them. */
  readonly organizations: Map<string, Organization | undefined>;
}

/** By which the classes of adjustments are changed: ConceptMaps of this url. */
export const classMapUrl = 'https://claimwright.example/fhir/ConceptMap/adjustment-class';

/** By which the accounts of provider-level adjustments are changed: ConceptMaps of this url. */
export const adjustmentMapUrl = 'https://claimwright.example/fhir/ConceptMap/provider-adjustment';

/** What is read once for all claims of a remittance. */
export type Known = Pick<Desk, 'classes' | 'accounts' | 'organizations'>;

/** What is common to all claims of a remittance. */
export async function deskOf(
  call: Call,
  of: Pick<Desk, 'advice' | 'reconciliation' | 'source'>,
  known?: Known,
): Promise<Desk> {
  const payer = payerNumber(of.advice);
  if (known) return { ...of, call, payer, ...known };
  const maps = await find<ConceptMap>(call.tx, 'ConceptMap', { url: classMapUrl });
  const adjustmentMaps = await find<ConceptMap>(call.tx, 'ConceptMap', { url: adjustmentMapUrl });
  return {
    ...of,
    call,
    payer,
    classes: [...shippedClasses, ...maps.flatMap(classRows)],
    accounts: [...shippedAdjustments, ...adjustmentMaps.flatMap(adjustmentRows)],
    organizations: new Map(),
  };
}

/** An Organization, read once a remittance. */
export async function organizationOf(
  { call, organizations }: Pick<Desk, 'call' | 'organizations'>,
  reference: string | undefined,
): Promise<Organization | undefined> {
  if (reference === undefined) return undefined;
  if (!organizations.has(reference))
    organizations.set(reference, await resolve<Organization>(call.tx, 'Organization', { reference }));
  return organizations.get(reference);
}

/** The Organization a party of the remittance is, by NPI, tax number or payer id; undefined where none or several are. */
export async function partyOf(
  tx: Reader,
  { npi, tin, ids, reference }: Advice['payer'],
): Promise<Organization | undefined> {
  if (reference !== undefined) return resolve<Organization>(tx, 'Organization', { reference });
  const wanted = [
    ...(npi === undefined ? [] : [`${system.npi}|${npi}`]),
    ...(tin === undefined ? [] : [`${system.taxId}|${tin}`]),
    ...ids.flatMap(({ value }) => [`${system.payerId}|${value}`]),
  ];
  for (const identifier of wanted) {
    const found = await find<Organization>(tx, 'Organization', { identifier });
    const standing = found.filter((o) => o.active !== false);
    if (standing.length === 1) return standing[0];
  }
  return undefined;
}

/** Whether a claim is of the practice that a remittance pays: by NPI or tax number, its own or those of whom it is part. */
export async function isOfPayee(
  desk: Pick<Desk, 'call' | 'organizations' | 'advice' | 'reconciliation'>,
  claim: Claim,
  practice: string | undefined,
): Promise<boolean> {
  const { payee } = desk.advice;
  let reference = claim.provider.reference?.split('/_history/')[0];
  if (reference === undefined) return false;
  if (reference === desk.reconciliation.requestor?.reference) return true;
  for (let depth = 0; reference !== undefined && depth < 4; depth += 1) {
    const organization: Organization | undefined = await organizationOf(desk, reference);
    if (!organization) return false;
    const npi = identifierOf(organization, system.npi);
    const tin = identifierOf(organization, system.taxId, system.ein)?.replaceAll('-', '');
    if (npi !== undefined && (npi === payee.npi || npi === practice)) return true;
    if (tin !== undefined && tin === payee.tin) return true;
    reference = organization.partOf?.reference;
  }
  return false;
}
