import { isTaxonomy, looksLikeTaxonomy } from '../../../terminology/taxonomy.ts';
import { taxonomiesOf } from '../party.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** The billing provider has a taxonomy code of ten characters, the last an X (PRV03). */
export const taxonomyFormat: ScrubRule = {
  id: 'taxonomy-format',
  source: 'billing rule 4; NUCC Health Care Provider Taxonomy 25.1',
  carc: '16',
  cure: 'Code the type of the billing Organization with its NUCC taxonomy.',
  severity: 'error',
  check: ({ biller }) => {
    if (!biller) return [];
    const codes = taxonomiesOf(biller);
    if (codes.length === 0)
      return [fault('Claim.provider', 'the billing provider has no taxonomy code', 'warning')];
    return codes.flatMap((code) => {
      if (!looksLikeTaxonomy(code))
        return [fault('Claim.provider', 'a taxonomy code of the billing provider has the wrong form')];
      return isTaxonomy(code)
        ? []
        : [fault('Claim.provider', 'a taxonomy code of the billing provider is not in NUCC 25.1', 'warning')];
    });
  },
};
