import type { ScrubInput } from '../../billing/scrub/input.ts';
import { servedOf } from '../../billing/scrub/earlier.ts';
import { editionsOn, rowsAsked, scrubTables, type FoundRow } from '../../billing/scrub/tables.ts';
import { viewOf } from '../../billing/scrub/view.ts';
import type { RecordKey } from '../../store/store.ts';
import type { RowValue } from '../../terminology/table/layout.ts';
import type { ScrubTables } from '../../terminology/table/lookUp.ts';
import type { Call } from '../operation.ts';
import { rowsKind, rowsPrefix, type LoadedTable } from './loadedTables.ts';

/** The rows of the loaded coding tables that the scrub of a claim looks up, read in one question. */
export async function readClaimTables(
  { tx }: Call,
  loaded: readonly LoadedTable[],
  input: ScrubInput,
): Promise<ScrubTables> {
  const view = viewOf(input);
  const asked = rowsAsked({ ...view, served: servedOf(input, view.lines) });
  const keys = new Map<string, RecordKey>();
  for (const { table, on, key } of asked)
    for (const { id } of editionsOn(loaded, table, on)) keys.set(`${id} ${key}`, { kind: rowsKind(id), key });
  const found = keys.size === 0 ? [] : await tx.gathered([...keys.values()]);
  return scrubTables(
    loaded,
    found.map(({ kind, key, value }): FoundRow => {
      const values = JSON.parse(value) as readonly RowValue[];
      return { id: kind.slice(rowsPrefix.length), key, values };
    }),
  );
}
