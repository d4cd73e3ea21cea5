import type { Claim } from '@medplum/fhirtypes';
import { editsNotRun } from '../../billing/scrub/tables.ts';
import { viewOf } from '../../billing/scrub/view.ts';
import type { Call } from '../operation.ts';
import { loadedTables } from './loadedTables.ts';

/** Which edits of a claim were not run for want of a coding table, in words; undefined where all were. */
export async function tableEditsLeft(call: Call, claim: Claim): Promise<string | undefined> {
  const loaded = await loadedTables(call.tx, call.context.store);
  return editsNotRun(loaded, viewOf({ ...nothingKnown, claim, on: call.on }));
}

const nothingKnown = {
  known: new Map<string, never>(),
  earlier: [],
  plan: { authorization: new Set<string>() },
};
