import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChargeItem, Coverage, Location, Organization, Patient, Practitioner } from '@medplum/fhirtypes';
import { whyUnsound } from '../../../src/billing/rule/dataRule.ts';
import { placesAtFault, readCondition, variablesOf } from '../../../src/billing/rule/judge.ts';
import { shippedConditions } from '../../../src/billing/rule/shipped.ts';
import { subjectFrom } from '../../../src/billing/rule/subject.ts';
import { rules } from '../../../src/billing/scrub/rules/index.ts';
import type { ScrubInput, ScrubRule } from '../../../src/billing/scrub/rule.ts';
import { viewOf } from '../../../src/billing/scrub/view.ts';
import { generatedClaim } from '../../fixture/generatedClaim.ts';
import { runsOf } from '../../runs.ts';
import { failing } from './failing/index.ts';
import { claimNames, inputOf } from './fixture.ts';

const read = shippedConditions.map((one) => ({ ...one, condition: readCondition(one) }));
const asData = new Set(shippedConditions.map(({ rule }) => rule));
const coded = rules.filter(({ id }) => asData.has(id));

type Found = readonly [rule: string, severity: string, place: string, text: string];
const sorted = (found: readonly Found[]): string[] => found.map((one) => one.join(' | ')).sort();

const byCode = (input: ScrubInput): string[] => {
  const view = viewOf(input);
  return sorted(
    coded.flatMap((rule) =>
      rule.check(view).map((f): Found => [rule.id, f.severity ?? rule.severity, f.expression, f.text]),
    ),
  );
};
const severityOf = new Map<string, ScrubRule['severity']>(rules.map((r) => [r.id, r.severity]));
function byData({ claim, known, on }: ScrubInput): string[] {
  const subject = subjectFrom(claim, { known, on });
  const variables = variablesOf(subject);
  return sorted(
    read.flatMap(({ rule, severity, text, condition }) =>
      placesAtFault(condition, subject, variables).map((place): Found => [
        rule,
        severity ?? severityOf.get(rule) ?? '',
        place,
        text,
      ]),
    ),
  );
}

describe('shipped scrub rules as data find what the coded ones find', () => {
  test('they name rules that there are, in FHIRPath that a practice could write', () => {
    expect([...asData].filter((id) => !severityOf.has(id))).toEqual([]);
    expect(asData.size).toBeGreaterThan(25);
    expect(shippedConditions.flatMap(({ each, when }) => whyUnsound(each) ?? whyUnsound(when) ?? [])).toEqual(
      [],
    );
  });

  test.each([...claimNames, 'oral', 'pharmacy'] as const)('on the %s claim', (name) => {
    expect(byData(inputOf(name))).toEqual(byCode(inputOf(name)));
  });

  test.each(failing.map((f) => [f.rule, f.what, f] as const))('%s: %s', (_rule, _what, { claim, change }) => {
    const input = inputOf(claim);
    const changed =
      change(input, {
        organization: (id) => input.known.get(`Organization/${id}`) as Organization,
        patient: (id) => input.known.get(`Patient/${id}`) as Patient,
        coverage: (id) => input.known.get(`Coverage/${id}`) as Coverage,
        practitioner: (id) => input.known.get(`Practitioner/${id}`) as Practitioner,
        location: (id) => input.known.get(`Location/${id}`) as Location,
        charge: (id) => input.known.get(`ChargeItem/${id}`) as ChargeItem,
      }) ?? input;
    expect(byData(changed)).toEqual(byCode(changed));
  });

  test.each(['professional', 'institutional', 'oral'] as const)('on generated %s claims', (form) => {
    fc.assert(
      fc.property(generatedClaim(form), ({ claim, resources }) => {
        const known = new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));
        const input = inputOf('minimal', { claim, known });
        expect(byData(input)).toEqual(byCode(input));
      }),
      { numRuns: runsOf({ usual: 15, long: 300 }) },
    );
  });
});
