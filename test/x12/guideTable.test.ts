import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type ElementUse, type Guide, isLoop, type Use } from '../../src/x12/guide.ts';
import { readGuideTable, type WrittenGuide } from '../../src/x12/guideTable.ts';

const folder = join(import.meta.dirname, '../../src/x12/guide');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

function table(file: string): Guide {
  return readGuideTable(JSON.parse(readFileSync(join(folder, file), 'utf8')) as WrittenGuide);
}

function every(content: readonly Use[], path = ''): { use: Use; path: string; before: Use | undefined }[] {
  return content.flatMap((use, at) => [
    { use, path: `${path}/${use.id}`, before: content[at - 1] },
    ...(isLoop(use) ? every(use.content, `${path}/${use.id}`) : []),
  ]);
}

const elementsOf = (elements: readonly ElementUse[]): readonly ElementUse[] =>
  elements
    .flatMap((element) => [element, ...(element.components ?? [])])
    .filter(({ usage }) => usage !== 'N');

test.each(files)('build 1 the table of %s is whole', (file) => {
  const guide = table(file);
  expect(`${guide.id}.json`).toBe(file);
  for (const { use, path, before } of every(guide.content)) {
    const where = `${file} ${path} ${use.name}`;
    expect([where, use.name.length > 0, use.position >= (before?.position ?? 0)]).toEqual([
      where,
      true,
      true,
    ]);
    if (isLoop(use)) {
      const [first] = use.content;
      expect([where, first !== undefined && !isLoop(first)]).toEqual([where, true]);
      continue;
    }
    for (const { components, type, min = 0, max = 0, codes } of elementsOf(use.elements)) {
      const whole = components === undefined ? type !== undefined && min <= max : components.length > 0;
      expect([where, whole, codes?.length === 0]).toEqual([where, true, false]);
    }
  }
});

test('build 1 the guides of the issue are there', () => {
  const names = files.map((file) => file.replace('.json', ''));
  const wanted =
    '00501 005010X222A1 005010X223A2 005010X224A2 005010X221A1 005010X231A1 005010X214 005010X212-276 005010X212-277 ' +
    '005010X279A1-270 005010X279A1-271 005010X217-request 005010X217-response 005010X215-request 005010X215-response ' +
    '005010X210 005010X213 006020X313 006020X314 004010X098A1 004010X096A1 004010X097A1 004010X091A1';
  expect([...names].sort()).toEqual(wanted.split(' ').sort());
});

test('build 1 the loops and usages of billing.md stand in the tables', () => {
  const uses = (file: string): Map<string, Use> =>
    new Map(
      every(table(file).content)
        .reverse()
        .map(({ path, use }) => [path, use]),
    );
  const codes = (use: Use | undefined, n: number): readonly string[] | undefined =>
    use === undefined || isLoop(use) ? undefined : use.elements[n - 1]?.codes;
  const professional = uses('005010X222A1.json');
  expect(professional.get('/2000A/2000B/2300')).toMatchObject({ repeat: 100 });
  expect(professional.get('/2000A/2000B/2300/2400')).toMatchObject({ repeat: 50 });
  expect(professional.get('/2000A/2000B/2000C/2300/2400/2430')).toMatchObject({ repeat: 15 });
  expect(codes(professional.get('/2000A/2010AA/REF'), 1)).toEqual(['EI', 'SY']);
  expect(uses('005010X223A2.json').get('/2000A/2000B/2300/2400')).toMatchObject({ repeat: 999 });
  const remittance = uses('005010X221A1.json');
  expect(codes(remittance.get('/2000/2100/CLP'), 2)).toHaveLength(10);
  expect(codes(remittance.get('/2000/2100/CLP'), 2)).toEqual(
    expect.arrayContaining(['1', '4', '19', '22', '25']),
  );
  expect(codes(remittance.get('/2000/2100/CAS'), 1)).toEqual(['CO', 'OA', 'PI', 'PR']);
});
