import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { testOf } from '../../../search/holds.ts';
import type { Chain } from '../../../search/query.ts';
import type { ResidualFilter } from '../../../search/residualFilter.ts';
import { badRequest, type FhirError } from '../../../outcome/fhirError.ts';
import { resourceOf } from '../../version.ts';
import { storedFields, storedOf } from '../connection/collections.ts';
import { byReferences } from '../history/read.ts';
import { within, type View } from '../connection/mongoState.ts';
import type { Match } from './match.ts';

/** Most ids in one query: the limit of 16 MB of BSON is not far above. */
export const idsMax = 200_000;
const batchSize = 500;
/** Most resources, other than candidates, that are kept in memory. */
const keptMax = 10_000;

/** 400 for a search that would be answered in part only. */
export const tooMany = (what: string): FhirError =>
  badRequest('too-costly', `More than ${idsMax} are ${what}: ask more narrowly`);

/** The ids of candidates that meet what no index answers: each is read and tested. */
export async function scan(
  view: View,
  candidates: Match,
  criterion: ResidualFilter | Chain,
): Promise<string[]> {
  const { state } = view;
  const others = new Others(view);
  const { registry, base } = state;
  const matches = testOf(criterion, { registry, base, find: (type, id) => others.find(type, id) });
  const ids: string[] = [];
  const rows = state.collections.resource.find(candidates, {
    projection: storedFields,
    batchSize,
    ...within(view),
  });
  for await (const row of rows) {
    const resource = resourceOf(storedOf(row._id, row.v, row));
    let isMet = matches(resource);
    while (await others.fetch()) isMet = matches(resource);
    if (!isMet) continue;
    ids.push(row._id);
    if (ids.length > idsMax)
      throw tooMany(`${criterion.parameter.type} that meet ${criterion.parameter.code}`);
  }
  return ids;
}

/** Resources that a test reads: it is repeated after missing ones have been fetched. */
class Others {
  readonly #view: View;
  readonly #known = new Map<string, Resource | undefined>();
  #missed = new Set<string>();
  constructor(view: View) {
    this.#view = view;
  }

  find(type: ResourceType, id: string): Resource | undefined {
    const name = `${type}/${id}`;
    if (!this.#known.has(name)) this.#missed.add(name);
    return this.#known.get(name);
  }

  /** Fetches what was missed; false when nothing was. */
  async fetch(): Promise<boolean> {
    if (this.#missed.size === 0) return false;
    if (this.#known.size > keptMax) this.#known.clear();
    for (const name of this.#missed) this.#known.set(name, undefined);
    for (const row of await byReferences(this.#view, [...this.#missed]))
      this.#known.set(`${row.type}/${row.id}`, resourceOf(row));
    this.#missed = new Set();
    return true;
  }
}
