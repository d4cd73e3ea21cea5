import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ClaimLine } from '../../../src/billing/claim/claimLine.ts';
import { items } from '../../../src/billing/claim/item.ts';
import { isBillable, limits, split } from '../../../src/billing/claim/split.ts';
import { cents, centsOf, sum, times, zero } from '../../../src/datatypes/cents.ts';
import { extensionsOf } from '../../../src/datatypes/extension.ts';
import { extension, system } from '../../../src/terminology/system.ts';

const line = (charge: string, more: Partial<ClaimLine> = {}): ClaimLine => ({
  charge: `ChargeItem/${charge}`,
  code: { system: system.hcpcs, code: 'J1956' },
  modifiers: [],
  units: 3,
  unitPrice: cents(2765),
  net: cents(8295),
  start: '2026-02-03',
  end: '2026-02-03',
  reasons: ['J18.9'],
  form: 'professional',
  provider: 'Organization/clinic',
  rendering: 'Practitioner/a',
  place: '11',
  ...more,
});
const setting = { encounter: 'Encounter/e', diagnoses: ['J18.9', 'E87.1', 'W01.0XXA', 'Z23'] };
const itemsOf = (lines: ClaimLine[], inpatient = false) =>
  split(lines, inpatient).map((part) => items(part, { ...setting, inpatient }, []));

describe('what needs a claim of its own', () => {
  test.each([
    ['nothing', {}, 1, ''],
    ['another claim form', { form: 'institutional' as const }, 2, 'claim form'],
    ['another billing provider', { provider: 'Organization/ambulance' }, 2, 'billing provider'],
    ['another rendering provider', { rendering: 'Practitioner/b' }, 2, 'rendering provider'],
    ['another place of service', { place: '41' }, 2, 'place of service'],
  ])('%s', (_name, more, parts, reason) => {
    const found = split([line('a'), line('b', more)], false);
    expect([found.length, found.at(-1)?.reason]).toEqual([parts, reason]);
  });

  test('an institutional claim is not split by rendering provider or place', () => {
    const form = { form: 'institutional' as const };
    expect(
      split([line('a', form), line('b', { ...form, rendering: 'Practitioner/b', place: '22' })], true),
    ).toHaveLength(1);
  });

  test('51 lines of a professional claim are two claims, in order, each with its own part', () => {
    const lines = Array.from({ length: 51 }, (_, i) =>
      line(`c${i}`, { units: i + 1, unitPrice: cents(100 + i) }),
    );
    const found = split(lines, false);
    expect(found.map((p) => p.lines.length)).toEqual([50, 1]);
    expect(new Set(found.map((p) => p.key)).size).toBe(2);
    expect(found[1]?.reason).toBe('limit of lines or diagnoses');
  });

  test('13 diagnoses that lines point to are two claims', () => {
    const lines = Array.from({ length: 13 }, (_, i) =>
      line(`c${i}`, { reasons: [`A${String(i).padStart(2, '0')}`] }),
    );
    expect(split(lines, false).map((p) => p.lines.length)).toEqual([12, 1]);
  });

  test('an own code stands on an inpatient claim only', () => {
    const own = { code: { system: system.chargeMaster, code: 'RB0120' } };
    expect(isBillable(line('a', { ...own, form: 'institutional' }), true)).toBe(true);
    expect(isBillable(line('a', { ...own, form: 'institutional' }), false)).toBe(false);
    expect(isBillable(line('a', own), true)).toBe(false);
  });
});

