import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A further tooth or area belongs to a line, and that line has a first one. */
export const oralSiteLinked: ScrubRule = {
  id: 'oral-site-linked',
  source: 'C4BB Oral-EOB-supportinginfo-additionalbodysite-requires-line-item; 837D loop 2400 TOO',
  carc: '16',
  cure: 'Point the line at its further teeth, and name the first as its body site.',
  severity: 'error',
  check: ({ claim, form, lines }) => {
    if (form !== 'oral') return [];
    const sites = supporting(claim, 'additionalbodysite');
    const sequences = new Set(sites.map(({ element }) => element.sequence));
    const pointed = new Set(lines.flatMap(({ item }) => item.informationSequence ?? []));
    return [
      ...sites.flatMap(({ element, at }) =>
        unless(pointed.has(element.sequence), at, 'this tooth or area belongs to no line'),
      ),
      ...lines.flatMap(({ item, at }) =>
        unless(
          item.bodySite !== undefined || !item.informationSequence?.some((s) => sequences.has(s)),
          `${at}.bodySite`,
          'this line has a further tooth or area and no first one',
        ),
      ),
    ];
  },
};
