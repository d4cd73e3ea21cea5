import { codeOf } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Numbers of certificates and trials have the form that their issuer gives them. */
export const referenceNumber: ScrubRule = {
  id: 'reference-number',
  source: 'billing rule 18; 837 loop 2300 REF X4, EW, LX and P4; 42 CFR 493, 21 CFR 812 and 900',
  carc: '16',
  cure: 'Copy the number from the certificate: CLIA as nnDnnnnnnn, an investigational device as Gnnnnnn.',
  severity: 'error',
  check: ({ claim }) =>
    supporting(claim, 'reference-number').flatMap(({ element, at }) => {
      const form = forms[codeOf(element.code, system.x12Reference) ?? ''];
      return unless(
        form === undefined || form.pattern.test(element.valueString ?? ''),
        `${at}.value`,
        `this is no ${form?.called ?? 'number'}`,
      );
    }),
};

const forms: Readonly<Record<string, { readonly called: string; readonly pattern: RegExp }>> = {
  X4: { called: 'CLIA number (two digits, D, seven digits)', pattern: /^\d{2}D\d{7}$/ },
  EW: { called: 'number of a mammography certificate (six digits)', pattern: /^\d{6}$/ },
  LX: { called: 'number of an investigational device (a letter, six digits)', pattern: /^[A-Z]\d{6}$/ },
  P4: { called: 'number of a demonstration or trial (at most eight digits)', pattern: /^\d{1,8}$/ },
};
