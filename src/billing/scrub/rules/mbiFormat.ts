import type { Coverage } from '@medplum/fhirtypes';
import { memberIdOf } from '../party.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A Medicare member id is a Medicare Beneficiary Identifier; only where Coverage.type says Medicare. */
export const mbiFormat: ScrubRule = {
  id: 'mbi-format',
  source: 'billing rule 7; CMS, Medicare Beneficiary Identifier format',
  carc: '31',
  cure: 'Copy the eleven characters of the Medicare card, without hyphens.',
  severity: 'error',
  check: ({ insurances }) =>
    insurances.flatMap(({ at, coverage }) => {
      const id = memberIdOf(coverage);
      return unless(
        id === undefined || !isMedicare(coverage) || mbi.test(id),
        `${at}.coverage`,
        'the member id of this Medicare coverage has not the form of a Medicare Beneficiary Identifier',
      );
    }),
};

const letter = '[AC-HJKMNP-RT-Y]';
const either = '[0-9AC-HJKMNP-RT-Y]';
const mbi = new RegExp(`^[1-9]${letter}${either}\\d${letter}${either}\\d${letter}{2}\\d{2}$`);

/** Source of Payment Typology 12 (Medicare fee for service), 13 (hospice), 14 (dual), or claim filing indicator MA, MB. */
const isMedicare = (coverage: Coverage | undefined): boolean =>
  coverage?.type?.coding?.some(
    ({ system = '', code = '' }) =>
      (/sopt$/i.test(system) && /^(12\d?|13|14)$/.test(code)) ||
      (/filing-indicator/i.test(system) && /^M[AB]$/.test(code)),
  ) ?? false;
