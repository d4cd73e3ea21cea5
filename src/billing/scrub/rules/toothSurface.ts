import { codeOf } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { isToothSurface } from '../../../terminology/tooth.ts';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A surface is one of M, O, I, D, B, F and L, and stands with the tooth that it is of (TOO03). */
export const toothSurface: ScrubRule = {
  id: 'tooth-surface',
  source:
    'ADA dental claim form box 28; 837D loop 2400 TOO03; C4BB Oral-EOB-surface-subsite-requires-tooth-number',
  carc: '16',
  cure: 'Chart the tooth beside its surfaces.',
  severity: 'error',
  check: ({ claim, form, lines }) => {
    if (form !== 'oral') return [];
    const teeth = new Set(
      supporting(claim, 'additionalbodysite')
        .filter(({ element }) => codeOf(element.code, system.tooth) !== undefined)
        .map(({ element }) => element.sequence),
    );
    return lines.flatMap(({ item: { bodySite, subSite = [], informationSequence = [] }, at }) => {
      const hasTooth =
        codeOf(bodySite, system.tooth) !== undefined || informationSequence.some((s) => teeth.has(s));
      return [
        ...unless(
          subSite.length === 0 || hasTooth,
          `${at}.subSite`,
          'a surface is named and no tooth that it is of',
        ),
        ...subSite.flatMap((s, i) =>
          unless(
            isToothSurface(codeOf(s, system.toothSurface) ?? ''),
            `${at}.subSite[${i}]`,
            'this is no surface of a tooth',
          ),
        ),
      ];
    });
  },
};
