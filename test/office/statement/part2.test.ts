import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Consent, Encounter } from '@medplum/fhirtypes';
import { kneeOffice, type KneeOffice } from '../../firm/kneeOffice.ts';
import { eachStore } from '../../http/eachStore.ts';

const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' };

describe.each(eachStore('office-part2'))('42 CFR Part 2 on %s', (_store, open) => {
  let office: KneeOffice;
  let claim: string;
  beforeAll(async () => {
    office = await kneeOffice(open);
    const visit = await office.visit('part2');
    await office.change<Encounter>(visit, (encounter) => {
      encounter.meta = { ...encounter.meta, security: [label] };
    });
    claim = `Claim/${(await office.run(`${visit}/$generate-claim`)).one<Claim>('claim').id}`;
  });
  afterAll(() => office.store.close());

  test('8 part 2: a claim of a protected visit does not leave without the consent of the patient', async () => {
    expect((await office.run(`${claim}/$scrub`)).codes).toContain('part-2-consent');
    const sent = await office.run(`${claim}/$submit`);
    expect([sent.status, sent.codes.includes('part-2-consent')]).toEqual([422, true]);
  });

  test('8 part 2 neighbour: a consent that permits it lets it go, one that ended does not', async () => {
    const { patient } = await office.get<Claim>(claim);
    const consent = (period: { start: string; end?: string }): Consent & { id: string } => ({
      resourceType: 'Consent',
      id: 'part2',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient,
      policy: [{ uri: 'https://www.ecfr.gov/current/title-42/part-2' }],
      provision: { type: 'permit', period, securityLabel: [label] },
    });
    await office.put(consent({ start: '2026-01-01', end: '2026-02-01' }));
    expect((await office.run(`${claim}/$scrub`)).codes).toContain('part-2-consent');
    await office.put(consent({ start: '2026-01-01' }));
    expect((await office.run(`${claim}/$scrub`)).codes).not.toContain('part-2-consent');
  });
});
