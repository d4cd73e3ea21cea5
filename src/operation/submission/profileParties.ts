import type { Claim, Coverage, Organization, Patient, Resource } from '@medplum/fhirtypes';
import { c4bbCoverage, c4bbOrganization, c4bbPatient } from '../../billing/explanation/c4bbParty.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { changed } from '../../datatypes/json.ts';
import type { Call } from '../operation.ts';

/**
 * Whom an explanation names for the first time gets what C4BB asks for and is known: one write each, in the transaction
 * that writes the explanation, and none where nothing is to be added. What their writers said stays as it is.
 */
export async function profileParties({ context, tx }: Call, claim: Claim): Promise<void> {
  const write = async (found: Resource | undefined): Promise<void> => {
    if (found?.id !== undefined) await updateResource(context, tx, changed(found, { id: found.id }));
  };
  const focal = claim.insurance.find((i) => i.focal)?.coverage;
  const coverage = await resolve<Coverage>(tx, 'Coverage', focal);
  if (!coverage) return;
  const patient = await resolve<Patient>(tx, 'Patient', claim.patient);
  await write(patient && c4bbPatient(patient, coverage));
  await write(c4bbCoverage(coverage));
  const organizations = new Set(
    [claim.insurer, coverage.payor[0], claim.provider].flatMap((r) => r?.reference ?? []),
  );
  for (const reference of organizations) {
    const organization = await resolve<Organization>(tx, 'Organization', { reference });
    await write(organization && c4bbOrganization(organization));
  }
}
