import type { ClaimSupportingInfo } from '@medplum/fhirtypes';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A fill says its days supply, product selection, number and the refills that were authorised, each once. */
export const fillDetails: ScrubRule = {
  id: 'fill-details',
  source: 'NCPDP Telecommunication D.0, 405-D5, 408-D8, 403-D3, 415-DF; FHIR R4 Claim.supportingInfo',
  carc: '16',
  cure: 'Complete the MedicationDispense and its prescription: days supply, fill number, refills.',
  severity: 'error',
  check: ({ claim, form }) =>
    form !== 'pharmacy'
      ? []
      : Object.entries(wanted).flatMap(([category, { fits, text }]) => {
          const [first, ...more] = supporting(claim, category);
          return unless(
            first !== undefined && more.length === 0 && fits(first.element),
            first === undefined ? 'Claim.supportingInfo' : first.at,
            text,
          );
        }),
};

const isCount =
  (least: number, most: number) =>
  ({ valueQuantity }: ClaimSupportingInfo): boolean => {
    const value = valueQuantity?.value;
    return value !== undefined && Number.isInteger(value) && value >= least && value <= most;
  };

const wanted = {
  dayssupply: { fits: isCount(1, 999), text: 'the fill does not say for how many days it is' },
  dawcode: {
    fits: ({ code }: ClaimSupportingInfo) => /^\d$/.test(code?.coding?.[0]?.code ?? ''),
    text: 'the fill does not say in one digit why this product was dispensed',
  },
  refillnum: { fits: isCount(0, 99), text: 'the fill does not say which one of its prescription it is' },
  refillsauthorized: { fits: isCount(0, 99), text: 'nobody says how many refills the prescription has' },
} as const;
