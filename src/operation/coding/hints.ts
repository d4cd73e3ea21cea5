import type { Claim } from '@medplum/fhirtypes';
import { codingHints } from '../../billing/rule/shipped.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { judged } from '../rule/judgements.ts';
import { subjectOf } from '../rule/subjectOf.ts';
import { readKnown } from '../submission/readKnown.ts';

/** Something that a coder may look at again. */
export interface Hint {
  readonly claim: string; // Claim/1
  readonly rule: string;
  readonly place: string;
  readonly text: string;
}

/** What the drafts of a visit may be looked at again for. They are hints: nothing is held by them. */
export async function hintsFor(call: Call, encounter: string | undefined): Promise<Hint[]> {
  const visit = unversionedText(encounter);
  if (visit === undefined) return [];
  const hints: Hint[] = [];
  for (const claim of await find<Claim>(call.tx, 'Claim', { encounter: visit, status: 'draft' })) {
    const subject = await subjectOf(call.tx, claim, await readKnown(call.tx, claim), call.on);
    const found = judged(codingHints, subject);
    codingHints.forEach(({ rule, text }, i) => {
      const places = found[i] ?? [];
      if (typeof places === 'string') return;
      for (const place of places) hints.push({ claim: `Claim/${claim.id ?? ''}`, rule, place, text });
    });
  }
  return hints;
}
