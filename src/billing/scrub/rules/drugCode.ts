import { codeOf } from '../../../datatypes/coding.ts';
import { compound } from '../../../terminology/compound.ts';
import { ndcOf } from '../../../terminology/ndc.ts';
import { system } from '../../../terminology/system.ts';
import { supporting } from '../view.ts';
import { unless, type Fault, type ScrubRule } from '../rule.ts';

/** A fill has an NDC of eleven digits, or is a compound of ingredients that have one, and says which of the two. */
export const drugCode: ScrubRule = {
  id: 'drug-code',
  source: 'NCPDP Telecommunication D.0, 407-D7, 406-D6 and the compound segment; FHIR R4 Claim.item.detail',
  carc: '16',
  cure: 'Give the drug, or each ingredient, its NDC.',
  severity: 'error',
  check: ({ claim, form, lines }) => {
    if (form !== 'pharmacy') return [];
    const said = supporting(claim, 'compoundcode')[0];
    const code = said?.element.code?.coding?.[0]?.code;
    return lines.flatMap(({ item, at }): Fault[] => {
      const isMixed = codeOf(item.productOrService, system.c4bbCompound) === compound;
      const detail = item.detail ?? [];
      return [
        ...unless(isMixed || isNdc(item.productOrService), `${at}.productOrService`, 'this drug has no NDC'),
        ...unless(!isMixed || detail.length > 0, `${at}.detail`, 'this compound has no ingredients'),
        ...detail.flatMap((d, i) =>
          unless(
            isNdc(d.productOrService),
            `${at}.detail[${i}].productOrService`,
            'this ingredient has no NDC',
          ),
        ),
        ...unless(
          code === undefined || code === '0' || (code === '2') === isMixed,
          said?.at ?? at,
          'the compound code does not fit the line',
        ),
      ];
    });
  },
};

const isNdc = (concept: Parameters<typeof codeOf>[0]): boolean =>
  'ndc' in ndcOf(codeOf(concept, system.ndc) ?? '');
