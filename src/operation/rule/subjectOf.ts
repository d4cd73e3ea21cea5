import type { Claim, Encounter } from '@medplum/fhirtypes';
import { subjectFrom, type Subject } from '../../billing/rule/subject.ts';
import type { Known } from '../../datatypes/known.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** What a rule may look at of a claim: what was read of it already, and its visit. */
export async function subjectOf(reader: Reader, claim: Claim, known: Known, on: string): Promise<Subject> {
  const visit = claim.item?.find((item) => item.encounter)?.encounter?.[0];
  return subjectFrom(claim, { known, encounter: await resolve<Encounter>(reader, 'Encounter', visit), on });
}
