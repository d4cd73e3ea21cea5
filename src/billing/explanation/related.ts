import type { ExplanationOfBenefit, ExplanationOfBenefitRelated, Identifier } from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { system } from '../../terminology/system.ts';

/** The number by which a payer knows one explanation. */
const claimNumber = ({ identifier }: ExplanationOfBenefit): Identifier | undefined =>
  identifier?.find((i) => has(i.type, system.c4bbIdentifierType, 'uc'));

const prior = (reference: Identifier): ExplanationOfBenefitRelated => ({
  relationship: concept(system.relatedClaim, 'prior'),
  reference,
});

const replacedBy = (reference: Identifier): ExplanationOfBenefitRelated => ({
  relationship: concept(system.c4bbRelatedClaim, 'replacedby'),
  reference,
});

/** An explanation under a number of its own: the payer's number of the claim, and which of its explanations this is. */
export function numberedApart(eob: ExplanationOfBenefit, which: number): ExplanationOfBenefit {
  const number = claimNumber(eob);
  const value = number?.value;
  if (!number || value === undefined) return eob;
  return changed(eob, {
    identifier: (eob.identifier ?? []).map((i) =>
      i === number ? changed(i, { value: `${value}-${which}` }) : i,
    ),
  });
}

/** An explanation that names the one before it and the one after it, each by its number. C4BB 2.0.0, `related` */
export function betweenOthers(
  eob: ExplanationOfBenefit,
  { before, after }: { readonly before?: ExplanationOfBenefit; readonly after?: ExplanationOfBenefit },
): ExplanationOfBenefit {
  const numbers = { before: before && claimNumber(before), after: after && claimNumber(after) };
  const related = [
    ...(eob.related ?? []),
    ...(numbers.before ? [prior(numbers.before)] : []),
    ...(numbers.after ? [replacedBy(numbers.after)] : []),
  ];
  return related.length === 0 ? eob : changed(eob, { related });
}
