import { isOralArea, isTooth } from '../../../terminology/tooth.ts';
import { system } from '../../../terminology/system.ts';
import { codeOf } from '../../../datatypes/coding.ts';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Teeth are numbered by the ADA's universal system, areas of the mouth by its codes (SV304, TOO). */
export const toothNumber: ScrubRule = {
  id: 'tooth-number',
  source: 'ADA dental claim form boxes 25 and 27; 837D loop 2400 SV304 and TOO',
  carc: '16',
  cure: 'Chart the tooth as 1 to 32 or A to T, the area of the mouth by its code.',
  severity: 'error',
  check: ({ claim, form, lines }) => {
    if (form !== 'oral') return [];
    const sites = [
      ...lines.map(({ item, at }) => ({ at: `${at}.bodySite`, site: item.bodySite })),
      ...['additionalbodysite', 'missingtoothnumber'].flatMap((category) =>
        supporting(claim, category).map(({ element, at }) => ({ at: `${at}.code`, site: element.code })),
      ),
    ];
    return sites.flatMap(({ at, site }) => {
      if (site === undefined) return [];
      const [tooth, area] = [codeOf(site, system.tooth), codeOf(site, system.oralArea)];
      const isKnown = tooth === undefined ? area !== undefined && isOralArea(area) : isTooth(tooth);
      return unless(isKnown, at, 'this is no tooth and no area of the mouth that the ADA numbers');
    });
  },
};
