import { describe, expect, test } from '@jest/globals';
import type { Procedure } from '@medplum/fhirtypes';
import { capture } from '../../../src/billing/charge/capture.ts';
import { buildCodeMap } from '../../../src/billing/coding/codeMap.ts';
import { coder } from '../../../src/billing/coding/coder.ts';
import type { Chart } from '../../../src/datatypes/chart.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { chartOf } from '../../fixture/chart.ts';

const coding = coder(
  buildCodeMap([
    {
      resourceType: 'ConceptMap',
      status: 'active',
      sourceUri: system.snomed,
      targetUri: system.hcpcs,
      group: [
        {
          element: [
            { code: 'visit', target: [{ code: 'T1015', equivalence: 'wider' }] },
            { code: 'stay', target: [{ equivalence: 'unmatched' }] },
            { code: 'right', target: [{ code: 'RT', equivalence: 'equivalent' }] },
          ],
        },
        {
          source: system.cvx,
          element: [
            {
              code: '141',
              target: [
                { code: 'Q2038', equivalence: 'equivalent' },
                { code: 'G0008', equivalence: 'equivalent' },
              ],
            },
          ],
        },
        {
          source: system.cvx,
          target: system.icd10cm,
          element: [{ code: '141', target: [{ code: 'Z23', equivalence: 'wider' }] }],
        },
      ],
    },
  ]),
);
const concept = (uri: string, code: string) => ({ coding: [{ system: uri, code }] });
const hcpcs = (code: string) => concept(system.hcpcs, code);
const subject = { reference: 'Patient/p' };
const captured = (more: Partial<Chart>, encounter = {}) =>
  capture(chartOf(encounter, more), coding, 'America/New_York');
const procedure = (id: string, code: string, more: Partial<Procedure> = {}): Procedure => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  code: hcpcs(code),
  subject,
  ...more,
});

describe('what a chart gives to charge', () => {
  test('each kind of chart entry gives a service that names its source', () => {
    const { services, uncoded } = captured(
      {
        procedures: [procedure('p', 'G0448')],
        immunizations: [
          {
            resourceType: 'Immunization',
            id: 'i',
            status: 'completed',
            patient: subject,
            vaccineCode: concept(system.cvx, '141'),
          },
        ],
        medicationAdministrations: [
          {
            resourceType: 'MedicationAdministration',
            id: 'm',
            status: 'completed',
            subject,
            medicationReference: { reference: 'Medication/drug' },
            dosage: { dose: { value: 48, code: 'mg' }, site: concept(system.snomed, 'right') },
          },
        ],
        medications: new Map([['Medication/drug', { resourceType: 'Medication', code: hcpcs('J7325') }]]),
        deviceUseStatements: [
          {
            resourceType: 'DeviceUseStatement',
            id: 'd',
            status: 'active',
            subject,
            device: { reference: 'Device/boot' },
          },
        ],
        devices: new Map([['Device/boot', { resourceType: 'Device', type: hcpcs('L4361') }]]),
        observations: [{ resourceType: 'Observation', id: 'o', status: 'final', code: hcpcs('G0403') }],
        diagnosticReports: [
          {
            resourceType: 'DiagnosticReport',
            id: 'r',
            status: 'amended',
            code: concept(system.chargeMaster, 'XR0324'),
          },
        ],
      },
      { type: [concept(system.snomed, 'visit')] },
    );
    expect(services.map((s) => s.source)).toEqual([
      'Encounter/e#T1015',
      'Procedure/p#G0448',
      'Immunization/i#Q2038',
      'Immunization/i#G0008',
      'MedicationAdministration/m#J7325',
      'DeviceUseStatement/d#L4361',
      'Observation/o#G0403',
      'DiagnosticReport/r#XR0324',
    ]);
    expect(uncoded).toEqual([]);
    const drug = services.find((s) => s.code.code === 'J7325');
    expect([drug?.amount, drug?.modifiers]).toEqual([{ value: 48, code: 'mg' }, ['RT']]);
    expect(services.filter((s) => s.resource === 'Immunization/i').map((s) => s.reasons)).toEqual([
      ['Z23'],
      ['Z23'],
    ]);
  });

  test('lines come in order of time, the visit first', () => {
    const { services } = captured(
      {
        procedures: [
          procedure('late', 'G0448', { performedDateTime: '2026-03-11T13:30:00Z' }),
          procedure('early', 'G0403', { performedDateTime: '2026-03-11T09:20:00-04:00' }),
        ],
      },
      { type: [concept(system.snomed, 'visit')] },
    );
    expect(services.map((s) => s.resource)).toEqual(['Encounter/e', 'Procedure/early', 'Procedure/late']);
  });

  test.each([
    ['not done', procedure('x', 'G0448', { status: 'not-done' })],
    ['entered in error', procedure('x', 'G0448', { status: 'entered-in-error' })],
    ['still going on', procedure('x', 'G0448', { status: 'in-progress' })],
  ])('a procedure that is %s is not charged', (_name, given) => {
    expect(captured({ procedures: [given] }).services).toEqual([]);
  });

  test('a vaccine that was only reported is not charged', () => {
    const { services } = captured({
      immunizations: [
        {
          resourceType: 'Immunization',
          id: 'i',
          status: 'completed',
          primarySource: false,
          patient: subject,
          vaccineCode: concept(system.cvx, '141'),
        },
      ],
    });
    expect(services).toEqual([]);
  });

  test('charted modifiers stand first, distance and other unit are kept', () => {
    const { services } = captured({
      procedures: [
        procedure('miles', 'A0425', {
          extension: [
            { url: extension.modifier, valueCodeableConcept: hcpcs('RH') },
            { url: extension.serviceQuantity, valueQuantity: { value: 11.4, code: '[mi_us]' } },
          ],
          performer: [
            { actor: { reference: 'Practitioner/a' }, onBehalfOf: { reference: 'Organization/ambulance' } },
          ],
        }),
      ],
    });
    expect(services[0]).toMatchObject({
      modifiers: ['RH'],
      amount: { value: 11.4 },
      organization: { reference: 'Organization/ambulance' },
      performers: [{ reference: 'Practitioner/a' }],
    });
  });

  test('a service without a map is for a coder; unmapped results are counted, not listed', () => {
    const result = (id: string) => ({
      resourceType: 'Observation' as const,
      id,
      status: 'final' as const,
      code: concept('http://loinc.org', '8302-2'),
    });
    const { services, uncoded, issues } = captured(
      {
        procedures: [procedure('p', '', { code: concept(system.snomed, '1597AAAA') })],
        observations: [result('a'), result('b')],
      },
      { type: [concept(system.snomed, 'stay')] },
    );
    expect(services).toEqual([]);
    expect(uncoded.map((u) => [u.resource, u.expression, u.code])).toEqual([
      ['Procedure/p', 'Procedure.code', 'no-map'],
    ]);
    expect(issues.map((i) => [codeOfIssue(i), i.severity, i.details?.text?.slice(0, 14)])).toEqual([
      ['not-billable', 'information', 'Encounter/e: h'],
      ['not-billable', 'information', '2 observations'],
    ]);
  });

  test('two types of one visit that are billed alike are one visit', () => {
    const type = [concept(system.snomed, 'visit'), hcpcs('T1015')];
    expect(captured({}, { type }).services).toHaveLength(1);
  });
});
