import { describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Coverage, Encounter, Location } from '@medplum/fhirtypes';
import { visitForm, visitPlace } from '../../../src/billing/claim/claimLine.ts';
import { institutionalDiagnoses, professionalDiagnoses } from '../../../src/billing/claim/diagnosis.ts';
import { nextPayerClaim, nextSequence } from '../../../src/billing/claim/nextPayer.ts';
import { sameContent } from '../../../src/billing/claim/sameContent.ts';
import type { Part } from '../../../src/billing/claim/split.ts';
import { stands } from '../../../src/billing/claim/stands.ts';
import { codeOfIssue, type Issue } from '../../../src/outcome/issue.ts';
import { system } from '../../../src/terminology/system.ts';

const encounter = (kind: string, location?: string): Encounter => ({
  resourceType: 'Encounter',
  status: 'finished',
  class: { code: kind },
  ...(location === undefined ? {} : { location: [{ location: { reference: `Location/${location}` } }] }),
});
const locations = new Map<string, Location>([
  [
    'Location/clinic',
    { resourceType: 'Location', type: [{ coding: [{ system: system.placeOfService, code: '11' }] }] },
  ],
  [
    'Location/ward',
    { resourceType: 'Location', type: [{ coding: [{ system: system.placeOfServiceShort, code: '22' }] }] },
  ],
  ['Location/bare', { resourceType: 'Location' }],
]);

describe('place and form of a visit', () => {
  test.each([
    ['AMB', 'clinic', '11', 'professional'],
    ['AMB', 'ward', '22', 'institutional'],
    ['AMB', 'bare', '11', 'professional'],
    ['AMB', undefined, '11', 'professional'],
    ['IMP', undefined, '21', 'institutional'],
    ['EMER', 'bare', '23', 'institutional'],
    ['HH', undefined, '12', 'professional'],
    ['VR', undefined, '02', 'professional'],
  ])('class %s at %s is place %s, %s', (kind, location, place, form) => {
    const visit = encounter(kind, location);
    const found = visitPlace(visit, locations);
    expect([found.code, visitForm(visit, found.code, undefined)]).toEqual([place, form]);
  });

  test('what is asked wins', () => {
    expect(visitForm(encounter('IMP'), '21', 'professional')).toBe('professional');
  });
});

const part = (form: Part['form'], ...reasons: string[]): Part => ({
  key: 'k',
  form,
  provider: 'Organization/a',
  place: '11',
  reason: '',
  lines: reasons.map((r) => ({
    charge: 'ChargeItem/c',
    code: { system: system.hcpcs, code: 'T1015' },
    modifiers: [],
    units: 1,
    net: 0 as never,
    start: '2026-02-03',
    end: '2026-02-03',
    reasons: [r],
    form,
    provider: 'Organization/a',
    place: '11',
  })),
});
const listOf = (
  diagnoses: readonly {
    diagnosisCodeableConcept?: { coding?: { code?: string }[] } | undefined;
    type?: { coding?: { code?: string }[] }[] | undefined;
    onAdmission?: { coding?: { code?: string }[] } | undefined;
  }[],
) =>
  diagnoses.map((d) =>
    [d.diagnosisCodeableConcept, d.type?.[0], d.onAdmission]
      .flatMap((c) => c?.coding?.[0]?.code ?? [])
      .join(' '),
  );
const charted = (...codes: string[]) => ({ diagnoses: codes.map((code) => ({ code })), reasonsForVisit: [] });

