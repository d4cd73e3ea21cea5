import type {
  ChargeItem,
  ChargeItemDefinition,
  Composition,
  ConceptMap,
  DocumentReference,
  Encounter,
  Resource,
} from '@medplum/fhirtypes';
import { chartedCodes, chargeSteps, type ChargeOrigin } from '../../billing/why/charge.ts';
import type { Step } from '../../billing/why/step.ts';
import { find, readQuietly, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** From a charge (ChargeItem/1) back to the note; none where it is not here. */
export async function chargeOriginSteps(tx: Reader, reference: string): Promise<Step[]> {
  const charge = await resolve<ChargeItem & { id: string }>(tx, 'ChargeItem', { reference });
  return charge ? chargeSteps(await originOf(tx, charge)) : [];
}

async function originOf(tx: Reader, charge: ChargeItem & { id: string }): Promise<ChargeOrigin> {
  const [url] = charge.definitionCanonical ?? [];
  const [definition] =
    url === undefined ? [] : await find<ChargeItemDefinition>(tx, 'ChargeItemDefinition', { url });
  const visit = await resolve<Encounter>(tx, 'Encounter', charge.context);
  const named = [...(charge.service ?? []), ...(charge.supportingInformation ?? [])];
  const chart: Resource[] = [];
  for (const { reference } of named) {
    const found = await readQuietly(tx, reference);
    if (found && found.resourceType !== 'Location') chart.push(found);
  }
  const own = chart.length > 0 || !visit ? chart : [visit];
  return {
    charge,
    definition,
    chart: own,
    maps: await mapsOf(tx, own, charge),
    visit,
    notes: await notesOf(tx, visit),
  };
}

/** The ConceptMaps that lead from a code of the chart to the one that was billed. */
async function mapsOf(tx: Reader, chart: readonly Resource[], charge: ChargeItem): Promise<ConceptMap[]> {
  const billed = charge.code.coding?.[0]?.code;
  const charted = new Set(chart.flatMap(chartedCodes).filter((code) => code !== billed));
  const found: ConceptMap[] = [];
  for (const code of charted) {
    const maps = await find<ConceptMap>(tx, 'ConceptMap', { 'source-code': code });
    found.push(...maps.filter((map) => leads(map, code, billed) && !found.some((f) => f.id === map.id)));
  }
  return found;
}

const leads = (map: ConceptMap, from: string, to: string | undefined): boolean =>
  (map.group ?? []).some((g) =>
    g.element.some((e) => e.code === from && (e.target ?? []).some((t) => t.code === to)),
  );

async function notesOf(tx: Reader, visit: Encounter | undefined): Promise<Resource[]> {
  if (visit?.id === undefined) return [];
  const encounter = `Encounter/${visit.id}`;
  const documents = await find<DocumentReference>(tx, 'DocumentReference', { encounter });
  const compositions = await find<Composition>(tx, 'Composition', { encounter });
  return [...documents, ...compositions];
}
