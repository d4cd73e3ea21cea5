import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  Claim,
  Coverage,
  ExplanationOfBenefit,
  Invoice,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { eachStore } from '../http/eachStore.ts';
import { qmbFact } from './answered.ts';
import { kneeOffice, type KneeOffice } from './kneeOffice.ts';

describe.each(eachStore('firm-2-10-road'))('on %s', (_store, open) => {
  let office: KneeOffice;
  beforeEach(async () => {
    office = await kneeOffice(open);
  });
  afterEach(async () => {
    await office.context.store.close();
  });
  const of = async <T extends Resource>(path: string): Promise<T[]> =>
    ((await office.get<Bundle<T>>(path)).entry ?? []).flatMap((e) => e.resource ?? []);

  /** Charts the visit, changes its Coverage and submits its claim; answers with what the explanation's bill says. */
  async function billed(name: string, change: (coverage: Coverage) => void) {
    const encounter = await office.visit(name);
    await office.change<Coverage>(`Coverage/${name}`, change);
    const claim = (await office.run(`${encounter}/$generate-claim`)).one<Claim>('claim');
    const sent = await office.run(`Claim/${claim.id}/$submit`);
    expect(sent.status).toBe(200);
    const [eob] = await of<ExplanationOfBenefit>(`ExplanationOfBenefit?claim=Claim/${claim.id}`);
    return { claim, bill: () => office.run(`ExplanationOfBenefit/${eob?.id ?? ''}/$generate-invoice`) };
  }

  test('2.10 the answer itself takes the cost share of a QMB patient off', async () => {
    const { claim, bill } = await billed('q1', (c) => {
      c.extension = [qmbFact('2026-01-01')];
    });
    const share = { account: 'qmb-cost-share', claim: `Claim/${claim.id}` } as const;
    expect(balance(await office.journal(), share)).toBe(4172);
    expect(balance(await office.journal(), { account: 'receivable-patient-not-invoiced' })).toBe(0);
    const answer = await bill();
    expect([answer.status, answer.codes]).toEqual([200, ['qmb-cost-share']]);
  });

  test('2.10 PR-27 on the road: no bill until the search for other coverage is over', async () => {
    await office.put({
      resourceType: 'Basic',
      id: 'ended',
      extension: [
        {
          url: 'https://claimwright.example/fhir/StructureDefinition/enrolled-period',
          valuePeriod: { start: '2025-01-01', end: '2026-04-30' },
        },
      ],
      identifier: [{ system: 'https://claimwright.example/fhir/sid/member-id', value: 'JRH-q2' }],
      code: { coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/basic', code: 'enrollment' }] },
      author: { reference: 'Organization/juniper-ridge' },
    });
    const { claim, bill } = await billed('q2', () => undefined);
    const [task] = (await of<Task>(`Task?focus=Claim/${claim.id}`)).filter(
      (t) => t.code?.coding?.[0]?.code === 'find-coverage',
    );
    expect((await bill()).codes).toEqual(['coverage-search-open']);
    await office.change<Task>(`Task/${task?.id ?? ''}`, (t) => {
      t.status = 'completed';
    });
    const answer = await bill();
    expect(answer.codes).toContain('created');
    expect(answer.one<Invoice>('invoice').totalNet?.value).toBe(207.45);
  });
});
