import { fromMoney, type Cents } from '../../../src/datatypes/cents.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { toJson } from '../../../src/datatypes/json.ts';
import { runView } from '../../../src/operation/view/runView.ts';
import { readView } from '../../../src/operation/view/viewDefinition.ts';
import { shippedViews } from '../../../src/operation/view/shippedViews.ts';
import type { MeasureReport, Resource } from '@medplum/fhirtypes';
import { viewIn } from '../../../src/operation/view/keptView.ts';

export type ViewRow = Readonly<Record<string, string | number | null>>;

/** The rows of a shipped view over all that a store has now, or over resources that are given. */
export async function viewed(
  { store }: Pick<Context, 'store'>,
  id: string,
  given?: readonly (Resource | MeasureReport)[],
): Promise<readonly ViewRow[]> {
  const library = shippedViews.find((one) => one.id === id);
  const read = readView(library && viewIn(library));
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  let text = '';
  const run = {
    ...{ view: read.view, format: 'json' as const, hasHeader: true, rowsMax: Number.MAX_SAFE_INTEGER },
    ...{ store, at: Date.now() + 86_400_000 },
    ...(given ? { given: given.map((one) => ({ json: Buffer.from(toJson(one)) })) } : {}),
  };
  for await (const part of runView(run)) text += part;
  return JSON.parse(text) as ViewRow[];
}

/** What a column adds up to, in cents. */
export const added = (rows: readonly ViewRow[], column: string): Cents =>
  rows.reduce(
    (sum, row) => (sum + fromMoney({ value: Number(row[column] ?? 0), currency: 'USD' })) as Cents,
    0 as Cents,
  );
