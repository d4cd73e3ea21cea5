import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binary } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { x12 } from '../../src/command/x12.ts';
import { outlineOf, outlineText, type OutlineLine } from '../../src/x12/outline.ts';
import { outlinePage } from '../../src/x12/outlinePage.ts';
import { testContext } from '../context.ts';
import { claim, interchange, professional, remittance } from './written.ts';

const text = interchange(claim, professional);

test('9 every segment is shown in its loop, each element with its name and meaning', () => {
  const lines = outlineOf(Buffer.from(text));
  expect(lines.map(({ id }) => id)).toEqual(text.split('~').flatMap((one) => one.split('*')[0] || []));
  const shown = outlineText(lines);
  expect(shown).toContain('2010BA DMG ');
  expect(shown).toMatch(/DMG02 .*: 19800102 \(1980-01-02\)/);
  expect(shown).toMatch(/CLM05-3 .*: 1 \(original\)/);
  expect(shown).toMatch(/HI01-1 .*: ABK \(principal diagnosis, ICD-10-CM\)/);
  expect(shown).not.toContain('!!');
});

test('9 faults are marked where they lie: at the element, at the segment, at what is missing', () => {
  const broken = text
    .replace('DMG*D8*19800102', 'DMG*D8*19801302')
    .replace('N3*1 MAIN STREET~', '')
    .replace('SE*27', 'SE*9');
  const shown = outlineText(outlineOf(Buffer.from(broken))).split('\n');
  const after = (line: RegExp): string => shown[shown.findIndex((one) => line.test(one)) + 1] ?? '';
  expect(after(/DMG02/)).toMatch(/!! IK403 8: DMG02/);
  expect(shown.join('\n')).toMatch(/!! IK304 3: N3 of loop 2010AA is required and missing/);
  expect(shown.join('\n')).toMatch(/!! IK502 4: SE01/);
});

test('9 neighbour: what is no interchange, cut off or damaged is outlined too', () => {
  expect(outlineText(outlineOf(Buffer.from('hello')))).toMatch(/!! TA105 024/);
  for (let length = 0; length < text.length; length += 13)
    expect(outlineText(outlineOf(Buffer.from(text.slice(0, length)))).includes('!!')).toBe(length > 0);
});

test('9 neighbour: a long interchange is cut with a word, and npm run x12 prints all of it with its last fault', () => {
  const many = 21_000;
  const [before = '', after = ''] = text.split('LX*1~');
  const notes = Array.from({ length: many }, () => 'K3*NOTE~').join('');
  const long = `${before}${notes}LX*1~${after.replace(/SE\*27/, 'SE*9')}`;
  const lines = outlineOf(Buffer.from(long));
  expect(lines).toHaveLength(20_001);
  expect(lines.at(-1)?.faults).toEqual([expect.stringMatching(/^Only the first 20000 segments are shown/)]);
  expect(outlineOf(Buffer.from(text)).flatMap(({ faults }) => faults)).toEqual([]);
  const file = join(mkdtempSync(join(tmpdir(), 'x12-')), 'long.837');
  writeFileSync(file, long);
  let said = '';
  x12([file], (one) => void (said += one));
  expect(said.match(/^ *\d+ +2300 K3 /gm)).toHaveLength(many);
  expect(said.match(/!! IK304 7: K3/g)).toHaveLength(1000);
  expect(said).toContain(`!! ${many - 1000} further faults are not listed.`);
  expect(said).toMatch(/!! IK502 4: SE01/);
  expect(said).not.toContain('Only the first');
});

const broken = text.replace('SV1*HC', 'SV1*XX').replace('LX*2', 'LX*7').replace('HL*2*1*22*0', 'HL*2*1*22*1');
test.each<[string, string]>([
  ['a professional claim', text],
  ['one with faults', broken],
  ['a remittance with what ends it', interchange([...remittance, 'PLB*1234567893*20241231*L6:1*-1'])],
  ['two interchanges', `${broken}${interchange(remittance)}`],
])('9 neighbour: pages of %s are together what the outline of the whole is', async (_what, file) => {
  const whole = outlineOf(Buffer.from(file));
  const source = async function* () {
    for (let at = 0; at < file.length; at += 50)
      yield await Promise.resolve(Buffer.from(file.slice(at, at + 50)));
  };
  for (const count of [1, 7, 1000]) {
    const pages: OutlineLine[] = [];
    for (let from = 1, more = true; more; from += count) {
      const page = await outlinePage(source, { from, count });
      const told = page.at(-1)?.faults.some((fault) => fault.includes(`from=${from + count}.`)) ?? false;
      more = told;
      pages.push(...(told ? page.slice(0, -1) : page));
    }
    expect(outlineText(pages)).toBe(outlineText(whole));
  }
});

test('9 neighbour: a set that no guide reads is shown all the same, segment by segment', () => {
  const shown = outlineText(outlineOf(Buffer.from(interchange(remittance).replace('ST*835', 'ST*820'))));
  for (const id of ['ST', 'BPR', 'CLP', 'SVC', 'SE']) expect(shown).toContain(` ${id} `);
  expect(shown).toMatch(/CLP01: C-1/);
  expect(shown).toMatch(/!! IK502 1: /);
});

test('9 npm run x12 prints each file, and ends with 1 where one cannot be read', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'x12-')), 'era.835');
  writeFileSync(file, interchange(remittance));
  let said = '';
  const say = (one: string): void => void (said += one);
  expect(x12([file], say)).toBe(0);
  expect(said).toMatch(/2100 CLP .*\n.*CLP01 .*: C-1/);
  expect(x12([`${file}.absent`], say)).toBe(1);
});

test('9 Binary/[id]/$outline answers with HTML, text on request, and refuses what is no X12', async () => {
  const app = createApp(await testContext());
  const put = async (id: string, contentType: string, data: string): Promise<void> => {
    await supertest(app)
      .put(`/fhir/Binary/${id}`)
      .send({ resourceType: 'Binary', id, contentType, data: Buffer.from(data).toString('base64') })
      .expect(201);
  };
  await put('a', 'application/EDI-X12', text.replace('PRACTICE ONE', '<b>ONE</b>'));
  await put('b', 'text/plain', 'hello');
  const html = await supertest(app).get('/fhir/Binary/a/$outline').set('accept', 'text/html').expect(200);
  expect(html.headers['content-type']).toMatch(/^text\/html/);
  expect(html.text).toContain('&lt;b&gt;ONE&lt;/b&gt;');
  const style = /<style>([^<]*)<\/style>/.exec(html.text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(html.headers['content-security-policy']).toContain(`default-src 'none'`);
  expect(html.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
  expect(html.text).not.toContain('style='); // the policy would keep it from applying
  const plain = await supertest(app)
    .get('/fhir/Binary/a/$outline?format=text')
    .set('accept', 'application/fhir+json');
  expect(Buffer.from((plain.body as Binary).data ?? '', 'base64').toString()).toContain('2300 CLM');
  await supertest(app).get('/fhir/Binary/b/$outline').set('accept', 'application/fhir+json').expect(422);
  await supertest(app).get('/fhir/Binary/c/$outline').set('accept', 'application/fhir+json').expect(404);
});
