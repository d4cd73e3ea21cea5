import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Claim, Organization } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { scrubTable } from '../../../script/scrubTable.ts';
import { rules } from '../../../src/billing/scrub/rules/index.ts';
import { scrub } from '../../../src/billing/scrub/scrub.ts';
import { codeOfIssue, type Issue } from '../../../src/outcome/issue.ts';
import { claimNames, claimOf, inputOf, type ClaimName } from './fixture.ts';
import { lineOf } from './failing/case.ts';

const carc = 'https://x12.org/codes/claim-adjustment-reason-codes';
const scrubWarning = 'https://claimwright.example/fhir/StructureDefinition/scrub-warning';

/** The minimal claim with a bad NPI of its practitioner, a pointer to nothing and no member id. */
function faulty(asked: readonly string[] = []) {
  const input = inputOf('minimal');
  const biller = input.known.get('Organization/clinic') as Organization;
  const [npi] = biller.identifier ?? [];
  if (npi) npi.value = '1234567890';
  biller.extension = asked.map((valueCode) => ({ url: scrubWarning, valueCode }));
  lineOf(input.claim).diagnosisSequence = [3];
  const coverage = input.known.get('Coverage/gwen-ppo');
  if (coverage?.resourceType === 'Coverage') delete coverage.subscriberId;
  return input;
}

describe('scrubbing', () => {
  test('finds every fault at once, errors first', () => {
    const issues = scrub(rules, faulty()).map((i) => [i.severity, codeOfIssue(i), i.expression?.[0]]);
    expect(issues).toEqual([
      ['error', 'npi-check-digit', 'Claim.provider'],
      ['error', 'member-id', 'Claim.insurance[0].coverage'],
      ['error', 'diagnosis-pointer', 'Claim.item[0].diagnosisSequence[0]'],
      ['warning', 'code-edition', 'Claim'],
    ]);
  });

  test('an issue says which denial it would earn, the cure and the source', () => {
    const [npi] = scrub(rules, faulty());
    expect(npi?.code).toBe('business-rule');
    expect(npi?.details?.coding).toEqual([
      { system: 'https://claimwright.example/fhir/CodeSystem/outcome', code: 'npi-check-digit' },
      { system: carc, code: '207' },
    ]);
    expect(npi?.diagnostics).toBe(
      'Would be denied with CARC 207, NPI has the wrong form. Correct the NPI of the provider; look it up in NPPES. ' +
        'Source: billing rule 1; 45 CFR 162.406, CMS NPI check digit.',
    );
  });

  test('a practice turns the errors of one rule into warnings, and the issue says so', () => {
    const issues = scrub(rules, faulty(['npi-check-digit']));
    const npi = issues.find((i) => codeOfIssue(i) === 'npi-check-digit');
    expect(npi?.severity).toBe('warning');
    expect(npi?.details?.text).toMatch(/the practice asked for a warning/);
    expect(issues.filter((i) => i.severity === 'error').map(codeOfIssue)).toEqual([
      'member-id',
      'diagnosis-pointer',
    ]);
  });

  test('a rule that does not exist is named where it was asked for', () => {
    const last = scrub(rules, faulty(['npi-chek-digit'])).at(-1);
    expect(last?.severity).toBe('warning');
    expect(codeOfIssue(last ?? { severity: 'error', code: 'invalid' })).toBe('unknown-scrub-rule');
    expect(last?.expression).toEqual([`Organization.extension('${scrubWarning}')[0]`]);
  });

  test('takes CPT by its form, and the spellings of code systems that other products write', () => {
    const input = inputOf('minimal');
    const line = lineOf(input.claim);
    line.productOrService = { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '99213' }] };
    line.locationCodeableConcept = {
      coding: [{ system: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes', code: '11' }],
    };
    const [diagnosis] = input.claim.diagnosis ?? [];
    if (diagnosis)
      diagnosis.diagnosisCodeableConcept = {
        coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'M1711' }],
      };
    expect(scrub(rules, input).filter((i) => i.severity === 'error')).toEqual([]);
    line.productOrService = {
      coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'T1015' }],
    };
    expect(scrub(rules, input).filter((i) => i.severity === 'error')).toEqual([]);
  });

  test('says nothing of what the chart holds: no name, member id, birth date or code of a diagnosis', () => {
    const input = inputOf('complete', { known: new Map() });
    for (const diagnosis of input.claim.diagnosis ?? [])
      diagnosis.diagnosisCodeableConcept = {
        coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'S93.4' }],
      };
    const text = JSON.stringify(scrub(rules, input));
    expect(text).toContain('icd-billable');
    for (const secret of ['Prescott', 'JRH100655301', '1983-07-17', 'S93.4', '2026-06'])
      expect(text).not.toContain(secret);
  });
});

