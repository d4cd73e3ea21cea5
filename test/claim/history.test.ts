import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  Coverage,
  ExplanationOfBenefit,
  Invoice,
  MedicationAdministration,
} from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import type { Said } from '../firm/office.ts';
import { condition, coverage, drug, patient, visit } from '../firm/visit.ts';
import { isLong, runsOf } from '../runs.ts';
import { day, later, openWorld, reason, text, type World } from './world.ts';

/** The same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_507) + 0x9e37_79b9) | 0;
    const mixed = (state ^ (state >>> 13)) >>> 0;
    return mixed % below;
  };
}

const seeds = Array.from({ length: runsOf({ usual: 5, long: 60 }) }, (_, i) => i + 1);
const stepsEach = runsOf({ usual: 14, long: 22 });

describe.each(eachStore('claim_history'))('histories of corrections and voids, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  async function chart(name: string, kind: number): Promise<void> {
    const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
    const member = ['JRH', 'FORCEDPARTIAL', 'FORCEDDENIED', 'JRH'][kind % 4] ?? 'JRH';
    const second: (Coverage & { id: string })[] =
      kind % 4 === 3
        ? [
            coverage(`${name}-second`, name, {
              payor: [{ reference: 'Organization/state-family' }],
              order: 2,
              plan: 'family-care',
              subscriberId: `SFP${name}`,
            }),
          ]
        : [];
    await world.put(
      patient(name),
      coverage(name, name, { subscriberId: `${member}${name}` }),
      ...second,
      visit(name, name, day),
      condition(name, name),
      drug(`${name}-drug`, of),
    );
  }

  const claims = (name: string) => world.find<Claim>(`Claim?patient=Patient/${name}`);
  const one = <T>(of: readonly T[], pick: (below: number) => number): T | undefined =>
    of[pick(of.length || 1)];

  /** One thing that an office might do; what does not fit is refused, and that is no fault. */
  async function step(name: string, at: string, pick: (below: number) => number): Promise<string> {
    const all = await claims(name);
    const active = one(
      all.filter((c) => c.status === 'active'),
      pick,
    );
    const draft = one(
      all.filter((c) => c.status === 'draft'),
      pick,
    );
    const told = (what: string, said: Said | undefined): string => {
      if (said !== undefined && said.status >= 500) throw new Error(`${what}: ${JSON.stringify(said.body)}`);
      return `${what} ${said?.status.toString() ?? '-'} ${said?.codes.join(' ') ?? ''}`;
    };
    const act = async (what: Claim | undefined, code: string): Promise<string> =>
      told(code, what && (await world.act(what, code, [reason()], at)));
    switch (pick(10)) {
      case 0:
      case 1:
        return told('submit', draft && (await world.act(draft, 'submit', [], at)));
      case 2:
        return act(active, 'correct');
      case 3:
        return act(active, 'void');
      case 4: {
        const value = 40 * (1 + pick(4));
        await world.send('patch', `MedicationAdministration/${name}-drug`, [
          { op: 'replace', path: '/dosage/dose/value', value },
        ]);
        return `chart ${value}`;
      }
      case 5:
        return told(
          'generate-claim',
          await world.act({ resourceType: 'Encounter', id: name }, 'generate-claim', [], at),
        );
      case 6: {
        const explained = await world.find<ExplanationOfBenefit>(
          `ExplanationOfBenefit?patient=Patient/${name}`,
        );
        const eob = one(explained, pick);
        return told('invoice', eob && (await world.act(eob, 'generate-invoice', [], at)));
      }
      case 7: {
        const invoices = await world.find<Invoice>(`Invoice?subject=Patient/${name}&status=issued`);
        const invoice = one(invoices, pick);
        const parameters = [
          { name: 'amount', valueMoney: { value: 1 + pick(60), currency: 'USD' as const } },
          { name: 'method', valueCode: 'cash' },
          text('reference', `R${at}${pick(1000)}`),
        ];
        return told('pay', invoice && (await world.act(invoice, 'record-payment', parameters, at)));
      }
      case 8: {
        const invoices = await world.find<Invoice>(`Invoice?subject=Patient/${name}&status=issued`);
        const invoice = one(invoices, pick);
        const amount = { name: 'amount', valueMoney: { value: 1 + pick(5), currency: 'USD' as const } };
        const parameters = [amount, { name: 'reason', valueCode: 'charity' }];
        return told('give up', invoice && (await world.act(invoice, 'write-off', parameters, at)));
      }
      default: {
        const amount = { name: 'amount', valueMoney: { value: 1 + pick(20), currency: 'USD' as const } };
        const parameters = [amount, { name: 'reason', valueCode: 'other' }];
        return told('write-off', active && (await world.act(active, 'write-off', parameters, at)));
      }
    }
  }

  test.each(seeds)('5 generated history %i keeps every invariant of the ledger', async (seed) => {
    const name = `h${seed.toString()}`;
    const pick = numbers(seed);
    await chart(name, seed);
    const [first] = await world.claims(name, later(1));
    await world.submit(first, later(1));
    const log: string[] = [];
    for (let n = 0; n < stepsEach; n += 1) {
      log.push(await step(name, later(2 + n), pick));
      const isLooked = isLong || n === stepsEach - 1; // the whole store is read each time
      const faults = isLooked ? await world.faults() : [];
      if (faults.length > 0) throw new Error([name, ...log, ...faults].join('\n'));
    }
    const [drugs] = await world.find<MedicationAdministration>(`MedicationAdministration?_id=${name}-drug`);
    expect(drugs?.id).toBe(`${name}-drug`);
    expect(log).toHaveLength(stepsEach);
  });
});
