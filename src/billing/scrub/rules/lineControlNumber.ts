import { extensionOf } from '../../../datatypes/extension.ts';
import { extension } from '../../../terminology/system.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A line control number of one's own has at most 30 characters and is the only one of its kind (REF 6R). */
export const lineControlNumber: ScrubRule = {
  id: 'line-control-number',
  source: 'billing rule 28; 837 loop 2400 REF 6R',
  carc: '16',
  cure: 'Give each line a control number of its own, of at most 30 characters, or none.',
  severity: 'error',
  check: ({ lines }) => {
    const numbers = lines.map(({ item }) => extensionOf(item, extension.lineControlNumber)?.valueString);
    return lines.flatMap(({ at }, i) => {
      const number = numbers[i];
      if (number === undefined) return [];
      const place = `${at}.extension('${extension.lineControlNumber}')`;
      return [
        ...unless(/^.{1,30}$/.test(number), place, 'this line control number is longer than 30 characters'),
        ...unless(numbers.indexOf(number) === i, place, 'another line has this line control number'),
      ];
    });
  },
};
