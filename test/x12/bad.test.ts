import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultsOf, readTransactions } from '../../src/x12/read.ts';
import { tokenizer } from '../../src/x12/tokenize.ts';
import { runsOf } from '../runs.ts';
import { acknowledgements, faultsOfAnswer, judged } from './acknowledged.ts';
import { claim, interchange, professional, remittance } from './written.ts';

const numRuns = runsOf({ usual: 1000, long: 10_000 });

const files = { 835: interchange(remittance), 837: interchange(claim, professional) } as const;

/** Reads, and answers whatever came: nothing throws, and no answer of ours is one a partner would refuse. */
function answered(bytes: Uint8Array | string): { readonly refused: boolean; readonly accepted: number } {
  const file = judged(bytes);
  const refused =
    file.stray.length > 0 ||
    file.interchanges.length === 0 ||
    file.interchanges.some(
      ({ status, groups }) => status === 'R' || groups.some((group) => group.status !== 'A'),
    );
  for (const text of acknowledgements(file)) expect(faultsOfAnswer(text)).toEqual([]);
  const groups = file.interchanges.flatMap((one) => (one.status === 'R' ? [] : one.groups));
  const accepted = groups.filter(({ status }) => status !== 'R').reduce((all, one) => all + one.accepted, 0);
  return { refused, accepted };
}

test.each([['835', files[835]] as const, ['837', files[837]] as const])(
  'an %s cut off at any byte is refused, and none of its sets is accepted',
  (_, text) => {
    const whole = text.length - 1; // without its last terminator
    for (let length = 0; length < whole; length += 1)
      expect([length, answered(text.slice(0, length))]).toEqual([length, { refused: true, accepted: 0 }]);
    expect(answered(text)).toEqual({ refused: false, accepted: 1 });
  },
);

test('every single byte of an ISA changed is told or reads as another valid ISA', () => {
  const text = files[835];
  const others = ['*', '~', ':', '^', '|', 'A', 'z', '0', '9', ' ', '\n', '\0', 'é'];
  for (let at = 0; at < 106; at += 1)
    for (const other of others) {
      const bytes = Buffer.from(text);
      bytes.write(other, at, 'latin1');
      const { refused, accepted } = answered(bytes);
      expect(refused || accepted === 1).toBe(true);
    }
});

test('a structural byte of an ISA changed is refused', () => {
  const separators = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
  for (const at of [0, 1, 2, ...separators, 105]) {
    const bytes = Buffer.from(files[837]);
    bytes.write('X', at, 'latin1');
    expect([at, answered(bytes).refused]).toEqual([at, true]);
  }
});

test('segments in any other order, left out or doubled: an answer each, and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(files[835], files[837]),
      fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.constantFrom('swap', 'drop', 'double')), {
        minLength: 1,
        maxLength: 4,
      }),
      (text, changes) => {
        const lines = text.split('~').slice(0, -1);
        for (const [a, b, how] of changes) {
          const [from, to] = [a % lines.length, b % lines.length];
          const [one = '', two = ''] = [lines[from], lines[to]];
          if (how === 'swap') [lines[from], lines[to]] = [two, one];
          else lines.splice(from, how === 'drop' ? 1 : 0, ...(how === 'drop' ? [] : [one]));
        }
        answered(lines.map((line) => `${line}~`).join(''));
      },
    ),
    { numRuns },
  );
});

test('bytes changed, put in or taken out anywhere: an answer each, and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(files[835], files[837]),
      fc.array(fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 3 }), fc.nat(3)), {
        minLength: 1,
        maxLength: 6,
      }),
      (text, changes) => {
        let bytes = Buffer.from(text);
        for (const [where, put, out] of changes) {
          const at = where % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + out)]);
        }
        answered(bytes);
      },
    ),
    { numRuns },
  );
});

test('garbage of any kind is refused', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 500 }),
        fc.string().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        if (Buffer.from(bytes).toString('latin1').trim() !== '')
          expect(judged(bytes).interchanges.filter(({ status }) => status !== 'R')).toEqual([]);
      },
    ),
    { numRuns },
  );
});

test.each([
  ['UTF-16 little endian', Buffer.from(`\ufeff${files[835]}`, 'utf16le')],
  ['UTF-16 without a mark', Buffer.from(files[835], 'utf16le')],
  ['UTF-16 big endian', Buffer.from(`\ufeff${files[835]}`, 'utf16le').swap16()],
  ['zip', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 1, 2])],
  ['nothing but blanks and ISA of others', Buffer.from('  VISA CARD ISA')],
])('%s is refused with one clear fault', (_, bytes) => {
  const file = readTransactions(bytes);
  expect(file.interchanges).toEqual([]);
  expect(file.stray).toHaveLength(1);
});

test('a UTF-8 mark and line ends after terminators are no fault', () => {
  expect(faultsOf(readTransactions(`\ufeff${files[837].replaceAll('~', '~\r\n')}`))).toEqual([]);
});

test('a segment of 10 MB is cut and told, and the rest is read', () => {
  const long = files[835].replace('N3*1 MAIN STREET', `N3*${'X'.repeat(10_000_000)}`);
  let [held, segments] = [0, 0];
  const cut = tokenizer({
    segment: ({ elements }) => {
      segments += 1;
      held = Math.max(held, ...elements.map((value) => value.length));
    },
    fault: () => undefined,
  });
  const bytes = Buffer.from(long);
  for (let at = 0; at < bytes.length; at += 65_536) cut.push(bytes.subarray(at, at + 65_536));
  cut.end();
  expect(held).toBeLessThan(2000);
  expect(segments).toBe(files[835].split('~').length - 1);
  expect(answered(bytes)).toEqual({ refused: true, accepted: 0 });
});

test('several interchanges of different separators lie in one file, with garbage between them', () => {
  const other = files[837].replaceAll('*', '|').replaceAll('~', '\n').replace('000000017', '000000018');
  const file = readTransactions(`${files[835]}\r\n\x1a${other}trailing garbage`);
  expect(file.interchanges.map(({ status }) => status)).toEqual(['A', 'R']);
  expect(file.interchanges[1]?.faults.map(({ code }) => code)).toEqual(['001']);
  expect(file.stray.map(({ code }) => code)).toEqual(['024']);
});
