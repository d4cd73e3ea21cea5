import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** An institutional claim says what kind of bill it is: 0, facility, classification, frequency; the others do not (CLM05). */
export const typeOfBillFormat: ScrubRule = {
  id: 'type-of-bill',
  source: 'billing rule 13; 837I CLM05, types of bill as published by CMS',
  carc: '16',
  cure: 'Give the claim the supporting information typeofbill, e.g. 0111 or 0131.',
  severity: 'error',
  check: ({ claim, form, bill, billCode }) => {
    const [given] = supporting(claim, 'typeofbill');
    if (form === undefined) return [];
    if (form !== 'institutional') {
      return unless(!given, given?.at ?? '', `a claim of type ${form} has no type of bill`);
    }
    const at = given ? `${given.at}.code` : 'Claim.supportingInfo';
    return [
      ...unless(bill !== undefined, at, 'the type of bill is missing or is none that CMS publishes'),
      ...unless(
        bill === undefined || billCode?.length === 4,
        at,
        'the type of bill lacks its leading zero',
        'warning',
      ),
    ];
  },
};
