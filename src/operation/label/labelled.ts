import type { Coding, Resource } from '@medplum/fhirtypes';
import { isSensitive } from '../../access/sensitive.ts';
import type { Chart } from '../../datatypes/chart.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { parsed } from '../../interaction/repository.ts';
import type { Reader, Stored, Transaction } from '../../store/store.ts';

/** The sensitive labels of a resource. */
export const sensitiveOf = ({ meta }: Resource): readonly Coding[] =>
  (meta?.security ?? []).filter(isSensitive);

/** Sets `meta.security` to hold further labels; false where it held them all. */
export function addLabels(resource: Resource, labels: readonly Coding[]): boolean {
  const known = resource.meta?.security ?? [];
  const further = distinct(labels).filter((label) => !known.some((one) => isSame(one, label)));
  if (further.length === 0) return false;
  resource.meta = { ...resource.meta, security: [...known, ...further] };
  return true;
}

/** Labels, each once. */
export const distinct = (labels: readonly Coding[]): readonly Coding[] =>
  labels.filter((label, i) => labels.findIndex((one) => isSame(one, label)) === i);

const isSame = (a: Coding, b: Coding): boolean => a.system === b.system && a.code === b.code;

const mark = Buffer.from('"security"');

/** The sensitive labels of a stored version; it is parsed only where its text speaks of labels. */
export const labelsOfVersion = (stored: Stored | undefined): readonly Coding[] =>
  stored &&
  !stored.deleted &&
  Buffer.from(stored.json.buffer, stored.json.byteOffset, stored.json.length).includes(mark)
    ? sensitiveOf(parsed(stored))
    : [];

/** Labels of visits that a transaction has read: of the whole chart where it read that. */
const noted = new WeakMap<Reader, Map<string, readonly Coding[]>>();

/** Notes what the chart of a visit is labelled, for what is made of it in the same transaction. */
export const noteVisit = (tx: Transaction, chart: Chart): void => {
  note(tx, `Encounter/${chart.encounter.id}`, labelsOfChart(chart));
};

function note(tx: Transaction, encounter: string, labels: readonly Coding[]): void {
  const known = noted.get(tx) ?? new Map<string, readonly Coding[]>();
  noted.set(tx, known);
  known.set(encounter, labels);
}

/** Forgets what was noted, for something of a chart was written. */
export const forgetNoted = (tx: Transaction): void => {
  noted.delete(tx);
};

/** The labels of a resource; a visit is read once a transaction. */
export async function labelsOf(tx: Transaction, name: string): Promise<readonly Coding[]> {
  const target = parseReference(name);
  if (!target) return [];
  const known = noted.get(tx)?.get(name);
  if (known) return known;
  const labels = labelsOfVersion(await tx.read(target.type, target.id));
  if (target.type === 'Encounter') note(tx, name, labels);
  return labels;
}

/** The labels of a visit and of all that is charted of it: the bill of a visit tells of the whole of it. */
const labelsOfChart = (chart: Chart): readonly Coding[] =>
  distinct(
    [
      chart.encounter,
      ...[...chart.conditions, ...chart.procedures, ...chart.observations, ...chart.diagnosticReports],
      ...[...chart.medicationAdministrations, ...chart.medicationDispenses, ...chart.immunizations],
      ...chart.deviceUseStatements,
    ].flatMap(sensitiveOf),
  );
