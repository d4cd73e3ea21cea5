import { expect, test } from '@jest/globals';
import type { EpisodeOfCare } from '@medplum/fhirtypes';
import {
  accidentOfCase,
  besideCase,
  caseIn,
  isCompensation,
} from '../../../src/billing/claim/episodeCase.ts';
import { cms1500 } from '../../../src/billing/form/cms1500.ts';
import { inputOf } from '../../billing/scrub/fixture.ts';

const episode = (kind: string, decision?: string, over: Partial<EpisodeOfCare> = {}): EpisodeOfCare => ({
  resourceType: 'EpisodeOfCare',
  id: 'case',
  status: 'active',
  type: [{ coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/case-type', code: kind }] }],
  patient: { reference: 'Patient/1' },
  extension: [
    {
      url: 'https://claimwright.example/fhir/StructureDefinition/case',
      extension: [
        { url: 'injury', valueDate: '2026-05-28' },
        { url: 'state', valueString: 'NY' },
        { url: 'claim-number', valueString: 'WCB-77-1204' },
        { url: 'coverage', valueReference: { reference: 'Coverage/comp' } },
        ...(decision === undefined ? [] : [{ url: 'decision', valueCode: decision }]),
      ],
    },
  ],
  ...over,
});

test('12.cases compensation stands until it is denied, and a cancelled episode is no case', () => {
  const holds = (kind: string, decision?: string): boolean => {
    const found = caseIn(episode(kind, decision));
    return found !== undefined && isCompensation(found);
  };
  expect([holds('workers-compensation'), holds('workers-compensation', 'accepted')]).toEqual([true, true]);
  expect([holds('workers-compensation', 'denied'), holds('auto', 'accepted')]).toEqual([false, false]);
  expect(caseIn(episode('auto', 'open', { status: 'cancelled' }))).toBeUndefined();
  expect(caseIn(episode('allergy'))).toBeUndefined();
});

test.each([
  ['workers-compensation', ['10a.yes', '10b.no', '10c.no']],
  ['auto', ['10a.no', '10b.yes', '10c.no']],
  ['liability', ['10a.no', '10b.no', '10c.yes']],
] as const)('12.cases a CMS-1500 of %s says so in boxes 10 and 11b', (kind, boxes) => {
  const { claim, known } = inputOf('complete');
  const found = caseIn(episode(kind));
  if (!found) throw new Error('it is a case');
  const accident = accidentOfCase(found);
  const beside = besideCase(found, 'Coverage/comp').map((info, i) => ({ ...info, sequence: 90 + i }));
  const sheets = cms1500({
    claim: {
      ...claim,
      ...(accident ? { accident } : {}),
      supportingInfo: [...(claim.supportingInfo ?? []), ...beside],
    },
    known,
  });
  const text = JSON.stringify(sheets, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  for (const box of boxes) expect(text).toContain(`"${box}"`);
  expect(text).toContain('WCB-77-1204');
  expect(besideCase(found, 'Coverage/other')).toEqual([]);
});
