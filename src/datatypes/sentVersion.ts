import type { Claim, ClaimResponse, Reference, Resource } from '@medplum/fhirtypes';
import { changed } from './json.ts';
import { parseReference } from './reference.ts';

/** The same reference without the version it names. */
export function unversioned<T extends Resource>(reference: Reference<T>): Reference<T> {
  const target = parseReference(reference.reference);
  return target?.version === undefined
    ? reference
    : changed(reference, { reference: `${target.type}/${target.id}` });
}

/** 'Patient/1' of 'Patient/1/_history/3'; any other text as it is. */
export function unversionedText(reference: string | undefined): string | undefined {
  const target = parseReference(reference);
  return target ? `${target.type}/${target.id}` : reference;
}

/** A claim with other references to its parties: the patient, the payer, the billing provider and the coverages. */
const withParties = <T extends Claim>(
  claim: T,
  of: <R extends Resource>(r: Reference<R>) => Reference<R>,
): T =>
  changed(claim, {
    patient: of(claim.patient),
    ...(claim.insurer ? { insurer: of(claim.insurer) } : {}),
    provider: of(claim.provider),
    insurance: claim.insurance.map((i) => changed(i, { coverage: of(i.coverage) })),
  } as Partial<T>);

/** A claim that refers to its parties as they are now. A sent one names their versions; what is made of it does not. */
export const withoutVersions = <T extends Claim>(claim: T): T => withParties(claim, unversioned);

/** A claim that names the versions of its parties, by 'Patient/1'; who has none there is named without. */
export const withVersions = <T extends Claim>(claim: T, versions: ReadonlyMap<string, number>): T =>
  withParties(claim, (reference) => {
    const current = unversioned(reference);
    const version = versions.get(current.reference ?? '');
    return version === undefined
      ? current
      : changed(current, { reference: `${current.reference ?? ''}/_history/${version}` });
  });

/** The parties that a sent claim names by their versions: 'Patient/1', each once. */
export const partiesOf = (claim: Claim): string[] => [
  ...new Set(
    [claim.patient, claim.insurer, claim.provider, ...claim.insurance.map((i) => i.coverage)].flatMap(
      (r) => unversionedText(r?.reference) ?? [],
    ),
  ),
];

/** An answer that refers to the parties of its claim as they are now: a payer may repeat the versions it got. */
export const answerWithoutVersions = <T extends ClaimResponse>(response: T): T =>
  changed(response, {
    patient: unversioned(response.patient),
    insurer: unversioned(response.insurer),
    ...(response.requestor ? { requestor: unversioned(response.requestor) } : {}),
    ...(response.insurance
      ? { insurance: response.insurance.map((i) => changed(i, { coverage: unversioned(i.coverage) })) }
      : {}),
  } as Partial<T>);
