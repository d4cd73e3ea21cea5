import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A fill is the first one or one of the refills that were authorised. */
export const fillNumber: ScrubRule = {
  id: 'fill-number',
  source: 'NCPDP Telecommunication D.0, 403-D3 and 415-DF; FHIR R4 Claim.supportingInfo',
  carc: '16',
  cure: 'Check the number of the fill, or get a new prescription.',
  severity: 'warning',
  check: ({ claim, form }) => {
    if (form !== 'pharmacy') return [];
    const [fill] = supporting(claim, 'refillnum');
    const number = fill?.element.valueQuantity?.value ?? 0;
    const authorised = supporting(claim, 'refillsauthorized')[0]?.element.valueQuantity?.value ?? number;
    return unless(
      number <= authorised,
      fill?.at ?? 'Claim.supportingInfo',
      'no refill is left for this fill',
    );
  },
};
