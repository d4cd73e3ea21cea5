import type { ResourceType } from '@medplum/fhirtypes';
import type { Reader, Stored } from '../store/store.ts';

/** The versions that a step reads and makes, by `Claim/1/_history/2`, in this order. */
export interface Origin {
  readonly read: Map<string, Stored>;
  readonly made: Map<string, Stored>;
}

const origins = new WeakMap<Reader, Origin>();

/** What other resources are made of, or change into a next version. */
const sources: ReadonlySet<ResourceType> = new Set<ResourceType>([
  ...(['Encounter', 'Condition', 'Procedure', 'Observation', 'DiagnosticReport', 'Immunization'] as const),
  ...(['MedicationAdministration', 'MedicationDispense', 'DeviceUseStatement', 'Coverage'] as const),
  ...(['ChargeItem', 'Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Invoice'] as const),
  ...(['PaymentNotice', 'PaymentReconciliation', 'Account', 'Task'] as const),
]);

export const nameOf = ({ type, id, version }: Stored): string => `${type}/${id}/_history/${version}`;

/** Notes what `work` reads and makes in a transaction. Steps inside of it are part of it. */
export async function tracing<T>(tx: Reader, work: (origin: Origin) => Promise<T>): Promise<T> {
  const outer = origins.get(tx);
  const origin = outer ?? { read: new Map<string, Stored>(), made: new Map<string, Stored>() };
  origins.set(tx, origin);
  try {
    return await work(origin);
  } finally {
    if (!outer) origins.delete(tx);
  }
}

/** Whether something notes what is read and made in a transaction. */
export const isTraced = (tx: Reader): boolean => origins.has(tx);

/** Notes a version that was read, where it is one that others are made of. */
export function noteRead(reader: Reader, stored: Stored): void {
  const origin = origins.get(reader);
  if (origin && sources.has(stored.type)) origin.read.set(nameOf(stored), stored);
}

/** Notes a version that was written; one that was there before, because nothing changed, was only read. */
export function noteMade(tx: Reader, stored: Stored): void {
  const origin = origins.get(tx);
  if (!origin) return;
  const name = nameOf(stored);
  if (!origin.read.has(name)) origin.made.set(name, stored);
}
