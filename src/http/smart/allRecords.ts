import type { KeptRecord, Records } from '../../store/record.ts';

const pageSize = 500;

/** Every record of a kind, or those whose keys have a prefix: read page by page, never cut. */
export async function allRecords(records: Records, kind: string, prefix?: string): Promise<KeptRecord[]> {
  const found: KeptRecord[] = [];
  const of = { count: pageSize, ...(prefix === undefined ? {} : { prefix }) };
  for (let after: string | undefined; ;) {
    const page = await records.list(kind, after === undefined ? of : { ...of, after });
    found.push(...page);
    after = page.at(-1)?.key;
    if (after === undefined) return found;
  }
}
