import type {
  Claim,
  Coverage,
  Organization,
  Patient,
  Practitioner,
  Reference,
  RelatedPerson,
  Resource,
} from '@medplum/fhirtypes';
import {
  c4bbCoverage,
  c4bbOrganization,
  c4bbPatient,
  c4bbPractitioner,
  c4bbRelatedPerson,
} from '../../billing/explanation/c4bbParty.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { changed } from '../../datatypes/json.ts';
import type { Call } from '../operation.ts';

/**
 * Whom an explanation names for the first time gets what C4BB asks for and is known: one write each, in the transaction
 * that writes the explanation, and none where nothing is to be added. What their writers said stays as it is.
 */
export async function profileParties(
  { context, tx }: Call,
  claim: Claim,
  facility?: Reference,
): Promise<void> {
  const write = async (found: Resource | undefined): Promise<void> => {
    if (found?.id !== undefined) await updateResource(context, tx, changed(found, { id: found.id }));
  };
  const focal = claim.insurance.find((i) => i.focal)?.coverage;
  const coverage = await resolve<Coverage>(tx, 'Coverage', focal);
  if (!coverage) return;
  const patient = await resolve<Patient>(tx, 'Patient', claim.patient);
  await write(patient && c4bbPatient(patient, coverage));
  await write(c4bbCoverage(coverage));
  const members = (claim.careTeam ?? []).map(({ provider }) => provider);
  const parties = [
    claim.insurer,
    coverage.payor[0],
    claim.provider,
    claim.payee?.party,
    facility,
    ...members,
  ];
  for (const reference of new Set(parties.flatMap((r) => r?.reference ?? []))) {
    const pointer = { reference };
    const organization = await resolve<Organization>(tx, 'Organization', pointer);
    await write(organization && c4bbOrganization(organization));
    const practitioner = await resolve<Practitioner>(tx, 'Practitioner', pointer);
    await write(practitioner && c4bbPractitioner(practitioner));
    const person = await resolve<RelatedPerson>(tx, 'RelatedPerson', pointer);
    await write(person && c4bbRelatedPerson(person));
  }
}
