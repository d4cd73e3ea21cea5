import { expect, test } from '@jest/globals';
import { parseCsv } from '../../script/csv.ts';

test('fields may be quoted, hold commas, line ends and quotes, and be empty', () => {
  expect(parseCsv('code,text,more\r\nA,"one, ""two""\nthree",\nB,,x\n')).toEqual([
    { code: 'A', text: 'one, "two"\nthree', more: '' },
    { code: 'B', text: '', more: 'x' },
  ]);
});
