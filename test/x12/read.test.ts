import { expect, test } from '@jest/globals';
import { guide } from '../../src/x12/guides.ts';
import { loopOf, loopsOf, segmentOf, segmentsWithin } from '../../src/x12/loop.ts';
import type { Loop } from '../../src/x12/loop.ts';
import { faultsOf, partsOf, readBytes, readSet, readTransactions } from '../../src/x12/read.ts';
import type { SetEnd, SetStart, Unit } from '../../src/x12/part.ts';
import { component, element } from '../../src/x12/segment.ts';
import type { Segment } from '../../src/x12/segment.ts';
import { ordered, writeSegment } from '../../src/x12/write.ts';
import { interchange, remittance } from './written.ts';

const text = interchange(remittance);

const only = (file: string): Loop => {
  const set = readTransactions(file).interchanges[0]?.groups[0]?.transactions[0]?.set;
  if (!set) throw new Error('no set was read');
  return set;
};

test('a written interchange reads without a fault, as loops of its guide', () => {
  const file = readTransactions(text);
  expect(faultsOf(file)).toEqual([]);
  const claim = loopOf(loopOf(only(text), '2000') ?? only(text), '2100');
  const line = claim && loopsOf(claim, '2110')[0];
  const service = line && segmentOf(line, 'SVC');
  expect(service && [component(service, 1, 2), element(service, 2)]).toEqual(['99213', '100']);
});

test('a claim is handed on as a unit with the loops above it, and the rest with the end of the set', () => {
  const parts = [...readBytes(Buffer.from(text))];
  expect(parts.map(({ kind }) => kind)).toEqual([
    'interchange',
    'group',
    'set',
    'unit',
    'setEnd',
    'groupEnd',
    'interchangeEnd',
  ]);
  const [unit] = parts.filter((part) => part.kind === 'unit');
  expect(unit?.loop.id).toBe('2100');
  expect(unit?.above.map(({ id }) => id)).toEqual(['ST', '2000']);
  const [end] = parts.filter((part) => part.kind === 'setEnd');
  expect(end?.set.loops.map(({ id }) => id)).toEqual(['1000A', '1000B']);
});

test.each([1, 2, 7, 64, 1000])('chunks of %i bytes read as the whole does', (length) => {
  const bytes = Buffer.from(`${text}\r\n${interchange(remittance).replaceAll('000000017', '000000018')}`);
  const whole = [...readBytes(bytes)];
  const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) =>
    bytes.subarray(n * length, (n + 1) * length),
  );
  const { push, end } = partsOf();
  const read = [...pieces.flatMap((piece) => [...push(piece)]), ...end()];
  expect(read).toEqual(whole);
});

test('read and written again, the segments are the same; made anew, the guide orders them', () => {
  const set = only(text);
  const sent = [...segmentsWithin(set)].map((one) => writeSegment(one, one.delimiters));
  expect(sent.slice(1, -1).join('')).toBe(remittance.map((line) => `${line}~`).join(''));
  const anew = (loop: Loop): Loop => ({
    id: loop.id,
    segments: loop.segments.map((one) => ({ ...one, position: 0 })),
    loops: [...loop.loops].reverse().map(anew),
  });
  const made = ordered(anew(set), guide('005010X221A1')).map((one) => writeSegment(one, one.delimiters));
  expect(made).toEqual(sent.slice(1, -1));
});

test('one set is read again from the byte where it begins, with the positions it had', async () => {
  const other = interchange(remittance).replaceAll('000000017', '000000018').replaceAll('C-1*', 'C-2*');
  const bytes = Buffer.from(`${text}\r\n${other}`);
  let isa: Segment | undefined;
  const wanted: (Unit | SetEnd)[] = [];
  let start: SetStart | undefined;
  for (const part of readBytes(bytes)) {
    if (part.kind === 'interchange') isa = part.header;
    if (part.kind === 'set') {
      start = part;
      wanted.length = 0;
    }
    if (part.kind === 'unit' || part.kind === 'setEnd') wanted.push(part);
  }
  if (!isa || !start?.header) throw new Error('nothing was read');
  const place = { isa, gs: start.group, st: start.header, offset: start.offset };
  const again: (Unit | SetEnd)[] = [];
  const source = (async function* () {
    yield await Promise.resolve(bytes.subarray(place.offset));
  })();
  for await (const part of readSet(source, place)) again.push(part);
  expect(again).toEqual(wanted);
});
