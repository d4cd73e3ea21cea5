import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isNarrative } from '../../src/validation/narrative.ts';

const inside = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;

test.each([
  ['text', inside('a &lt; b')],
  ['an empty div', '<div/>'],
  ['space around', `\n  ${inside('a')}\n`],
  ['a table', inside('<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>')],
  ['an empty element', inside('a<br/>b<hr />')],
  ['a comment', inside('<!-- <script> -->a')],
  [
    'links',
    inside('<a href="https://example.org?a=1&amp;b=2">a</a><a href="#b">b</a><a href="c.html?d&amp;e">c</a>'),
  ],
  ['a picture', inside('<img src="data: image/png;base64,AAAA" alt="a"/>')],
  ['words that only look like events', inside('<td title="turned on = yes; onclick">a</td>')],
])('%s is a narrative', (_name, text) => {
  expect(isNarrative(text)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['no div', '<p>a</p>'],
  ['two divs', '<div>a</div><div>b</div>'],
  ['text after the div', '<div>a</div>b'],
  ['a div that stays open', '<div>a'],
  ['crossed elements', inside('<b><i>a</b></i>')],
  ['a bare <', inside('a < b')],
  ['an attribute without quotes', inside('<td colspan=2>a</td>')],
  ['a script', inside('<script>alert(1)</script>')],
  ['a script in capitals', inside('<SCRIPT>alert(1)</SCRIPT>')],
  ['a form', inside('<form action="a"><input name="b"/></form>')],
  ['a frame', inside('<iframe src="https://example.org"/>')],
  ['an event', inside('<img src="a.png" onerror="alert(1)"/>')],
  ['an event in capitals, over two lines', inside('<b\nonClick = "alert(1)">a</b>')],
  ['a script as address', inside('<a href="javascript:alert(1)">a</a>')],
  ['a hidden script as address', inside('<a href=" java&#115;cript:alert(1)">a</a>')],
  ['a picture that can hold a script', inside('<a href="data:image/svg+xml,x">a</a>')],
  ['a comment without end', inside('<!-- a')],
  ['a document type', '<!DOCTYPE a><div>a</div>'],
])('%s is no narrative', (_name, text) => {
  expect(isNarrative(text)).toBe(false);
});

test('no text takes long, however it is made', () => {
  const parts = fc.constantFrom(
    '<div',
    '<b ',
    'a="',
    "'",
    '"',
    ' ',
    '>',
    '</div>',
    '<!--',
    '-->',
    '/',
    '=',
    'x',
    '\n',
  );
  fc.assert(
    fc.property(parts, parts, parts, (a, b, c) => {
      const before = process.threadCpuUsage();
      isNarrative(`<div>${(a + b + c).repeat(20_000)}`);
      const { user, system } = process.threadCpuUsage(before);
      return user + system < 2_000_000; // microseconds: it takes a few thousand; squared it would be minutes
    }),
  );
});