describe('the diagnoses of a claim', () => {
  test('those of the visit, then what the lines are for, external causes last', () => {
    const issues: Issue[] = [];
    const found = professionalDiagnoses(part('professional', 'Z23'), charted('J06.9', 'W01.0XXA'), {
      main: true,
      issues,
    });
    expect(listOf(found)).toEqual(['J06.9 principal', 'Z23 secondary', 'W01.0XXA secondary']);
    expect(found.map((d) => d.sequence)).toEqual([1, 2, 3]);
  });

  test('another billing provider takes only what its lines are for', () => {
    const found = professionalDiagnoses(part('professional', 'J18.9'), charted('E87.1', 'J18.9'), {
      main: false,
      issues: [],
    });
    expect(listOf(found)).toEqual(['J18.9 principal']);
  });

  test('beyond twelve, what no line points to is left out and named', () => {
    const codes = Array.from({ length: 14 }, (_, i) => `A${String(i).padStart(2, '0')}`);
    const issues: Issue[] = [];
    const found = professionalDiagnoses(part('professional', 'A13'), charted(...codes), {
      main: true,
      issues,
    });
    expect(found).toHaveLength(12);
    expect(listOf(found).at(-1)).toBe('A13 secondary');
    expect(issues.map((i) => [codeOfIssue(i), i.details?.text?.slice(0, 3)])).toEqual([
      ['diagnosis-limit', 'A11'],
      ['diagnosis-limit', 'A12'],
    ]);
  });

  test('a stay has the admitting diagnosis and says what was there on admission, exempt codes by themselves', () => {
    const given = { ...charted('J18.9', 'Z87.891', 'W01.0XXA'), admitting: 'R05.9' };
    const options = { main: true, inpatient: true, on: '2026-02-07', issues: [] };
    expect(listOf(institutionalDiagnoses(part('institutional'), given, options))).toEqual([
      'J18.9 principal',
      'Z87.891 other 1',
      'W01.0XXA externalcauseofinjury',
      'R05.9 admitting',
    ]);
  });

  test('an outpatient visit says why the patient came, at most three reasons', () => {
    const given = { ...charted('M81.0'), reasonsForVisit: ['R05.9', 'R07.9', 'R10.9', 'R11.0'] };
    const options = { main: true, inpatient: false, on: '2026-02-07', issues: [] };
    expect(listOf(institutionalDiagnoses(part('institutional'), given, options))).toEqual([
      'M81.0 principal',
      'R05.9 patientreasonforvisit',
      'R07.9 patientreasonforvisit',
      'R10.9 patientreasonforvisit',
    ]);
  });
});

const claim: Claim = {
  resourceType: 'Claim',
  id: 'first',
  meta: { versionId: '2' },
  identifier: [{ value: 'CW1' }],
  status: 'active',
  type: {},
  use: 'claim',
  patient: { reference: 'Patient/p' },
  created: '2026-07-16',
  insurer: { reference: 'Organization/senior' },
  provider: {},
  priority: {},
  insurance: [
    { sequence: 1, focal: true, coverage: { reference: 'Coverage/senior' }, preAuthRef: ['A1'] },
    { sequence: 2, focal: false, coverage: { reference: 'Coverage/ppo' } },
  ],
  item: [{ sequence: 1, productOrService: {}, net: { value: 1, currency: 'USD' } }],
  total: { value: 1, currency: 'USD' },
};

describe('the claim for the next payer', () => {
  const response = { resourceType: 'ClaimResponse', id: 'r' } as ClaimResponse & { id: string };
  const coverage = { payor: [{ reference: 'Organization/ppo' }] } as Coverage;
  const next = nextPayerClaim({ claim, response, coverage, created: '2026-07-30' });

  test('it goes to the next Coverage, and the answer of the first stands in its insurance', () => {
    expect([next.status, next.created, next.insurer]).toEqual([
      'draft',
      '2026-07-30',
      { reference: 'Organization/ppo' },
    ]);
    expect(next.insurance).toEqual([
      {
        sequence: 1,
        focal: false,
        coverage: { reference: 'Coverage/senior' },
        preAuthRef: ['A1'],
        claimResponse: { reference: 'ClaimResponse/r' },
      },
      { sequence: 2, focal: true, coverage: { reference: 'Coverage/ppo' } },
    ]);
  });

  test('it bills the same lines under a number of its own', () => {
    expect([next.item, next.total]).toEqual([claim.item, claim.total]);
    expect([next.id, next.meta, next.identifier]).toEqual([undefined, undefined, undefined]);
  });

  test('nobody follows the last', () => {
    expect([nextSequence(claim), nextSequence(next)]).toEqual([2, undefined]);
  });
});

describe('the life of a claim', () => {
  test('drafts and submitted claims count, cancelled ones do not', () => {
    expect(
      (['draft', 'active', 'cancelled', 'entered-in-error'] as const).map((status) => stands({ status })),
    ).toEqual([true, true, false, false]);
  });

  test('numbers, dates and status are not content; lines are', () => {
    const again: Claim = { ...claim, id: 'x', identifier: [], status: 'draft', created: '2027-01-01' };
    expect(sameContent(claim, again, false)).toBe(true);
    expect(sameContent(claim, { ...again, total: { value: 2, currency: 'USD' } }, false)).toBe(false);
  });

  test('a payment or a document after submission is no other claim; in a draft it is', () => {
    const paid = {
      sequence: 1,
      category: { coding: [{ system: system.supportingInfo, code: 'patient-paid' }] },
      valueQuantity: { value: 25 },
    };
    expect(sameContent(claim, { ...claim, supportingInfo: [paid] }, true)).toBe(true);
    expect(sameContent(claim, { ...claim, supportingInfo: [paid] }, false)).toBe(false);
  });
});
