import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Claim, Condition, Encounter, Location, MedicationAdministration } from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { eachStore } from '../http/eachStore.ts';
import { kneeOffice, type KneeOffice, type Ran } from './kneeOffice.ts';

const drug = (code: string) => ({ coding: [{ system: hcpcs, code }] });
const hcpcs = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';

describe.each(eachStore('firm-2-03'))('on %s', (_store, open) => {
  let office: KneeOffice;
  beforeEach(async () => {
    office = await kneeOffice(open);
  });
  afterEach(async () => {
    await office.context.store.close();
  });
  const charted = (name: string, dose: number): MedicationAdministration & { id: string } => ({
    resourceType: 'MedicationAdministration',
    id: `${name}-more`,
    status: 'completed',
    medicationCodeableConcept: drug('J1885'),
    subject: { reference: `Patient/${name}` },
    context: { reference: `Encounter/${name}-visit` },
    effectiveDateTime: '2026-06-01T09:20:00-05:00',
    dosage: { dose: { value: dose, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } },
  });
  async function drafted(name: string): Promise<{ encounter: string; claim: Claim & { id: string } }> {
    const encounter = await office.visit(name);
    await office.put(charted(name, 15));
    return { encounter, claim: (await office.run(`${encounter}/$generate-claim`)).one<Claim>('claim') };
  }
  const texts = (answer: Ran): string[] =>
    (JSON.parse(answer.text) as { issue?: { details?: { text?: string } }[] }).issue?.map(
      (i) => i.details?.text ?? '',
    ) ?? [];
  const unbilled = async () => balance(await office.journal(), { account: 'receivable-unbilled' });

  test('2.3 (b) $submit refuses a draft whose chart says another quantity, naming the line', async () => {
    const { encounter, claim } = await drafted('a');
    await office.put(charted('a', 30));
    const refused = await office.run(`Claim/${claim.id}/$submit`);
    expect([refused.status, refused.codes[0]]).toEqual([422, 'draft-out-of-date']);
    expect(texts(refused)[0]).toMatch(/^line 3: quantity, net is otherwise in the chart/);
    const scrubbed = await office.run(`Claim/${claim.id}/$scrub`);
    expect(scrubbed.status).toBe(200);
    expect(scrubbed.codes[0]).toBe('draft-out-of-date');
    await office.run(`${encounter}/$generate-claim`);
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(200);
  });

  test('2.3 (b) a line that is gone, one that came, a diagnosis and a place are named too', async () => {
    const { claim } = await drafted('b');
    await office.put({ ...charted('b', 15), status: 'entered-in-error' });
    await office.put({ ...charted('b', 15), id: 'b-other', medicationCodeableConcept: drug('J1100') });
    await office.change<Condition>('Condition/b-knee', (c) => {
      c.code = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'M17.12' }] };
    });
    await office.change<Location>('Location/alder-street-clinic-office', (l) => {
      l.type = [{ coding: [{ system: placeSystem, code: '22' }] }];
    });
    const refused = await office.run(`Claim/${claim.id}/$submit`);
    expect(refused.status).toBe(422);
    const said = texts(refused).join('\n');
    expect(said).toContain('line 3 is no longer in the chart');
    expect(said).toContain('diagnosis is otherwise');
  });

  test('2.3 (b) neighbour: what came after the capture and changes nothing is no fault', async () => {
    const { claim } = await drafted('c');
    await office.change<Encounter>('Encounter/c-visit', (e) => {
      e.text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">seen</div>' };
    });
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(200);
  });

  test('2.3 (b) neighbour: a diagnosis that was deleted from the chart', async () => {
    const { claim } = await drafted('d');
    expect((await office.delete('Condition/d-knee')).status).toBe(204);
    const refused = await office.run(`Claim/${claim.id}/$submit`);
    expect(refused.status).toBe(422);
  });

  test('2.3 (b) a Claim of others has no chart and is not compared', async () => {
    const { claim } = await drafted('e');
    const others = structuredClone(claim) as Claim;
    await office.put(charted('e', 30));
    delete (others as { id?: string }).id;
    others.extension = (others.extension ?? []).filter((e) => !e.url.endsWith('/claim-part'));
    const scrubbed = await office.run('Claim/$scrub', [{ name: 'resource', resource: others }]);
    expect(scrubbed.codes).not.toContain('draft-out-of-date');
  });

  test.each(['entered-in-error', 'cancelled'] as const)(
    '2.3 (c) an Encounter %s is captured: charges reversed, drafts cancelled',
    async (status) => {
      const { encounter, claim } = await drafted('f');
      expect(await unbilled()).toBeGreaterThan(0);
      await office.change<Encounter>(encounter, (e) => {
        e.status = status;
      });
      const refused = await office.run(`Claim/${claim.id}/$submit`);
      expect([refused.status, refused.codes[0]]).toEqual([422, 'draft-out-of-date']);
      const answer = await office.run(`${encounter}/$capture-charges`);
      expect([answer.status, answer.codes[0]]).toEqual([200, 'visit-withdrawn']);
      expect(answer.codes.filter((c) => c === 'charge-withdrawn')).toHaveLength(3);
      expect(await unbilled()).toBe(0);
      expect((await office.get<Claim>(`Claim/${claim.id}`)).status).toBe('cancelled');
      const again = await office.run(`${encounter}/$capture-charges`);
      expect(again.codes).toEqual(['visit-withdrawn']);
    },
  );

  test('2.3 (c) neighbour: what was submitted before stays, with a Task, and a visit set right is billed anew', async () => {
    const { encounter, claim } = await drafted('g');
    await office.run(`Claim/${claim.id}/$submit`);
    await office.change<Encounter>(encounter, (e) => {
      e.status = 'cancelled';
    });
    const answer = await office.run(`${encounter}/$capture-charges`);
    expect(answer.codes.filter((c) => c === 'charge-review')).toHaveLength(3);
    const other = await drafted('h');
    for (const status of ['cancelled', 'finished'] as const) {
      await office.change<Encounter>(other.encounter, (e) => {
        e.status = status;
      });
      if (status === 'cancelled') await office.run(`${other.encounter}/$capture-charges`);
    }
    const anew = await office.run(`${other.encounter}/$generate-claim`);
    expect([anew.status, anew.one<Claim>('claim').id === other.claim.id]).toEqual([200, false]);
    const charges = anew.one<Claim>('claim').item ?? [];
    expect(charges).toHaveLength(3);
  });

  test('2.3 (d) after submission a difference only of quantity is 409, naming the line', async () => {
    const { encounter, claim } = await drafted('i');
    await office.run(`Claim/${claim.id}/$submit`);
    expect((await office.run(`${encounter}/$generate-claim`)).status).toBe(200);
    await office.put(charted('i', 30));
    const refused = await office.run(`${encounter}/$generate-claim`);
    expect([refused.status, refused.codes]).toEqual([409, ['claim-already-submitted']]);
    expect(texts(refused)[0]).toContain('line 3: what it bills has changed in the chart');
  });
});

const placeSystem = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';
