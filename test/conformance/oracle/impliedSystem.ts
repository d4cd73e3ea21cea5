import type { ValueSet } from '@medplum/fhirtypes';
import { exampleNames, read, snapshotOf, type OfficialElement } from '../../validation/official.ts';
import type { Definition } from './definitions.ts';

const names = new Set(exampleNames());
const complexType = /^[A-Z][A-Za-z]*$/;

/** The element at a plain path, through the types of its elements. */
function elementAt(path: string): OfficialElement | undefined {
  const [root = '', ...steps] = path.split('.');
  let [type, at]: [string, string] = [root, root];
  let found: OfficialElement | undefined;
  for (const step of steps) {
    found = snapshotOf(type).find((element) => element.path === `${at}.${step}`);
    if (!found) return undefined;
    at = found.path;
    const [own, ...others] = found.type ?? [];
    const isOwn = own !== undefined && others.length === 0 && complexType.test(own.code);
    if (isOwn && !/Element$/.test(own.code) && names.has(`StructureDefinition-${own.code}.json`))
      [type, at] = [own.code, own.code];
    else if (found.contentReference !== undefined) at = found.contentReference.slice(1);
  }
  return found;
}

/** The systems of a required binding. */
function systemsAt(path: string): readonly string[] {
  const { strength, valueSet = '' } = elementAt(path)?.binding ?? {};
  const name = `ValueSet-${valueSet.split('|')[0]?.split('/').at(-1) ?? ''}.json`;
  if (strength !== 'required' || !names.has(name)) return [];
  return (read<ValueSet>(name).compose?.include ?? []).flatMap(({ system }) => system ?? []);
}

const known = new WeakMap<Definition, ReadonlySet<string> | undefined>();

/**
 * The code systems that codes imply by the required bindings of the elements a parameter is about; undefined where one
 * of these has none. See https://hl7.org/fhir/R4/search.html#token
 */
export function impliedSystems(parameter: Definition): ReadonlySet<string> | undefined {
  if (known.has(parameter)) return known.get(parameter);
  const each = parameter.paths.map((path) => (/^[\w.]+$/.test(path) ? systemsAt(path) : []));
  const all = each.some((systems) => systems.length === 0) ? undefined : new Set(each.flat());
  known.set(parameter, all);
  return all;
}
