import type { ResourceType } from '@medplum/fhirtypes';
import { resourceOf } from '../version.ts';
import { addEntries } from './entries.ts';
import { typeSpan, type Shared } from './shared.ts';

/** Makes the index entries of a whole type anew, inside the transaction that is open; answers how many resources. */
export function reindexType(shared: Shared, type: ResourceType): number {
  const { database, names } = shared;
  const from = names.type(type) * typeSpan;
  const rows = database.prepare(
    'SELECT rid, json FROM resource WHERE rid > ? AND rid < ? AND method < 2 ORDER BY rid LIMIT 1000',
  );
  for (const table of ['token', 'reference', 'date', 'string', 'quantity'])
    clear(shared, table, [from, from + typeSpan]);
  let resources = 0;
  for (let last = from; ;) {
    const page = rows.all(last, from + typeSpan) as unknown as [number, Uint8Array][];
    for (const [rid, json] of page) addEntries(shared, rid, resourceOf({ json }));
    resources += page.length;
    if (page.length < 1000) return resources;
    last = page.at(-1)?.[0] ?? last;
  }
}

function clear({ database }: Shared, table: string, [from, to]: readonly [number, number]): void {
  if (Number(database.get('SELECT count(*) FROM resource WHERE rid > ? AND rid < ?', from, to)?.[0]) === 0)
    return;
  database.run(`DELETE FROM ${table} WHERE rid > ? AND rid < ?`, from, to);
}
