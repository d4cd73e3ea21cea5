import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Bundle, ChargeItemDefinition, ConceptMap } from '@medplum/fhirtypes';
import { buildCodeMap } from '../../../src/billing/coding/codeMap.ts';
import { coder } from '../../../src/billing/coding/coder.ts';
import { priceList } from '../../../src/billing/charge/priceList.ts';
import { isHcpcs } from '../../../src/terminology/hcpcs.ts';
import { isIcd10cm } from '../../../src/terminology/icd10cm.ts';
import { isModifier } from '../../../src/terminology/modifier.ts';
import { system } from '../../../src/terminology/system.ts';

const bundle = (name: string): unknown[] =>
  (
    (JSON.parse(readFileSync(new URL(`../../../seed/${name}`, import.meta.url), 'utf8')) as Bundle).entry ??
    []
  ).map((e) => e.resource);
const maps = bundle('05-concept-maps.json') as ConceptMap[];
const definitions = bundle('04-charge-master.json') as ChargeItemDefinition[];
const coding = coder(buildCodeMap(maps));
const prices = priceList(definitions);

const one = (uri: string, code: string) => ({ coding: [{ system: uri, code, display: code }] });
const targets = maps.flatMap((m) =>
  (m.group ?? []).flatMap((g) =>
    g.element.flatMap((e) => (e.target ?? []).map((t) => ({ system: g.target ?? '', code: t.code ?? '' }))),
  ),
);

describe('the shipped ConceptMaps', () => {
  test.each([
    ['well child visit', '410620009', ['T1015']],
    ['general examination', '162673000', ['T1015']],
    ['vaccine visit', '33879002', ['T1502']],
    ['stroke, as the type of an emergency visit', '230690007', ['G0384']],
    ['cardiac arrest, as the type of an emergency visit', '410429000', ['G0384']],
    ['cardioversion', '180325003', ['CV0480']],
    ['ablation', '18286008', ['AB0481']],
    ['echocardiography', '40701008', ['EC0483']],
    ['thrombectomy', '433112001', ['MT0361']],
    ['biventricular defibrillator', '447365002', ['G0448']],
  ])('bill the Synthea service %s', (_name, code, expected) => {
    expect(coding.service(one(system.snomed, code)).codes.map((c) => c.code)).toEqual(expected);
  });

  test.each([
    ...['140', '10', '113', '08', '49', '03', '20', '114', '21', '62', '83', '43', '208', '207', '115', '52'],
    ...['121', '133', '33', '119'],
  ])('bill the vaccine CVX %s, for reason Z23', (cvx) => {
    const { codes } = coding.service(one(system.cvx, cvx));
    expect(codes.length).toBeGreaterThan(0);
    for (const { system: uri, code } of codes) expect(prices.lines.has(`${uri}|${code}`)).toBe(true);
    expect(coding.reasons(one(system.cvx, cvx))).toEqual(['Z23']);
  });

  test.each([
    ['49436004', 'I48.91'],
    ['230690007', 'I63.9'],
    ['410429000', 'I46.9'],
    ['429007001', 'Z86.74'],
    ['410620009', 'Z00.129'],
    ['162673000', 'Z00.00'],
    ['33879002', 'Z23'],
  ])('give %s the diagnosis %s', (code, expected) => {
    expect(coding.reasons(one(system.snomed, code))).toEqual([expected]);
  });

  test.each(['1597' + 'A'.repeat(32), '112141' + 'A'.repeat(30)])(
    'have nothing for the false code %s',
    (code) => {
      expect(coding.service(one(system.snomed, code)).how).toBe('no-map');
      expect(coding.reasons(one(system.snomed, code))).toEqual([]);
    },
  );

  test('lead to codes that exist', () => {
    for (const { system: uri, code } of targets.filter((t) => t.code !== '')) {
      if (uri === system.icd10cm) expect([code, isIcd10cm(code, '2026-01-01')]).toEqual([code, true]);
      if (uri === system.hcpcs) expect([code, isHcpcs(code) || isModifier(code)]).toEqual([code, true]);
    }
  });

  test('lead to services that have a price', () => {
    const services = targets.filter(
      (t) => t.code.length > 2 && [system.hcpcs, system.chargeMaster].includes(t.system as never),
    );
    for (const { system: uri, code } of services)
      expect([code, prices.lines.has(`${uri}|${code}`)]).toEqual([code, true]);
  });
});

test('every line of the charge master is a sound price under a code that exists, with a revenue code', () => {
  for (const line of [...prices.lines.values()].flat()) {
    expect(line.faults).toEqual([]);
    expect(line.revenue).toMatch(/^\d{4}$/);
    expect(line.groups.flatMap((g) => g.parts).filter((p) => p.kind === 'base')).toHaveLength(1);
    if (line.system === system.hcpcs) expect([line.code, isHcpcs(line.code)]).toEqual([line.code, true]);
  }
  expect(prices.lines.size).toBe(definitions.length);
});
