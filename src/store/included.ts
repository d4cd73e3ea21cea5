import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../datatypes/resourceType.ts';
import { unsupported } from '../outcome/fhirError.ts';
import { holdsCanonicals, keysOfResource } from '../search/canonical.ts';
import { extract, type ExtractOptions } from '../search/extract.ts';
import type { Include, SearchParameter } from '../search/query.ts';
import { shipped, type Registry } from '../search/registry.ts';
import type { Stored } from './store.ts';
import { resourceOf } from './version.ts';

/** Resources that are added to a page at most; more are refused, not cut off. */
export const includedMax = 10_000;

export const tooManyIncluded = (): Error =>
  unsupported(
    403,
    'too-costly',
    `The page would include more than ${includedMax} resources; ask for fewer rows (_count) or for less to include`,
  );

interface Wanted {
  readonly code: string | undefined; // undefined: whatever parameter
  readonly ofOrigin: ResourceType | undefined;
  readonly target: ResourceType | undefined;
}

/** What a row refers to: a resource as it is now, or one version of it. */
export interface Referred {
  readonly type: ResourceType;
  readonly id: string;
  readonly version?: number; // NaN: one that nothing has
}

/** One version of a resource by its name: what is on a page once. */
export const versionName = ({ type, id, version }: Stored): string => `${type}/${id}/_history/${version}`;

/** Versions are numbers, written in one way. */
const numbered = (version: string): number => (/^[1-9]\d{0,14}$/.test(version) ? Number(version) : NaN);

/** The resources here that a row refers to by what _include asks for; may name one twice. */
export function referred(include: readonly Include[], row: Stored, options: ExtractOptions): Referred[] {
  const asked = include.filter(({ source }) => source === undefined || source === row.type);
  if (asked.length === 0 || row.deleted) return [];
  const wanted = asked.flatMap(({ parameter, codes = [undefined], target }): Wanted[] => {
    if (!parameter) return codes.map((code) => ({ code, ofOrigin: undefined, target }));
    const origins = parameter.from ?? [{ code: parameter.code }];
    return origins.map((origin) => ({
      code: origin.code,
      ofOrigin: 'target' in origin ? origin.target : undefined,
      target,
    }));
  });
  return extract(resourceOf(row), options).flatMap((entry) => {
    if (entry.kind !== 'reference' || !entry.type) return [];
    const { type, id, version, parameter } = entry;
    const isWanted = wanted.some(
      ({ code, ofOrigin, target }) =>
        (code === undefined || code === parameter.code) &&
        (ofOrigin ?? type) === type &&
        (target ?? type) === type,
    );
    if (!isWanted) return [];
    return [version === undefined ? { type, id } : { type, id, version: numbered(version) }];
  });
}

/** A canonical URL that is to be included: the entries, of each type it may name, among which its key is looked up. */
export interface Canonical {
  readonly key: string;
  readonly addresses: readonly SearchParameter[];
}

/** The canonical URLs of a row that _include asks for; each is to be found among the types that its parameter names. */
export function canonicalsOf(include: readonly Include[], row: Stored, options: ExtractOptions): Canonical[] {
  const { registry = shipped } = options;
  const holding = holdingOf(registry, row.type);
  const asked = include.filter(({ source }) => source === undefined || source === row.type);
  if (holding.length === 0 || asked.length === 0 || row.deleted) return [];
  const entries = extract(resourceOf(row), options).flatMap((entry) =>
    entry.kind === 'reference' && entry.parameter.part === 'canonical' ? [entry] : [],
  );
  if (entries.length === 0) return [];
  return asked.flatMap(({ parameter, codes, target }) =>
    holding
      .filter((one) => (parameter ? one.code === parameter.code : codes?.includes(one.code) !== false))
      .flatMap((one) => {
        const types = (one.target ?? resourceTypes).filter((type) => target === undefined || type === target);
        const links = types.flatMap((type) => registry.canonicalLink(one, type) ?? []);
        const [link] = links;
        const codes = new Set(link?.from.from?.map(({ code }) => code) ?? (link ? [link.from.code] : []));
        const keys = new Set(entries.filter((e) => codes.has(e.parameter.code)).map(({ id }) => id));
        return [...keys].map((key) => ({ key, addresses: links.map(({ to }) => to) }));
      }),
  );
}

/** By which keys, and by which entries, resources name one canonically through what _revinclude asks for. */
export function referringCanonically(
  { source, parameter, target }: Include,
  to: Stored,
  { registry = shipped }: ExtractOptions,
): { readonly parameters: readonly SearchParameter[]; readonly keys: readonly string[] } {
  const none = { parameters: [], keys: [] };
  if (to.deleted || (target !== undefined && target !== to.type)) return none;
  const naming = namingOf(registry, to.type);
  const parameters = naming.flatMap(({ by, from }) =>
    (parameter ? by.type === parameter.type && by.code === parameter.code : (source ?? by.type) === by.type)
      ? [from]
      : [],
  );
  if (parameters.length === 0) return none;
  return { parameters, keys: keysOfResource(resourceOf(to)) };
}

/** A parameter that may name resources of a type by their canonical URLs, and that of its keys. */
interface Naming {
  readonly by: SearchParameter;
  readonly from: SearchParameter;
}
interface Following {
  readonly revision: number; // of the registry
  readonly holding: Map<ResourceType, readonly SearchParameter[]>;
  readonly naming: Map<ResourceType, readonly Naming[]>;
}
const known = new WeakMap<Registry, Following>();

function followingOf(registry: Registry): Following {
  let made = known.get(registry);
  if (made?.revision !== registry.revision) {
    made = { revision: registry.revision, holding: new Map(), naming: new Map() };
    known.set(registry, made);
  }
  return made;
}

/** The parameters of a type that hold canonical URLs, looked up once. */
function holdingOf(registry: Registry, type: ResourceType): readonly SearchParameter[] {
  const { holding } = followingOf(registry);
  const found =
    holding.get(type) ?? [...registry.parametersOf(type).values()].filter((p) => holdsCanonicals(p));
  holding.set(type, found);
  return found;
}

/** The parameters, of whatever type, that may name resources of a type by their canonical URLs, looked up once. */
function namingOf(registry: Registry, type: ResourceType): readonly Naming[] {
  const { naming } = followingOf(registry);
  const find = (): Naming[] =>
    resourceTypes
      .flatMap((source) => holdingOf(registry, source))
      .filter((by) => by.target?.includes(type) !== false)
      .flatMap((by) => {
        const link = registry.canonicalLink(by, type);
        return link ? [{ by, from: link.from }] : [];
      });
  const found = naming.get(type) ?? find();
  naming.set(type, found);
  return found;
}
