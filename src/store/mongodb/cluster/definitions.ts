import type { ResourceType } from '@medplum/fhirtypes';
import { indexDefinition } from '../../../search/indexDefinition.ts';
import type { SearchParameter } from '../../../search/query.ts';
import { resourceTypes } from '../../../datatypes/resourceType.ts';
import type { Registry } from '../../../search/registry.ts';
import { datedTypes } from '../index/compoundKey.ts';
import type { Collections } from '../connection/collections.ts';
import { nameOf } from '../index/parameterNumber.ts';

/** What the index of the whole store was made by: parameter → definition. `n` rises with every change, whoever makes it. */
export interface Definitions {
  readonly made: Readonly<Record<string, string>>;
  readonly n: number;
}

const madeByOf = new WeakMap<SearchParameter, string>();
/** What the index of a parameter was made by; another text means that it has to be made anew. */
export function madeBy(parameter: SearchParameter): string {
  const known = madeByOf.get(parameter);
  if (known !== undefined) return known;
  const made = indexDefinition(parameter);
  madeByOf.set(parameter, made);
  return made;
}

/** The definition of the auxiliary keys of a type. Its text is stored. */
const auxiliaryKeysOf = (type: ResourceType): string =>
  type === 'Patient'
    ? 'months, beginnings of names without punctuation'
    : 'days, months, beginnings of names';

/**
 * Auxiliary keys of a type, which belong to no parameter but make searches fast: days and months (compoundKey.ts), and
 * prefixes (prefixKey.ts). They are built and agreed upon like the entries of a parameter; until then searches do not
 * use them.
 */
const auxiliary = new Map(
  datedTypes.map((type): [ResourceType, SearchParameter] => [
    type,
    { type, code: '_aiding', kind: 'token', expression: auxiliaryKeysOf(type) },
  ]),
);
export const isAuxiliary = ({ code }: SearchParameter): boolean => code === '_aiding';

/** True while all resources of a type have their auxiliary keys. */
export const hasAuxiliaryKeys = (
  { made }: { readonly made: Readonly<Record<string, string>> },
  type: ResourceType,
): boolean => {
  const parameter = auxiliary.get(type);
  return parameter !== undefined && made[nameOf(parameter)] === madeBy(parameter);
};

let lastIndexed: readonly SearchParameter[] = [];
/**
 * All parameters of a registry that have index entries. The registries of a process have mostly the same ones, thousands:
 * then the list is the same object, by which what follows from it is kept.
 */
export function allIndexed(registry: Registry): readonly SearchParameter[] {
  const now = [...resourceTypes.flatMap((type) => registry.indexedOf(type)), ...auxiliary.values()];
  const isAsBefore = now.length === lastIndexed.length && now.every((one, i) => one === lastIndexed[i]);
  if (!isAsBefore) lastIndexed = now;
  return lastIndexed;
}

const definitionsOf = new WeakMap<readonly SearchParameter[], ReadonlyMap<string, string>>();
/** What the index of each parameter of a registry is to be made by. */
function wantedBy(registry: Registry): ReadonlyMap<string, string> {
  const all = allIndexed(registry);
  const known = definitionsOf.get(all);
  if (known) return known;
  const wanted = new Map(all.map((parameter) => [nameOf(parameter), madeBy(parameter)]));
  definitionsOf.set(all, wanted);
  return wanted;
}

const _id = 'parameters';

export async function readDefinitions({ setting }: Collections): Promise<Definitions> {
  const found = await setting.findOne({ _id });
  return { made: (found?.value ?? {}) as Record<string, string>, n: found?.n ?? 0 };
}

/** The number of the present definitions: they themselves are large. */
export async function numberOfDefinitions({ setting }: Collections): Promise<number> {
  const found = await setting.findOne({ _id }, { projection: { n: 1 } });
  return found?.n ?? 0;
}

/** Raises the number of the definitions, so that every server reads them again. */
export async function announce({ setting }: Collections): Promise<void> {
  await setting.updateOne({ _id }, { $inc: { n: 1 } }, { upsert: true });
}

/** Changes what the index was made by, unless anything changed since it was read: then undefined. */
export async function changeDefinitions(
  { setting }: Collections,
  { n }: Definitions,
  made: Readonly<Record<string, string>>,
): Promise<Definitions | undefined> {
  const { matchedCount } = await setting.updateOne({ _id, n }, { $set: { value: made, n: n + 1 } });
  return matchedCount === 1 ? { made, n: n + 1 } : undefined;
}

export const without = (
  made: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
): Record<string, string> => Object.fromEntries(Object.entries(made).filter(([name]) => !names.has(name)));

/** What the index was made by and a registry has not, or has otherwise: what is written by it has no such entries. */
export function goneFrom(registry: Registry, made: Readonly<Record<string, string>>): ReadonlySet<string> {
  const own = wantedBy(registry);
  return new Set(Object.keys(made).filter((name) => own.get(name) !== made[name]));
}
