import { isX12Date, isX12Time } from './elementType.ts';
import { interchangeFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { element } from './segment.ts';
import type { Segment } from './segment.ts';

const partyQualifier = new Set(['01', '14', '20', '27', '28', '29', '30', '33', 'ZZ']);

/** What each element of the ISA must be, with the code a TA1 gives back. */
const rules: readonly (readonly [number, string, (value: string) => boolean, string])[] = [
  [1, '010', (value) => value === '00' || value === '03', 'ISA01 is no authorization qualifier'],
  [3, '012', (value) => value === '00' || value === '01', 'ISA03 is no security qualifier'],
  [5, '005', (value) => partyQualifier.has(value), 'ISA05 is no qualifier of a sender'],
  [6, '006', (value) => value.trim() !== '', 'ISA06 names no sender'],
  [7, '007', (value) => partyQualifier.has(value), 'ISA07 is no qualifier of a receiver'],
  [8, '008', (value) => value.trim() !== '', 'ISA08 names no receiver'],
  [9, '014', (value) => value.length === 6 && isX12Date(value), 'ISA09 is no date'],
  [10, '015', (value) => value.length === 4 && isX12Time(value), 'ISA10 is no time'],
  [12, '017', (value) => value === '00501' || value === '00401', 'ISA12 is no version that is read'],
  [13, '018', (value) => /^\d{9}$/.test(value), 'ISA13 is no number of nine digits'],
  [14, '019', (value) => value === '0' || value === '1', 'ISA14 is neither 0 nor 1'],
  [15, '020', (value) => value === 'P' || value === 'T', 'ISA15 is neither P nor T'],
];

/** Looks at the elements of the ISA. */
export function checkHeader(header: Segment): readonly Fault[] {
  const faults = rules.flatMap(([n, code, holds, sentence]) =>
    holds(element(header, n)) ? [] : [interchangeFault(code, `${sentence}.`)],
  );
  const noRepetition = header.delimiters.repetition === '' && element(header, 12) >= '00402';
  if (noRepetition)
    faults.push(
      interchangeFault('016', 'ISA11 is no repetition separator; elements are read as not repeated.', {
        refuses: false,
      }),
    );
  const printable = header.elements.every((value) => /^[\x20-\x7e]*$/.test(value));
  if (!printable) faults.push(interchangeFault('022', 'The ISA holds a character that is not printable.'));
  return faults;
}
