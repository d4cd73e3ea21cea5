import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const folder = new URL('../../profiles/terminology/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const notice = readFileSync(new URL('../../NOTICE', import.meta.url), 'utf8');

interface Head {
  url: string;
  resourceType?: string;
  publisher?: string;
  copyright?: string;
  licence?: string;
  count?: number;
  concept?: { code: string; display?: string }[];
}
const read = (file: string): Head => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Head;

test.each(files.filter((file) => !file.startsWith('ConceptMap')))(
  '%s names its source and its licence',
  (file) => {
    const { copyright, licence, url } = read(file);
    expect(copyright ?? licence).toMatch(/\w{4}/);
    expect(url).toMatch(/^https?:/);
  },
);

test.each(files.filter((file) => file.startsWith('CodeSystem-')))(
  '%s holds what it counts, each code once',
  (file) => {
    const { concept = [], count } = read(file);
    if (count !== undefined) expect(concept).toHaveLength(count);
    expect(new Set(concept.map((c) => c.code)).size).toBe(concept.length);
  },
);

test('no licensed code or text is shipped: no CPT, no CDT, no text of the NUBC or the NUCC', () => {
  const hcpcs = read('CodeSystem-hcpcs-2025.json').concept ?? [];
  expect(hcpcs.filter((c) => !/^[A-CE-Z]\d{4}$/.test(c.code))).toEqual([]);
  const textless = files.map(read).filter((f) => /NUBC|NUCC/.test(f.publisher ?? ''));
  expect(textless.length).toBeGreaterThanOrEqual(8);
  expect(textless.flatMap((f) => f.concept ?? []).filter((c) => c.display !== undefined)).toEqual([]);
});

test('NOTICE attributes what asks for it', () => {
  for (const name of ['icd10us', 'CC BY 4.0', 'NUCC', 'beneficiary-fhir-data', 'HCPCS', 'MS-DRG'])
    expect(notice).toContain(name);
});
