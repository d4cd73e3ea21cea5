import type { Bundle, BundleEntry, Claim, Coding, Encounter, Patient, Resource } from '@medplum/fhirtypes';
import { idIn } from './client.ts';

/** A charted visit of a Bundle: where it stands there, and which payer the Bundle's Claims name for it. */
export interface ChartedVisit {
  readonly entry: number;
  readonly patient: string; // the reference as the Bundle spells it
  readonly finished: boolean;
  readonly start: string; // FHIR dateTime
  readonly end: string;
  readonly type: Coding | undefined;
  readonly payer: string | undefined; // the name in Claim.insurance.coverage.display
}

export interface ChartedPatient {
  readonly entry: number;
  readonly names: readonly string[]; // how references of the Bundle may spell it
  readonly covered: boolean; // the Bundle brings Coverages itself
}

export interface Charted {
  readonly patients: readonly ChartedPatient[];
  readonly visits: readonly ChartedVisit[];
}

/** A visit that stands in the store. */
export interface LoadedVisit extends Omit<ChartedVisit, 'entry' | 'patient'> {
  readonly id: string; // Encounter.id
}

export interface LoadedPatient {
  readonly id: string; // Patient.id
  readonly covered: boolean;
  readonly visits: readonly LoadedVisit[]; // oldest first
}

type Entry = readonly [index: number, entry: BundleEntry];

/** What a Bundle says of patients and their visits. Read before it is posted. */
export function chartedIn(bundle: Bundle): Charted {
  const entries: Entry[] = (bundle.entry ?? []).map((entry, i) => [i, entry]);
  const of = <T extends Resource>(type: T['resourceType']): (readonly [number, BundleEntry, T])[] =>
    entries.flatMap(([i, entry]) =>
      entry.resource?.resourceType === type ? [[i, entry, entry.resource as T] as const] : [],
    );
  const payers = new Map<string, string>();
  for (const [, , claim] of of<Claim>('Claim')) namePayer(payers, claim);
  return {
    patients: of<Patient>('Patient').map(([entry, { fullUrl }, { id }]) => ({
      entry,
      names: spellings('Patient', fullUrl, id),
      covered: of('Coverage').length > 0,
    })),
    visits: of<Encounter>('Encounter').map(([entry, { fullUrl }, encounter]) => {
      const names = spellings('Encounter', fullUrl, encounter.id);
      const { period, status } = encounter;
      return {
        entry,
        patient: encounter.subject?.reference ?? '',
        finished: status === 'finished',
        start: period?.start ?? '',
        end: period?.end ?? period?.start ?? '',
        type: encounter.type?.[0]?.coding?.[0],
        payer: names.map((name) => payers.get(name)).find((name) => name !== undefined),
      };
    }),
  };
}

const spellings = (type: string, fullUrl: string | undefined, id: string | undefined): string[] => [
  ...(fullUrl === undefined ? [] : [fullUrl]),
  ...(id === undefined ? [] : [`${type}/${id}`]),
];

function namePayer(payers: Map<string, string>, claim: Claim): void {
  const name = claim.insurance[0]?.coverage.display;
  if (name === undefined) return;
  for (const item of claim.item ?? []) {
    for (const { reference } of item.encounter ?? [])
      if (reference !== undefined) payers.set(reference, name);
  }
}

/** Patients and visits under the ids they got: the answer has an entry for every entry, in their order. */
export function loadedFrom({ patients, visits }: Charted, answer: Bundle): LoadedPatient[] {
  const idAt = (entry: number, type: string): string | undefined =>
    idIn(answer.entry?.[entry]?.response?.location, type);
  return patients.flatMap(({ entry, names, covered }) => {
    const id = idAt(entry, 'Patient');
    if (id === undefined) return [];
    const own = visits
      .filter(({ patient }) => names.includes(patient))
      .flatMap(({ entry: at, finished, start, end, type, payer }) => {
        const encounter = idAt(at, 'Encounter');
        return encounter === undefined ? [] : [{ id: encounter, finished, start, end, type, payer }];
      })
      .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    return [{ id, covered, visits: own }];
  });
}
