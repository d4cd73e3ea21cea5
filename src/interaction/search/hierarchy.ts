import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../../outcome/fhirError.ts';
import { extract } from '../../search/extract.ts';
import type { FilterValue, SearchParameter, SearchQuery } from '../../search/query.ts';
import type { Reader } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { codesMax, tooMany } from '../terminology/expandValueSet.ts';
import { parsed } from '../stored.ts';

/** The parameter of a type by which one is part of another of the same type, as a ward is of a hospital. */
function partOf({ store }: Context, type: ResourceType): SearchParameter | undefined {
  const named = store.registry.parametersOf(type);
  const found = named.get('partof') ?? named.get('part-of');
  return found?.kind === 'reference' && found.target?.includes(type) ? found : undefined;
}

/**
 * What a reference with `:below` (or `:above`) means: the one named, and all that are part of it (that it is part of),
 * however far down or up. See https://hl7.org/fhir/R4/search.html#recursive
 */
export async function hierarchy(
  context: Context,
  reader: Reader,
  { target, text }: FilterValue,
  way: 'above' | 'below',
): Promise<FilterValue[]> {
  const types = target && 'types' in target ? target.types.filter((type) => partOf(context, type)) : [];
  const { id = '' } = target && 'id' in target ? target : {};
  if (types.length === 0)
    throw badRequest(
      'malformed-value',
      `${text.slice(0, 64)} is of no type whose resources are part of each other: :${way} means nothing there`,
    );
  const found: FilterValue[] = [];
  for (const type of types) {
    const parameter = partOf(context, type);
    if (!parameter) continue;
    const seen = new Set([id]);
    for (const at of seen) {
      const next =
        way === 'below'
          ? await childrenOf(reader, type, parameter, at)
          : await parentsOf(context, reader, type, parameter, at);
      for (const one of next) seen.add(one);
      if (seen.size > codesMax) throw tooMany();
    }
    for (const one of seen) found.push({ text: `${type}/${one}`, target: { types: [type], id: one } });
  }
  return found;
}

async function childrenOf(
  reader: Reader,
  type: ResourceType,
  parameter: SearchParameter,
  id: string,
): Promise<string[]> {
  const values = [{ text: `${type}/${id}`, target: { types: [type], id } }];
  const query: SearchQuery = {
    type,
    filters: [{ op: 'filter', parameter, values }],
    sort: [],
    count: 1000,
    total: 'none',
    include: [],
    revinclude: [],
  };
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await reader.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    for (const row of page.matches) ids.push(row.id);
    cursor = page.next;
    if (cursor === undefined) return ids;
  }
}

async function parentsOf(
  { store: { registry }, publicUrl: base }: Context,
  reader: Reader,
  type: ResourceType,
  parameter: SearchParameter,
  id: string,
): Promise<string[]> {
  const row = await reader.read(type, id);
  if (!row || row.deleted) return [];
  return extract(parsed(row), { registry, base }).flatMap((entry) =>
    entry.kind === 'reference' && entry.parameter.code === parameter.code && entry.type === type
      ? [entry.id]
      : [],
  );
}