describe('the lines of a claim', () => {
  test('4 × 3 units on four days are one line of 12 on a stay, four lines elsewhere', () => {
    const days = ['2026-02-03', '2026-02-04', '2026-02-05', '2026-02-06'];
    const given = (form: 'professional' | 'institutional') =>
      days.map((day) => line(day, { form, start: day, end: day }));
    const [stay] = itemsOf(given('institutional'), true);
    expect(
      stay?.map((i) => [i.quantity?.value, i.net?.value, i.servicedPeriod, i.extension?.length]),
    ).toEqual([[12, 331.8, { start: '2026-02-03', end: '2026-02-06' }, 4]]);
    expect(itemsOf(given('institutional'), false)[0]).toHaveLength(4);
    expect(itemsOf(given('professional'))[0]).toHaveLength(4);
  });

  test.each([
    ['another modifier', { modifiers: ['RT'] }],
    ['another price', { unitPrice: cents(2766) }],
    ['another day', { start: '2026-02-04', end: '2026-02-04' }],
    ['another reason', { reasons: ['E87.1'] }],
    ['another description of an unlisted code', { code: { system: system.hcpcs, code: 'J1956', text: 'x' } }],
    ['a price that is not units × unit price', { unitPrice: undefined }],
  ])('%s is another line', (_name, more) => {
    const other = line('b', more as Partial<ClaimLine>);
    expect(itemsOf([line('a'), other])[0]).toHaveLength(2);
  });

  test.each([
    ['what the service was for', ['E87.1'], [2]],
    ['several, in order', ['Z23', 'E87.1'], [4, 2]],
    ['an external cause never first', ['W01.0XXA', 'E87.1'], [2, 3]],
    ['an external cause alone comes after the first diagnosis', ['W01.0XXA'], [1, 3]],
    ['no reason: the first', [], [1]],
    ['one that is not on the claim: the first', ['Q99.9'], [1]],
  ])('pointers: %s', (_name, reasons, expected) => {
    expect(itemsOf([line('a', { reasons })])[0]?.[0]?.diagnosisSequence).toEqual(expected);
  });

  test('institutional lines have no pointers, and only they have revenue codes', () => {
    const [institutional] = itemsOf([line('a', { form: 'institutional', revenue: '0250' })]);
    const [professional] = itemsOf([line('a', { revenue: '0250' })]);
    expect([institutional?.[0]?.diagnosisSequence, institutional?.[0]?.revenue?.coding?.[0]?.code]).toEqual([
      undefined,
      '0250',
    ]);
    expect(professional?.[0]?.revenue).toBeUndefined();
  });
});

const generatedLine = fc.record({
  code: fc.constantFrom('J1956', 'J1650', 'A0425'),
  units: fc.integer({ min: 1, max: 4000 }).map((n) => n / 10),
  price: fc.integer({ min: 0, max: 100_000 }),
  day: fc.constantFrom('2026-02-03', '2026-02-04'),
  form: fc.constantFrom('professional' as const, 'institutional' as const),
  provider: fc.constantFrom('Organization/clinic', 'Organization/ambulance'),
  place: fc.constantFrom('11', '41'),
  reasons: fc.subarray(
    ['J18.9', 'E87.1', ...Array.from({ length: 20 }, (_, i) => `B${String(i).padStart(2, '0')}`)],
    {
      maxLength: 4,
    },
  ),
});

test('splitting and merging lose no charge, no cent and no unit, and keep every limit', () => {
  fc.assert(
    fc.property(fc.array(generatedLine, { maxLength: 120 }), fc.boolean(), (given, inpatient) => {
      const lines = given.map(({ price, day, code, ...more }, i) =>
        line(`c${i}`, {
          ...more,
          code: { system: system.hcpcs, code },
          unitPrice: cents(price),
          net: times(more.units, cents(price)),
          start: day,
          end: day,
        }),
      );
      const parts = split(lines, inpatient);
      expect(new Set(parts.map((p) => p.key)).size).toBe(parts.length);
      const made = parts.map((part) => items(part, { ...setting, inpatient }, []));
      const named = made.flat().flatMap((i) => extensionsOf(i, extension.chargeItem));
      expect(named.map((e) => e.valueReference?.reference).sort()).toEqual(lines.map((l) => l.charge).sort());
      expect(sum(made.flat().map((i) => centsOf(i.net) ?? zero))).toBe(sum(lines.map((l) => l.net)));
      const tenths = (n: number): number => Math.round(n * 10);
      expect(made.flat().reduce((n, i) => n + tenths(i.quantity?.value ?? 0), 0)).toBe(
        lines.reduce((n, l) => n + tenths(l.units), 0),
      );
      parts.forEach((part, i) => {
        const most = limits[part.form];
        expect(made[i]?.length).toBeLessThanOrEqual(most.lines);
        if (part.form === 'institutional') return;
        expect(new Set(part.lines.flatMap((l) => l.reasons)).size).toBeLessThanOrEqual(most.diagnoses);
      });
    }),
    { numRuns: 60 },
  );
});
