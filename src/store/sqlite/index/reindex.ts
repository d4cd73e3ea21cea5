import type { ResourceType } from '@medplum/fhirtypes';
import { resourceOf } from '../../version.ts';
import { addEntries } from './entries.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';

/** Makes the index entries of a whole type anew, inside the transaction that is open; answers how many resources. */
export function reindexType(state: SqliteState, type: ResourceType): number {
  const { database, names } = state;
  const from = names.type(type) * typeSpan;
  for (const table of ['token', 'reference', 'date', 'string', 'quantity'])
    clear(state, table, [from, from + typeSpan]);
  let resources = 0;
  for (let last = from; ;) {
    const page = database.all(
      'SELECT rid, json FROM resource WHERE rid > ? AND rid < ? AND method < 2 ORDER BY rid LIMIT 1000',
      ...[last, from + typeSpan],
    );
    for (const [rid, json] of page) addEntries(state, Number(rid), resourceOf({ json: json as Uint8Array }));
    resources += page.length;
    if (page.length < 1000) return resources;
    last = Number(page.at(-1)?.[0]);
  }
}

function clear({ database }: SqliteState, table: string, [from, to]: readonly [number, number]): void {
  if (Number(database.get('SELECT count(*) FROM resource WHERE rid > ? AND rid < ?', from, to)?.[0]) === 0)
    return;
  database.run(`DELETE FROM ${table} WHERE rid > ? AND rid < ?`, from, to);
}
