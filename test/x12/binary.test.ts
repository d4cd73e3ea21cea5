import { expect, test } from '@jest/globals';
import { partsOf, readBytes } from '../../src/x12/read.ts';
import { tokenizer } from '../../src/x12/tokenize.ts';
import type { Segment } from '../../src/x12/segment.ts';
import { interchange, remittance } from './written.ts';

/** The remittance with a binary segment in the place of the payer's address. */
const withBinary = (segment: string): string =>
  interchange(remittance).replace('N3*1 MAIN STREET~', `${segment}~`);

function segmentsOf(text: string, chunk = 65_536): readonly Segment[] {
  const found: Segment[] = [];
  const cutting = tokenizer({ segment: (segment) => found.push(segment), fault: () => undefined });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += chunk) cutting.push(bytes.subarray(at, at + chunk));
  cutting.end();
  return found;
}

const others = (text: string): readonly string[] =>
  segmentsOf(text).flatMap(({ id }) => (id === 'BIN' || id === 'BDS' ? [] : [id]));

test.each([
  ['BIN', 'BIN*12*', ['12'], 'a~b*c:d^e\r\nf'],
  ['BDS', 'BDS*B64*12*', ['B64', '12'], 'a~b*c:d^e\r\nf'],
])(
  '%s is found by its length: every byte of its data stays, separators and line ends too',
  (id, head, before, data) => {
    for (const chunk of [1, 7, 65_536]) {
      const found = segmentsOf(withBinary(`${head}${data}`), chunk);
      expect(found.find((one) => one.id === id)?.elements).toEqual([...before, data]);
      expect(found.at(-1)?.id).toBe('IEA');
    }
    expect(others(withBinary(`${head}${data}`))).toEqual(
      others(interchange(remittance).replace('N3*1 MAIN STREET~', '')),
    );
  },
);

test.each([['BIN*3*abcdef'], ['BIN*9*abc'], ['BIN*x*abc'], ['BIN*99999999999*abc'], ['BIN*'], ['BIN']])(
  'neighbour: %s, whose length is not that of its data, ends at a terminator and nothing after it is lost',
  (segment) => {
    const found = segmentsOf(withBinary(segment));
    expect(found.map(({ id }) => id)).toContain('BIN');
    expect(found.at(-1)?.id).toBe('IEA');
  },
);

test('neighbour: a length beyond the end of the file refuses it as cut off', () => {
  const end = [...readBytes(Buffer.from(withBinary('BIN*50000*abc')))].at(-1);
  expect(end?.kind === 'interchangeEnd' && [end.status, end.faults.map(({ code }) => code)]).toEqual([
    'R',
    ['023'],
  ]);
});

test('neighbour: a binary segment of 32 MB in small chunks is read in the time of its bytes, not of their square', () => {
  const bytes = Buffer.from(withBinary(`BIN*32000000*${'*'.repeat(32_000_000)}`));
  const { push, end } = partsOf();
  const began = process.cpuUsage();
  const kinds: string[] = [];
  for (let at = 0; at < bytes.length; at += 16_384)
    for (const { kind } of push(bytes.subarray(at, at + 16_384))) kinds.push(kind);
  for (const { kind } of end()) kinds.push(kind);
  expect(kinds.at(-1)).toBe('interchangeEnd');
  expect(process.cpuUsage(began).user).toBeLessThan(5_000_000);
});
