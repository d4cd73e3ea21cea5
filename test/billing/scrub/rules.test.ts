import { describe, expect, test } from '@jest/globals';
import type { ChargeItem, Coverage, Location, Organization, Patient, Practitioner } from '@medplum/fhirtypes';
import { rules } from '../../../src/billing/scrub/rules/index.ts';
import type { ScrubInput } from '../../../src/billing/scrub/rule.ts';
import { scrub } from '../../../src/billing/scrub/scrub.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { failing } from './failing/index.ts';
import { claimNames, inputOf } from './fixture.ts';

const found = (input: ScrubInput, id: string): [severity: string, expression: string][] =>
  scrub(rules, input).flatMap((i) =>
    codeOfIssue(i) === id ? [[i.severity, i.expression?.[0] ?? ''] as [string, string]] : [],
  );

test.each(claimNames)(
  'the %s claim passes every rule, with a word on the editions of the code sets',
  (name) => {
    const issues = scrub(rules, inputOf(name)).map((i) => [i.severity, codeOfIssue(i), i.expression?.[0]]);
    expect(issues).toEqual([['warning', 'code-edition', 'Claim']]);
  },
);

test.each(['oral', 'pharmacy'] as const)('the %s claim passes every rule', (name) => {
  expect(scrub(rules, inputOf(name)).map((i) => [codeOfIssue(i), i.expression])).toEqual([]);
});

describe('each rule finds what it is for, at its place', () => {
  test.each(failing.map((f) => [f.rule, f.what, f] as const))(
    '%s: %s',
    (rule, _what, { claim, change, faults }) => {
      const input = inputOf(claim);
      expect(found(input, rule).filter(([severity]) => severity === 'error')).toEqual([]);
      const changed = change(input, {
        organization: (id) => input.known.get(`Organization/${id}`) as Organization,
        patient: (id) => input.known.get(`Patient/${id}`) as Patient,
        coverage: (id) => input.known.get(`Coverage/${id}`) as Coverage,
        practitioner: (id) => input.known.get(`Practitioner/${id}`) as Practitioner,
        location: (id) => input.known.get(`Location/${id}`) as Location,
        charge: (id) => input.known.get(`ChargeItem/${id}`) as ChargeItem,
      });
      expect(found(changed ?? input, rule)).toEqual(
        faults.map((f) => (typeof f === 'string' ? ['error', f] : f)),
      );
    },
  );

  test('no rule is without a failing claim', () => {
    const tried = new Set(failing.map((f) => f.rule));
    expect(rules.map((r) => r.id).filter((id) => !tried.has(id))).toEqual([]);
  });
});

describe('every rule is documented', () => {
  test('ids are unique, and say in small letters what they check', () => {
    const ids = rules.map((r) => r.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  });

  test.each(rules.map((r) => [r.id, r] as const))('%s names its source, a CARC and the cure', (_id, rule) => {
    expect(rule.source).toMatch(/billing rule|837|FHIR R4/);
    expect(rule.carc).toMatch(/^([1-9]\d{0,2}|[A-Z]\d{1,2})$/);
    expect(rule.cure).toMatch(/^[A-Z].{10,160}\.$/);
  });

  test('there are more than forty', () => {
    expect(rules.length).toBeGreaterThanOrEqual(40);
  });
});
