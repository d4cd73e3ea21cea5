import type { Resource } from '@medplum/fhirtypes';
import type { Store } from '../../src/store/store.ts';
import { put } from '../contract/caseTable.ts';
import { chartOf, directory, type Named } from './practices.ts';

/**
 * A world in which every version of every resource carries a secret of its own, and what may be told of each secret is
 * known from how the world was made: an oracle that knows nothing of the server.
 */

/** What a secret stands for. */
export interface Told {
  readonly type: string;
  readonly id: string;
  readonly patient?: string;
  readonly practice?: string;
  readonly isSensitive: boolean;
  readonly isLaboratory: boolean;
  readonly isCurrent: boolean; // searches find it
}

export interface World {
  readonly patients: readonly string[];
  readonly told: ReadonlyMap<string, Told>;
  /** The practices where a patient has an Account or Encounter. */
  readonly practicesOf: ReadonlyMap<string, ReadonlySet<string>>;
}

export const practices = ['alder', 'birch', 'cedar'] as const;
const secretSystem = 'urn:test:secret';
const hiv = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };

export const patientName = (n: number): string => `p${String(n).padStart(3, '0')}`;

interface Made {
  readonly resource: Named;
  readonly told: Omit<Told, 'type' | 'id' | 'isCurrent'>;
}

/** Fills a store, version by version. */
export async function makeWorld(store: Store, count: number): Promise<World> {
  const patients = Array.from({ length: count }, (_, i) => patientName(i));
  const told = new Map<string, Told>();
  const practicesOf = new Map<string, Set<string>>();
  let secrets = 0;
  const current = new Map<string, string>();
  const write = async (made: readonly Made[]): Promise<void> => {
    const resources = made.map(({ resource, told: of }) => {
      const secret = `secret-${(secrets += 1)}-x`;
      const name = `${resource.resourceType}/${resource.id}`;
      const former = current.get(name);
      const was = former === undefined ? undefined : told.get(former);
      if (former !== undefined && was) told.set(former, { ...was, isCurrent: false });
      current.set(name, secret);
      told.set(secret, { ...of, type: resource.resourceType, id: resource.id, isCurrent: true });
      const tag = [{ system: secretSystem, code: secret }];
      const security = of.isSensitive ? [hiv] : undefined;
      const marked: Resource = { ...resource, meta: { tag, ...(security ? { security } : {}) } };
      if (marked.resourceType === 'Binary') marked.data = Buffer.from(`content ${secret}`).toString('base64');
      return marked as Named;
    });
    await put(store, ...resources);
  };
  await put(store, ...directory(practices));
  for (const [n, patient] of patients.entries()) {
    const practice = practices[n % practices.length] ?? 'alder';
    practicesOf.set(patient, new Set([practice]));
    await write(
      chartOf(patient, practice).map((resource) => ({
        resource,
        told: factsOf(resource, patient, practice),
      })),
    );
    if (n % 7 === 3) {
      const second = practices[(n + 1) % practices.length] ?? 'alder';
      practicesOf.get(patient)?.add(second);
      const visit = { ...chartOf(patient, second)[1], id: `second-${patient}` } as Named;
      await write([{ resource: visit, told: factsOf(visit, patient, second) }]);
    }
    if (n % 5 === 2) await move(write, patient, patients[n - 1] ?? patient);
    if (n % 11 === 4) await store.transaction((tx) => tx.delete('Observation', `vital-signs-${patient}`));
  }
  for (const [secret, of] of told)
    if (of.id.startsWith('vital-signs-') && Number(of.patient?.slice(1)) % 11 === 4)
      told.set(secret, { ...of, isCurrent: false });
  return { patients, told, practicesOf };
}

function factsOf(resource: Named, patient: string, practice: string): Made['told'] {
  const owned = ![
    'Patient',
    'Condition',
    'Observation',
    'Coverage',
    'Binary',
    'RelatedPerson',
    'AuditEvent',
  ].includes(resource.resourceType);
  return {
    patient,
    ...(owned ? { practice } : {}),
    isSensitive: resource.resourceType === 'Condition' && Number(patient.slice(1)) % 2 === 0,
    isLaboratory: resource.id.startsWith('laboratory-'),
  };
}

/** A laboratory result that was filed under one patient, and belongs to another since. */
async function move(
  write: (made: readonly Made[]) => Promise<void>,
  patient: string,
  before: string,
): Promise<void> {
  for (const owner of [before, patient]) {
    const resource = { ...chartOf(owner, 'alder')[3], id: `moved-${patient}` } as Named;
    await write([{ resource, told: { patient: owner, isSensitive: false, isLaboratory: true } }]);
  }
}
