import type { Account, Patient, RelatedPerson, Organization, Reference } from '@medplum/fhirtypes';
import { recipientOf } from '../../billing/invoice/issue.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { languageOf, type Language } from '../letter/words.ts';
import { addressLines, channelOf, nameOf, openAddress, patientAddress } from './person.ts';
import type { Recipient } from './statement.ts';

/** Who answers for an Account on a day; nobody where the patient is a minor without a guarantor. */
export const answersFor = (account: Account, patient: Patient, on: string): Reference | undefined =>
  recipientOf(account, patient, on);

const estate: Readonly<Record<Language, (name: string) => string>> = {
  en: (name) => `The Estate of ${name}`,
  es: (name) => `Los herederos de ${name}`,
};

/** The patient as who is written to: their confidential address wins. Of who has died the estate. */
export function patientRecipient(patient: Patient & { id: string }, on: string, hasDied: boolean): Recipient {
  const language = languageOf(patient);
  const name = nameOf(patient.name);
  return {
    reference: { reference: `Patient/${patient.id}` },
    name: hasDied ? estate[language](name) : name,
    address: addressLines(hasDied ? openAddress(patient, on) : patientAddress(patient, on)),
    language,
    isPatient: true,
    channel: channelOf(patient, !hasDied),
  };
}

/** The guarantor as who is written to: at their own address, else at the one the patient gave to all. */
export async function guarantorRecipient(
  reader: Reader,
  party: Reference,
  { patient, on }: { readonly patient: Patient & { id: string }; readonly on: string },
): Promise<Recipient> {
  const person = await personOf(reader, party);
  const own = person && openAddress(person, on);
  const said = person && 'communication' in person ? person : undefined;
  return {
    reference: { reference: party.reference ?? '' },
    name: !person
      ? (party.display ?? '')
      : person.resourceType === 'Organization'
        ? (person.name ?? '')
        : nameOf(person.name),
    address: addressLines(own ?? openAddress(patient, on)),
    language: languageOf(said ?? patient),
    isPatient: false,
    channel: 'mail',
  };
}

async function personOf(
  reader: Reader,
  party: Reference,
): Promise<Patient | RelatedPerson | Organization | undefined> {
  switch (parseReference(party.reference)?.type) {
    case 'Patient':
      return resolve<Patient>(reader, 'Patient', party);
    case 'RelatedPerson':
      return resolve<RelatedPerson>(reader, 'RelatedPerson', party);
    case 'Organization':
      return resolve<Organization>(reader, 'Organization', party);
    default:
      return undefined;
  }
}
