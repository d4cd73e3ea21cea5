import type {
  Condition,
  Device,
  Encounter,
  Location,
  Medication,
  MedicationDispense,
  MedicationRequest,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import type { Chart } from '../../datatypes/chart.ts';
import { changed } from '../../datatypes/json.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';
import { find, readResource, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** Reads everything charted in an encounter that billing looks at. 404 when the encounter is not known. */
export async function readChart(reader: Reader, id: string): Promise<Chart> {
  const encounter = changed(await readResource<Encounter>(reader, 'Encounter', id), { id });
  const of = { encounter: `Encounter/${id}` };
  const conditions = await find<Condition>(reader, 'Condition', of);
  const known = new Set(conditions.map((c) => `Condition/${c.id ?? ''}`));
  const named = [
    ...(encounter.diagnosis ?? []).map((d) => d.condition),
    ...(encounter.reasonReference ?? []),
  ];
  for (const { reference } of named) {
    if (reference === undefined || known.has(reference)) continue;
    known.add(reference);
    const condition = await resolve<Condition>(reader, 'Condition', { reference });
    if (condition) conditions.push(condition);
  }
  const procedures = await find<Chart['procedures'][number]>(reader, 'Procedure', of);
  const immunizations = await find<Chart['immunizations'][number]>(reader, 'Immunization', of);
  const given = await find<Chart['medicationAdministrations'][number]>(
    reader,
    'MedicationAdministration',
    of,
  );
  const dispensed = await find<Chart['medicationDispenses'][number]>(reader, 'MedicationDispense', {
    context: of.encounter,
  });
  const devices = await find<Chart['deviceUseStatements'][number]>(reader, 'DeviceUseStatement', of);
  return {
    encounter,
    conditions,
    procedures,
    immunizations,
    medicationAdministrations: given,
    medicationDispenses: dispensed,
    deviceUseStatements: devices,
    observations: await find<Chart['observations'][number]>(reader, 'Observation', of),
    diagnosticReports: await find<Chart['diagnosticReports'][number]>(reader, 'DiagnosticReport', of),
    devices: await byReference<Device>(
      reader,
      'Device',
      devices.map((d) => d.device),
    ),
    medications: await readMedications(
      reader,
      [...given, ...dispensed].map((m) => m.medicationReference),
    ),
    otherFills: await otherFills(reader, dispensed),
    prescriptions: await byReference<MedicationRequest>(
      reader,
      'MedicationRequest',
      dispensed.flatMap((d) => d.authorizingPrescription ?? []),
    ),
    locations: await byReference<Location>(reader, 'Location', [
      ...(encounter.location ?? []).map((l) => l.location),
      ...[...procedures, ...immunizations, ...dispensed].map((r) => r.location),
    ]),
  };
}

/** Other dispenses of the same prescriptions: they tell which fill this one is, where the chart does not. */
async function otherFills(
  reader: Reader,
  dispensed: Chart['medicationDispenses'],
): Promise<Chart['medicationDispenses']> {
  const own = new Set(dispensed.map((d) => d.id));
  const unnumbered = dispensed.filter((d) => !extensionOf(d, extension.fillNumber));
  const found: Chart['medicationDispenses'][number][] = [];
  for (const reference of new Set(unnumbered.map((d) => d.authorizingPrescription?.[0]?.reference))) {
    if (reference === undefined) continue;
    const all = await find<MedicationDispense>(reader, 'MedicationDispense', { prescription: reference });
    found.push(...all.filter((d) => !own.has(d.id)));
  }
  return found;
}

/** The medications that are named, and the ingredients of those. */
async function readMedications(
  reader: Reader,
  references: readonly (Reference | undefined)[],
): Promise<ReadonlyMap<string, Medication>> {
  const named = await byReference<Medication>(reader, 'Medication', references);
  const ingredients = [...named.values()].flatMap((m) => (m.ingredient ?? []).map((i) => i.itemReference));
  return new Map([...named, ...(await byReference<Medication>(reader, 'Medication', ingredients))]);
}

/** What references of a type name, each read once; what is not here is left out. */
async function byReference<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  references: readonly (Reference | undefined)[],
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  for (const reference of new Set(references.map((r) => r?.reference))) {
    const resource = reference === undefined ? undefined : await resolve<T>(reader, type, { reference });
    if (reference !== undefined && resource) found.set(reference, resource);
  }
  return found;
}