/** Another value of the same JSON type, the edges of each included. */
function otherValue(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value === 'number')
    return fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.constantFrom(0, -1, 0.005, 1e300),
    );
  if (typeof value === 'boolean') return fc.boolean();
  return fc.oneof(
    fc.string(),
    fc.constantFrom('', '2026', '2026-02', '2026-02-30', 'A00', 'Patient/', 'Claim/minimal', 'é'),
  );
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every primitive, object and list below a resource. */
const placesOf = (value: unknown): Place[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, child]) =>
        key === 'resourceType' ? [] : [{ holder: value as Record<string, unknown>, key }, ...placesOf(child)],
      )
    : [];

/** Elements R4 requires: a structurally valid resource has them. */
const required = new Set(
  'status type use patient created provider priority insurance sequence focal coverage productOrService date url category name beneficiary payor subject code diagnosis'.split(
    ' ',
  ),
);

interface Change {
  readonly at: number;
  readonly drop: boolean;
  readonly number: unknown;
  readonly text: unknown;
  readonly flag: unknown;
}
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  drop: fc.boolean(),
  number: otherValue(0),
  text: otherValue(''),
  flag: otherValue(true),
});

/** Drops an element that R4 does not require, or gives a primitive another value of its type. */
function apply(places: readonly Place[], { at, drop, number, text, flag }: Change): void {
  const place = places[at % places.length];
  if (!place) return;
  const { holder, key } = place;
  const value = holder[key];
  if (value === undefined) return;
  if (typeof value === 'object') {
    if (!required.has(key) && !Array.isArray(holder)) Reflect.deleteProperty(holder, key);
    return;
  }
  if (drop && !required.has(key) && !Array.isArray(holder)) Reflect.deleteProperty(holder, key);
  else holder[key] = typeof value === 'number' ? number : typeof value === 'boolean' ? flag : text;
}

const ids = new Set(rules.map((r) => r.id));
const place = /^Claim(\.[a-zA-Z]+(\[\d+\]|\('[^']+'\)(\[\d+\])?)?)*$/;

/** The issue has a rule, one FHIRPath of the claim and a text. */
const isWhole = (i: Issue): boolean =>
  ids.has(codeOfIssue(i) ?? '') &&
  i.expression?.length === 1 &&
  place.test(i.expression[0] ?? '') &&
  /\w{3}/.test(i.details?.text ?? '');

describe('for any claim', () => {
  test('scrubbing never throws, changes nothing, and every issue has rule, place and text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ClaimName>(...claimNames),
        fc.array(change, { minLength: 1, maxLength: 12 }),
        (name, changes) => {
          const input = inputOf(name, { earlier: [{ ...claimOf(name), id: 'earlier', status: 'active' }] });
          const places = [input.claim, ...input.known.values()].flatMap(placesOf);
          for (const c of changes) apply(places, c);
          const before = JSON.stringify([input.claim, [...input.known]]);
          const issues = scrub(rules, input);
          expect(JSON.stringify([input.claim, [...input.known]])).toBe(before);
          expect(issues.filter((i) => !isWhole(i))).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });

  test('the same claim has the same issues', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ClaimName>(...claimNames),
        fc.array(change, { maxLength: 6 }),
        (name, changes) => {
          const input = inputOf(name);
          const places = placesOf(input.claim);
          for (const c of changes) apply(places, c);
          expect(scrub(rules, input)).toEqual(scrub(rules, structuredClone(input)));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a foreign claim of almost nothing is answered with what is missing', () => {
    const claim: Claim = {
      resourceType: 'Claim',
      status: 'active',
      type: {},
      use: 'claim',
      patient: { display: 'somebody' },
      created: '2026-01-01',
      provider: {},
      priority: {},
      insurance: [],
    };
    const codes = scrub(rules, { ...inputOf('minimal'), claim, known: new Map() })
      .filter((i) => i.severity === 'error')
      .map(codeOfIssue);
    for (const code of [
      'claim-type',
      'patient-identity',
      'focal-coverage',
      'coverage-payer',
      'diagnosis-required',
      'line-required',
      'claim-total',
    ])
      expect(codes).toContain(code);
  });
});

test('docs/scrub-rules.md is the table of the rules', () => {
  expect(readFileSync(new URL('../../../docs/scrub-rules.md', import.meta.url), 'utf8')).toBe(
    scrubTable(rules),
  );
});
