import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPackages } from '../../src/package/readPackages.ts';
import { untar } from '../../src/package/untar.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** One file as ustar writes it. */
function entry(name: string, text: string, kind = '0'): Buffer {
  const content = Buffer.from(text);
  const head = Buffer.alloc(512);
  head.write(name.slice(0, 100));
  head.write('0000644\0', 100);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('        ', 148);
  head.write(kind, 156);
  head.write('ustar\x0000', 257);
  const sum = head.reduce((a, b) => a + b, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
const tar = (...entries: Buffer[]): Buffer => Buffer.concat([...entries, Buffer.alloc(1024)]);
const about = (name: string, version: string, fhirVersions = ['4.0.1']) =>
  entry('package/package.json', JSON.stringify({ name, version, fhirVersions }));
const resource = (type: string, id: string, more: object = {}) =>
  JSON.stringify({ resourceType: type, id, ...more });
const save = (name: string, bytes: Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, gzipSync(bytes));
  return path;
};

describe('packages', () => {
  test('give their definitions, no examples and nothing of other folders', async () => {
    const path = save(
      'one.tgz',
      tar(
        about('one', '1.0.0'),
        entry('package/SearchParameter-a.json', resource('SearchParameter', 'a')),
        entry('package/ValueSet-b.json', `\uFEFF${resource('ValueSet', 'b')}`),
        entry('package/Patient-c.json', resource('Patient', 'c')),
        entry('package/.index.json', '{}'),
        entry('package/example/ValueSet-d.json', resource('ValueSet', 'd')),
        entry('package/xml/e.xml', '<a/>'),
      ),
    );
    expect((await readPackages(path)).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('come by name, older versions first', async () => {
    const inner = join(folder, 'several');
    mkdirSync(inner);
    for (const version of ['1.10.0', '1.9.0'])
      writeFileSync(
        join(inner, `p-${version}.tgz`),
        gzipSync(
          tar(about('p', version), entry('package/ValueSet-a.json', resource('ValueSet', 'a', { version }))),
        ),
      );
    expect((await readPackages(inner)).map((r) => (r as { version?: string }).version)).toEqual([
      '1.9.0',
      '1.10.0',
    ]);
  });

  test('may be unpacked', async () => {
    const inner = join(folder, 'unpacked', 'package');
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, 'package.json'), '{"name":"u","version":"1.0.0"}');
    writeFileSync(join(inner, 'ValueSet-a.json'), resource('ValueSet', 'a'));
    expect(await readPackages(`${join(folder, 'unpacked')}, ${inner}`)).toHaveLength(2);
  });

  test.each([
    ['another FHIR', () => tar(about('five', '1.0.0', ['5.0.0'])), /FHIR 5\.0\.0/],
    ['no package.json', () => tar(entry('package/a.json', '{}')), /no package\.json/],
    ['no JSON', () => tar(about('x', '1'), entry('package/a.json', '{')), /a\.json is no JSON/],
    ['a damaged head', () => tar(about('x', '1')).fill(1, 0, 20), /damaged/],
    ['an end too early', () => about('x', '1').subarray(0, 520), /ends before/],
  ])('with %s are refused by name', async (name, bytes, why) => {
    const path = save(`${name.replaceAll(' ', '-')}.tgz`, bytes());
    await expect(readPackages(path)).rejects.toThrow(why);
    await expect(readPackages(path)).rejects.toThrow(path);
  });

  test('that are not there are refused by name', async () => {
    await expect(readPackages(join(folder, 'nowhere'))).rejects.toThrow(/nowhere cannot be read/);
  });
});

test('long names of both kinds are read', async () => {
  const long = `package/${'x'.repeat(150)}.json`;
  const record = `path=${long}\n`;
  const length = record.length + 4;
  const files = await Array.fromAsync(
    untar(
      tar(
        entry('././@LongLink', `${long}\0`, 'L'),
        entry(long, '1'),
        entry('PaxHeader', `${length} ${record}`, 'x'),
        entry('short', '2'),
        entry('folder/', '', '5'),
        entry('last', '3'),
      ),
    ),
  );
  expect(files.map(({ name }) => name)).toEqual([long, long, 'last']);
});
