import { readdirSync, readFileSync } from 'node:fs';
import type { CodeSystem, ElementDefinition, StructureDefinition, ValueSet } from '@medplum/fhirtypes';

/** The official R4 definitions and examples as HL7 publishes them; the server itself never reads them. */
const folder = new URL('../../node_modules/hl7.fhir.r4.examples/', import.meta.url);

export const exampleNames = (): string[] =>
  readdirSync(folder).filter(
    (name) => name.endsWith('.json') && !name.startsWith('.') && name !== 'package.json',
  );

export const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

export const read = <T>(name: string): T => JSON.parse(textOf(name)) as T;

/** The elements of an official definition. Type is left out by R4 where there is a contentReference. */
export type OfficialElement = Omit<ElementDefinition, 'type'> & { readonly type?: ElementDefinition['type'] };

const snapshots = new Map<string, readonly OfficialElement[]>();
export function snapshotOf(type: string): readonly OfficialElement[] {
  const known =
    snapshots.get(type) ?? read<StructureDefinition>(`StructureDefinition-${type}.json`).snapshot?.element;
  if (!known) throw new Error(`${type} has no snapshot`);
  snapshots.set(type, known);
  return known;
}

/** One code of an official value set. */
export function firstCode(valueSet: string): string {
  const name = valueSet.split('/').at(-1)?.split('|')[0] ?? '';
  if (name === 'currencies') return 'USD';
  if (name === 'mimetypes') return 'text/plain';
  const [include] = read<ValueSet>(`ValueSet-${name}.json`).compose?.include ?? [];
  if (include?.concept?.[0]) return include.concept[0].code;
  const systems = exampleNames().filter((n) => n.startsWith('CodeSystem-'));
  const tail = include?.system?.split('/').at(-1) ?? '';
  const named = systems.find((n) => n === `CodeSystem-${tail}.json`) ?? '';
  const code = read<CodeSystem>(named).concept?.[0]?.code;
  if (code === undefined) throw new Error(`no code for ${valueSet}`);
  return code;
}
