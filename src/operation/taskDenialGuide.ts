import type { ConceptMap } from '@medplum/fhirtypes';
import { guideAsMap } from '../billing/denial/guideMap.ts';
import { operationDefinition } from './definition.ts';
import { readGuide } from './denial/readGuide.ts';
import type { Operation } from './operation.ts';

/** GET [base]/Task/$denial-guide: what is done about each denial, as the ConceptMap that changes it. */
export const taskDenialGuide: Operation = {
  definition: operationDefinition('Task-denial-guide'),
  asCaller: true,
  async run({ tx, on }): Promise<ConceptMap> {
    const rows = await readGuide(tx);
    const key = (r: (typeof rows)[number]): string => `${r.list} ${r.code} ${r.payer ?? ''}`;
    return guideAsMap([...new Map(rows.map((r) => [key(r), r])).values()], on);
  },
};
