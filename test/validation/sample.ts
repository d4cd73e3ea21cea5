import { firstCode, snapshotOf, type OfficialElement } from './official.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Sample = Record<string, Json>;

/** One element of a sample: where it stands, and what R4 says of it. */
export interface Site {
  readonly steps: readonly (string | number)[]; // to the object that holds it
  readonly key: string; // its JSON property
  readonly defined: string; // its path in the official definition: Coding.code
  readonly expression: string; // its FHIRPath
  readonly missing: string; // the FHIRPath when it is taken away
  readonly type: string;
  readonly list: boolean;
  readonly required: boolean;
  readonly bound: boolean; // to the codes of a required binding
}

/** A sound value of each primitive type. */
export const sound: Readonly<Record<string, Json>> = {
  base64Binary: 'aGVsbG8=',
  boolean: true,
  canonical: 'http://example.org/ValueSet/a|1',
  code: 'a',
  date: '2026-02-28',
  dateTime: '2026-02-28T10:00:00-05:00',
  decimal: 1.5,
  id: 'a-1.b',
  instant: '2026-02-28T10:00:00.000Z',
  integer: -1,
  markdown: '**a**',
  oid: 'urn:oid:1.2.3',
  positiveInt: 1,
  string: 'a',
  time: '10:00:00',
  unsignedInt: 0,
  uri: 'urn:a',
  url: 'http://example.org',
  uuid: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
};

/** What is left out of samples: resources in resources, extensions, and types inside themselves. */
const skipped = new Set(['Resource', 'Extension']);

const typeName = (
  element: OfficialElement,
  t: { code: string; extension?: { valueUrl?: string }[] },
): string => {
  if (element.path === 'Extension.url') return 'uri';
  if (!t.code.includes('/')) return t.code;
  return element.path.split('.').length === 2 &&
    /^[A-Z]/.test(element.path) &&
    element.base?.path === 'Resource.id'
    ? 'id'
    : (t.extension?.[0]?.valueUrl ?? 'string');
};

interface Making {
  readonly sites: Site[];
  readonly around: readonly string[]; // the types it is inside of
  readonly seen: Set<string>; // data types that already stand somewhere with all their elements
}

/**
 * A resource of a type with every element of its official definition once, each data type in full where it
 * comes first, and the list of these elements.
 */
export function sampleOf(type: string): { resource: Sample; sites: Site[] } {
  const sites: Site[] = [];
  const resource = fill(
    type,
    type,
    { steps: [], expression: type },
    { sites, around: [type], seen: new Set() },
  );
  return { resource: { resourceType: type, ...resource }, sites };
}

interface Place {
  readonly steps: readonly (string | number)[];
  readonly expression: string;
}

/** The object at `path` of the definition of `type`, with all its children. */
function fill(type: string, path: string, at: Place, making: Making): Sample {
  const made: Sample = {};
  const children = snapshotOf(type).filter(
    (e) => e.path.startsWith(`${path}.`) && !e.path.slice(path.length + 1).includes('.'),
  );
  const short = making.seen.has(path);
  if (!children.some((e) => e.type?.some((t) => making.around.includes(t.code)))) making.seen.add(path);
  for (const element of children) {
    const [first] = element.type ?? [];
    const same = element.contentReference?.slice(1);
    if (same !== undefined && path.startsWith(same)) continue; // an item in an item, for ever
    const name = first ? typeName(element, first) : 'BackboneElement';
    if (skipped.has(name) || making.around.includes(name)) continue;
    if (short && element.min === 0 && !element.path.endsWith('.id')) continue;
    const last = element.path.slice(path.length + 1);
    const choice = last.endsWith('[x]');
    const plain = choice ? last.slice(0, -3) : last;
    const key = choice ? plain + name.charAt(0).toUpperCase() + name.slice(1) : plain;
    const list = element.max !== '1';
    const place: Place = {
      steps: [...at.steps, key, ...(list ? [0] : [])],
      expression: `${at.expression}.${plain}${choice ? `.ofType(${name})` : ''}${list ? '[0]' : ''}`,
    };
    const value = valueOf(element, { type, name }, place, making);
    making.sites.push({
      steps: at.steps,
      key,
      defined: element.path,
      expression: place.expression,
      missing: `${at.expression}.${plain}`,
      type: name,
      list,
      required: (element.min ?? 0) > 0,
      bound:
        name === 'code' &&
        element.binding?.strength === 'required' &&
        !element.binding.valueSet?.includes('mimetypes'),
    });
    made[key] = list ? [value] : value;
  }
  return made;
}

function valueOf(
  element: OfficialElement,
  of: { type: string; name: string },
  at: Place,
  making: Making,
): Json {
  const { type, name } = of;
  if (name === 'code' && element.binding?.strength === 'required')
    return firstCode(element.binding.valueSet ?? '');
  const primitive = sound[name];
  if (primitive !== undefined) return primitive;
  if (name === 'BackboneElement' || name === 'Element')
    return fill(type, element.contentReference?.slice(1) ?? element.path, at, making);
  return fill(name, name, at, { ...making, around: [...making.around, name] });
}
