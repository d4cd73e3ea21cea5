import type { Account, Claim, Coverage, Patient } from '@medplum/fhirtypes';
import type { FormInput } from '../../billing/form/claimFacts.ts';
import { providerOf } from '../../billing/form/claimFacts.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { knownAs, type Known } from '../../datatypes/known.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { unresolved, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import { readSent } from '../submission/readSent.ts';

/**
 * A claim with all that its form says, as its caller sees it. Without the patient, the coverage or the provider there is
 * no form: half of one must not be sent.
 */
export async function readForm(reader: Reader, claim: Claim): Promise<FormInput> {
  const known = await readSent(reader, claim);
  await addGuarantor(reader, claim, known);
  const faults = faultsOf(claim, known);
  if (faults.length > 0) throw unprocessable(faults);
  return { claim, known };
}

/** Who answers for the account: form locator 38. */
async function addGuarantor(reader: Reader, claim: Claim, known: Map<string, unknown>): Promise<void> {
  const named = extensionOf(claim, extension.account)?.valueReference;
  const account = await resolve<Account>(reader, 'Account', named);
  if (!account) return;
  known.set(`Account/${account.id ?? ''}`, account);
  const party = account.guarantor?.[0]?.party;
  for (const type of ['Patient', 'RelatedPerson'] as const) {
    const person = await resolve(reader, type, party);
    if (person && !known.has(party?.reference ?? '')) known.set(party?.reference ?? '', person);
  }
}

function faultsOf(claim: Claim, known: Known): Issue[] {
  const focal = claim.insurance.findIndex((i) => i.focal);
  const at = `Claim.insurance[${focal}].coverage`;
  const fault = (place: string, what: string): Issue =>
    unresolved('form-incomplete', place, `names no ${what} that is here`);
  return [
    ...(knownAs<Patient>(known, 'Patient', claim.patient) ? [] : [fault('Claim.patient', 'Patient')]),
    ...(knownAs<Coverage>(known, 'Coverage', claim.insurance[focal]?.coverage)
      ? []
      : [fault(at, 'Coverage')]),
    ...(providerOf(known, claim.provider) ? [] : [fault('Claim.provider', 'provider')]),
  ];
}
