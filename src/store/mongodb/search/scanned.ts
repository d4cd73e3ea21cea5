import type { Criterion } from '../../../search/query.ts';
import { matcherOf, type Scanned } from '../../../search/residualFilter.ts';
import { badRequest, type FhirError } from '../../../outcome/fhirError.ts';
import { resourceOf } from '../../version.ts';
import { storedFields, storedOf } from '../connection/collections.ts';
import type { Match } from './range.ts';
import { within, type View } from '../connection/mongoState.ts';

/** Ids that a question takes: 16 MB of BSON hold more, but not many times as much. */
export const idsMax = 200_000;
const batchSize = 500;

/** The criterion itself where no index answers it. */
export const scannedIn = (criterion: Criterion): Scanned | undefined =>
  criterion.op === 'composite' || (criterion.op === 'filter' && criterion.parameter.scanned === true)
    ? criterion
    : undefined;

/** 400 instead of part of an answer. */
export const tooMany = (what: string): FhirError =>
  badRequest('too-costly', `More than ${idsMax} are ${what}: ask more narrowly`);

/** The ids of candidates that meet what no index answers: each is read and tested. */
export async function scan(view: View, candidates: Match, criterion: Scanned): Promise<string[]> {
  const { shared } = view;
  const meets = matcherOf(criterion, shared);
  const ids: string[] = [];
  const rows = shared.collections.resource.find(candidates, {
    projection: storedFields,
    batchSize,
    ...within(view),
  });
  for await (const row of rows) {
    if (!meets(resourceOf(storedOf(row._id, row.v, row)))) continue;
    ids.push(row._id);
    if (ids.length > idsMax)
      throw tooMany(`${criterion.parameter.type} that meet ${criterion.parameter.code}`);
  }
  return ids;
}
