import type { Address, HumanName, Organization, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { isConfidential } from '../../datatypes/confidential.ts';
import { contains } from '../../datatypes/date.ts';

/** A person as they are written to. */
export function nameOf(names: readonly HumanName[] | undefined): string {
  const name = names?.find((n) => n.use === 'official') ?? names?.[0];
  const spoken = [...(name?.given ?? []), name?.family ?? '', ...(name?.suffix ?? [])];
  return spoken.filter((part) => part !== '').join(' ') || (name?.text ?? '');
}

/** The lines of an address below a name. */
export function addressLines(address: Address | undefined): string[] {
  const place = [address?.city, [address?.state, address?.postalCode].filter(Boolean).join(' ')]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
  const lines = [...(address?.line ?? []), place].filter((line) => line !== '');
  return lines.length > 0 ? lines : address?.text === undefined ? [] : [address.text];
}

const isCurrent = (on: string) => (a: Address) =>
  a.use !== 'old' && a.use !== 'temp' && contains(a.period, on);

/** Where a patient is written to: what they asked to be confidential wins. */
export function patientAddress({ address = [] }: Patient, on: string): Address | undefined {
  const here = address.filter(isCurrent(on));
  return here.find(isConfidential) ?? postal(here);
}

/** Where others are written to; never what the patient asked to be confidential. */
export function openAddress(
  { address = [] }: Pick<Patient | RelatedPerson | Organization, 'address'>,
  on: string,
): Address | undefined {
  return postal(address.filter(isCurrent(on)).filter((a) => !isConfidential(a)));
}

const postal = (all: readonly Address[]): Address | undefined =>
  all.find((a) => a.use === 'billing') ?? all.find((a) => a.type === 'postal') ?? all[0];

/** Whether the patient asked to be reached by another way than all others. */
export const hasConfidential = ({ address = [], telecom = [] }: Patient): boolean =>
  [...address, ...telecom].some(isConfidential);

/** By what a letter goes: where the patient gave nothing confidential but an e-mail, by that. */
export function channelOf(patient: Patient, isToPatient: boolean): 'mail' | 'email' {
  if (!isToPatient || (patient.address ?? []).some(isConfidential)) return 'mail';
  return (patient.telecom ?? []).some((t) => t.system === 'email' && isConfidential(t)) ? 'email' : 'mail';
}

export const phoneOf = (practice: Organization | undefined): string | undefined =>
  (practice?.telecom ?? []).find((t) => t.system === 'phone')?.value;
