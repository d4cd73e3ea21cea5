import type { Patient } from '@medplum/fhirtypes';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** The record that took the place of a Patient: Patient/2. */
export const replacedBy = ({ link = [] }: Patient): string | undefined =>
  link.find(({ type }) => type === 'replaced-by')?.other.reference;

const longest = 20; // merges one after another

/**
 * A record (Patient/1) and those that took its place since, one after another: what was sent or posted before a merge keeps
 * its patient.
 */
export async function recordsOf(reader: Reader, reference: string | undefined): Promise<readonly string[]> {
  const records: string[] = [];
  for (let at = unversionedText(reference); at !== undefined && records.length < longest;) {
    if (records.includes(at)) break;
    records.push(at);
    const patient: Patient | undefined = await resolve<Patient>(reader, 'Patient', { reference: at });
    at = patient && replacedBy(patient);
  }
  return records;
}
