import { extensionOf } from '../../../datatypes/extension.ts';
import { extension } from '../../../terminology/system.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** Signature, assignment and release are stated with the codes of the claim form (CLM06 to CLM09). */
export const signature: ScrubRule = {
  id: 'signature',
  source: 'billing rule 16; 837 CLM06 to CLM09',
  carc: '16',
  cure: 'Set the defaults on the billing Organization, or the extension on the claim.',
  severity: 'error',
  check: ({ claim }) =>
    wanted.flatMap(({ url, codes, name }) => {
      const found = extensionOf(claim, url);
      const at = `Claim.extension('${url}')`;
      if (!found) return [fault(at, `the claim does not state the ${name}`, 'warning')];
      const value = extensionOf(found, 'value')?.valueCode ?? found.valueCode;
      return unless(codes.test(value ?? ''), at, `the ${name} has no code of the claim form`);
    }),
};

const wanted = [
  { url: extension.providerSignature, codes: /^[YN]$/, name: 'signature of the provider' },
  { url: extension.acceptAssignment, codes: /^[ABC]$/, name: 'acceptance of assignment' },
  { url: extension.assignmentOfBenefits, codes: /^[YNW]$/, name: 'assignment of benefits' },
  { url: extension.releaseOfInformation, codes: /^[YI]$/, name: 'release of information' },
];
