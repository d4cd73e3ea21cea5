import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { readArguments, UsageError } from '../../../src/command/load/arguments.ts';
import { coverageBundle, payersOf } from '../../../src/command/load/coverage.ts';
import { inputFiles, partsOf, type Part } from '../../../src/command/load/input.ts';
import { billingDay } from '../../../src/command/load/road.ts';
import { chartedIn, loadedFrom, type LoadedVisit } from '../../../src/command/load/visit.ts';
import { isWellFormed } from '../../../src/command/load/wellFormed.ts';
import { system } from '../../../src/terminology/system.ts';
import { contains } from '../../../src/datatypes/date.ts';

const synthea = fileURLToPath(new URL('../../fixture/synthea', import.meta.url));

async function all(file: string): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of partsOf(file)) parts.push(part);
  return parts;
}

describe('the command line', () => {
  test('names files and options in any order', () => {
    expect(
      readArguments([
        'a.json',
        '--as-of',
        '2021-05-01',
        '--bill',
        'b',
        '--to',
        'http://localhost:8080/fhir/',
      ]),
    ).toEqual({
      paths: ['a.json', 'b'],
      bill: true,
      asOf: '2021-05-01',
      to: 'http://localhost:8080/fhir',
    });
    expect(readArguments(['a'])).toEqual({ paths: ['a'], bill: false, asOf: 'visit' });
  });

  test.each([
    [[], /name a file/],
    [['--billing', 'a'], /no option --billing/],
    [['a', '--as-of', '2021-02-30'], /--as-of takes/],
    [['a', '--as-of'], /needs a value/],
    [['a', '--to', 'localhost'], /--to takes a URL/],
  ])('says what is wrong with %j', (words, message) => {
    expect(() => readArguments(words)).toThrow(UsageError);
    expect(() => readArguments(words)).toThrow(message);
  });
});

describe('what is read', () => {
  test('hospitals come before practitioners before patients, whatever their names', async () => {
    const files = (await inputFiles([synthea])).map((file) => file.slice(synthea.length + 1));
    expect(files).toEqual([
      'hospitalInformation.json.gz',
      'practitionerInformation.json.gz',
      'Jerry654.json.gz',
      'Martine382.json.gz',
      'Maryjane289.json.gz',
    ]);
  });

  test('the key of a Bundle comes from its content, packed or not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'load-'));
    const text = '{"resourceType":"Bundle","type":"transaction","entry":[]}';
    writeFileSync(join(folder, 'a.json'), text);
    writeFileSync(join(folder, 'b.json.gz'), gzipSync(text));
    writeFileSync(join(folder, 'c.json'), text.replace('transaction', 'batch'));
    const [a, b, c] = await Promise.all(
      ['a.json', 'b.json.gz', 'c.json'].map((name) => all(join(folder, name))),
    );
    expect(a?.[0]?.key).toMatch(/^load sha256:[0-9a-f]{64}$/);
    expect(b?.[0]?.key).toBe(a?.[0]?.key);
    expect(c?.[0]?.key).not.toBe(a?.[0]?.key);
  });

  test('lines of resources become Bundles of at most 500, put under their ids', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'load-'));
    const line = (i: number): string => JSON.stringify({ resourceType: 'Patient', id: `p${i}` });
    const lines = Array.from({ length: 1203 }, (_, i) => line(i));
    writeFileSync(join(folder, 'Patient.ndjson'), `${lines.join('\n')}\n\n`);
    const parts = await all(join(folder, 'Patient.ndjson'));
    expect(parts.map(({ bundle }) => bundle.entry?.length)).toEqual([500, 500, 203]);
    expect(parts[2]?.bundle.entry?.[202]?.request).toEqual({ method: 'PUT', url: 'Patient/p1202' });
    expect(new Set(parts.map(({ key }) => key)).size).toBe(3);
  });

  test('a path that is not there is named', async () => {
    await expect(inputFiles(['/nowhere/at-all.json'])).rejects.toThrow(
      'there is nothing at /nowhere/at-all.json',
    );
  });
});

/** The answer that a server gives: each entry under an id made of its place. */
const answered = (bundle: Bundle): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction-response',
  entry: (bundle.entry ?? []).map(({ resource }, i) => ({
    response: { status: '201', location: `${resource?.resourceType ?? ''}/id-${i}/_history/1` },
  })),
});

describe('visits and payers', () => {
  test('every visit of a bundle is found with the payer that its claims name, oldest first', async () => {
    const [part] = await all(`${synthea}/Martine382.json.gz`);
    const bundle = part?.bundle ?? { resourceType: 'Bundle', type: 'transaction' };
    const [patient, ...others] = loadedFrom(chartedIn(bundle), answered(bundle));
    expect(others).toEqual([]);
    expect(patient?.visits).toHaveLength(34);
    expect(patient?.visits.every(({ finished, payer }) => finished && payer !== undefined)).toBe(true);
    const starts = patient?.visits.map(({ start }) => start) ?? [];
    expect(starts).toEqual([...starts].sort());
    expect(payersOf(patient ? [patient] : [])).toEqual([
      'Aetna',
      'Anthem',
      'Blue Cross Blue Shield',
      'Humana',
    ]);
  });

  test('on the day of each visit exactly the Coverage of its payer holds, none where there is no insurance', async () => {
    for (const name of ['Jerry654', 'Martine382', 'Maryjane289']) {
      const [part] = await all(`${synthea}/${name}.json.gz`);
      const bundle = part?.bundle ?? { resourceType: 'Bundle', type: 'transaction' };
      const [patient] = loadedFrom(chartedIn(bundle), answered(bundle));
      if (!patient) throw new Error('no patient');
      const coverages = (coverageBundle(patient)?.entry ?? []).flatMap(({ resource }) =>
        resource?.resourceType === 'Coverage' ? [resource] : [],
      );
      for (const { start, payer } of patient.visits) {
        const holding = coverages.filter(({ period }) => contains(period, start.slice(0, 10)));
        expect(holding.map(({ payor }) => payor[0]?.display)).toEqual(
          payer === 'NO_INSURANCE' ? [] : [payer],
        );
      }
    }
  });

  test('a visit is billed three days after its end, today, or on a day named', () => {
    const visit: LoadedVisit = {
      id: '1',
      finished: true,
      start: '',
      end: '2019-12-30T10:00:00+00:00',
      type: undefined,
      payer: undefined,
    };
    expect(billingDay('visit', visit)).toBe('2020-01-02');
    expect(billingDay('today', visit)).toBeUndefined();
    expect(billingDay('2021-01-01', visit)).toBe('2021-01-01');
  });

  test.each([
    [system.snomed, '410620009', true],
    [system.snomed, `1597${'A'.repeat(32)}`, false],
    [system.snomed, '', false],
    [system.hcpcs, 'T1015', true],
  ])('the code %s|%s can be one of its system: %s', (uri, code, expected) => {
    expect(isWellFormed({ system: uri, code })).toBe(expected);
  });
});
