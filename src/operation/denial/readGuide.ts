import type { ConceptMap } from '@medplum/fhirtypes';
import { shippedGuide, type GuideRow } from '../../billing/denial/denialGuide.ts';
import { guideRows, guideUrl } from '../../billing/denial/guideMap.ts';
import { find } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** What is done about each reason: our rows, then those of the office. */
export async function readGuide(reader: Reader): Promise<readonly GuideRow[]> {
  const maps = await find<ConceptMap>(reader, 'ConceptMap', { url: guideUrl });
  return maps.reduce<readonly GuideRow[]>((rows, map) => [...rows, ...guideRows(map, rows)], shippedGuide);
}
