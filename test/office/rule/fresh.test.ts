import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Extension, Parameters, Patient } from '@medplum/fhirtypes';
import { chartInfusion, openWorld, sent, type World } from '../../claim/world.ts';
import { coded, own } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';

const parts: Record<string, Omit<Extension, 'url'>> = {
  name: { valueCode: 'asks-for-a-number' },
  status: { valueCode: 'draft' },
  severity: { valueCode: 'warning' },
  each: { valueString: 'Claim' },
  when: { valueString: "%patient.identifier.where(system = 'urn:plan').empty()" },
  text: { valueString: 'the patient needs a number of the plan' },
  carc: { valueCode: '16' },
  cure: { valueString: 'Ask the patient.' },
};

describe.each(eachStore('office_rule_fresh'))(
  'scrub rules on what a Bundle creates, on %s',
  (_name, open) => {
    let world: World;
    let claim: Claim;
    let patient: Patient;
    beforeAll(async () => {
      world = await openWorld(open);
      await world.send('put', 'Basic/fresh', {
        resourceType: 'Basic',
        id: 'fresh',
        code: coded('https://claimwright.example/fhir/CodeSystem/basic', 'scrub-rule'),
        extension: [
          {
            url: own('scrub-rule'),
            extension: Object.entries(parts).map(([url, value]) => ({ url, ...value })),
          },
        ],
      });
      await world.call('Basic/fresh/$back-test');
      expect((await world.call('Basic/fresh/$activate')).status).toBe(200);
      await chartInfusion(world, 'ann');
      const [draft] = await world.claims('ann', sent);
      claim = await world.read<Claim>('Claim', draft?.id ?? '');
      const { id: _id, meta: _meta, ...bare } = await world.read<Patient>('Patient', 'ann');
      patient = bare;
    });
    afterAll(() => world.close());

    const number = { system: 'urn:plan', value: '7' };

    test.each([
      ['a create', { method: 'POST', url: 'Patient' }, true, undefined],
      ['a create, with the number', { method: 'POST', url: 'Patient' }, false, number],
      [
        'a create where there is none',
        { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|1' },
        true,
        undefined,
      ],
      ['a conditional update', { method: 'PUT', url: 'Patient?identifier=urn:x|2' }, true, undefined],
    ])('12.7 neighbour: the patient of a claim comes by %s', async (_what, request, isFault, identifier) => {
      const fullUrl = 'urn:uuid:0b7a1c52-93d4-4e0a-9a55-5d1f6c1d2e3f';
      const scrubbed: Parameters = {
        resourceType: 'Parameters',
        parameter: [{ name: 'resource', resource: { ...claim, patient: { reference: fullUrl } } }],
      };
      const before = (await world.find<Patient>('Patient?family:missing=false')).length;
      const answer = await world.send('post', '', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          { fullUrl, request, resource: { ...patient, ...(identifier ? { identifier: [identifier] } : {}) } },
          { request: { method: 'POST', url: 'Claim/$scrub' }, resource: scrubbed },
        ],
      });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.body).includes('asks-for-a-number')).toBe(isFault);
      expect((await world.find<Patient>('Patient?family:missing=false')).length).toBe(before + 1);
    });
  },
);
