import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, ChargeItem, Claim, Encounter, MedicationAdministration } from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { sweepChart } from '../../src/operation/sweep/sweepChart.ts';
import { eachStore } from '../http/eachStore.ts';
import { post, sent, type Reply } from '../http/server.ts';
import { kneeOffice, type KneeOffice } from './kneeOffice.ts';

describe.each(eachStore('f2_02'))('on %s', (_store, open) => {
  let office: KneeOffice;
  const drafted = async (encounter: string): Promise<Claim & { id: string }> => {
    const ran = await office.run(`${encounter}/$generate-claim`);
    expect([ran.status, ran.status === 200 ? '' : ran.text]).toEqual([200, '']);
    return ran.one<Claim>('claim');
  };
  const patched = (path: string, value: string): Promise<Reply> =>
    sent(
      office.http
        .patch(`/fhir/${path}`)
        .set('Content-Type', 'application/json-patch+json')
        .send(JSON.stringify([{ op: 'replace', path: '/status', value }])),
    );
  const cancel = (path: string) =>
    office.change<Claim>(path, (claim) => {
      claim.status = 'cancelled';
    });
  const inTransaction = (path: string): Promise<Reply> =>
    post(office.http, '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: path } }],
    });

  beforeAll(async () => {
    office = await kneeOffice(open);
  });
  afterAll(() => office.store.close());

  const ways: readonly (readonly [string, (path: string) => Promise<Reply>])[] = [
    ['cancelled by an update', cancel],
    ['marked as an error by a patch', (path) => patched(path, 'entered-in-error')],
    ['deleted', (path) => office.delete(path)],
    ['deleted in a transaction', inTransaction],
  ];

  test.each(ways)('2.2 a draft that was %s is drafted anew and goes to the payer', async (how, take) => {
    const encounter = await office.visit(`drafts-${how.replaceAll(' ', '-')}`);
    const first = await drafted(encounter);
    expect((await take(`Claim/${first.id}`)).status).toBeLessThan(300);
    const second = await drafted(encounter);
    expect(second.id).not.toBe(first.id);
    expect((await office.run(`Claim/${second.id}/$submit`)).status).toBe(200);
    const posted = (await office.journal()).filter((e) => e.reason === 'claim-submitted');
    expect(posted.flatMap((e) => e.postings.flatMap((p) => p.claim ?? []))).not.toContain(
      `Claim/${first.id}`,
    );
  });

  test('2.2 a charge that a plain update took back is charged anew', async () => {
    const encounter = await office.visit('drafts5');
    const draft = await drafted(encounter);
    const { entry } = await office.get<Bundle>(`ChargeItem?context=${encounter}`);
    for (const path of (entry ?? []).map((e) => `ChargeItem/${e.resource?.id ?? ''}`)) {
      const taken = await office.change<ChargeItem>(path, (charge) => {
        charge.status = 'entered-in-error';
      });
      expect(taken.status).toBe(200);
    }
    const scrubbed = await office.run(`Claim/${draft.id}/$scrub`);
    expect(scrubbed.codes).toContain('charge-current');
    const again = await drafted(encounter);
    expect(again.total?.value).toBe(207.45);
    expect(balance(await office.journal(), { account: 'receivable-unbilled', encounter })).toBe(20745);
    expect((await office.run(`Claim/${again.id}/$submit`)).status).toBe(200);
  });

  test('2.2 neighbour: a draft taken back twice is drafted a third time', async () => {
    const encounter = await office.visit('drafts6');
    for (const turn of [1, 2]) {
      const draft = await drafted(encounter);
      const answer =
        turn === 1 ? await cancel(`Claim/${draft.id}`) : await office.delete(`Claim/${draft.id}`);
      expect(answer.status).toBeLessThan(300);
    }
    expect((await drafted(encounter)).status).toBe('draft');
  });

  test('2.2 neighbour: a cancelled draft that is opened again is not sent beside its successor', async () => {
    const encounter = await office.visit('drafts7');
    const first = await drafted(encounter);
    await cancel(`Claim/${first.id}`);
    const second = await drafted(encounter);
    expect((await office.run(`Claim/${second.id}/$submit`)).status).toBe(200);
    await office.change<Claim>(`Claim/${first.id}`, (claim) => {
      claim.status = 'draft';
    });
    expect((await office.run(`Claim/${first.id}/$submit`)).status).toBe(422);
  });

  test('2.2 neighbour: an ExplanationOfBenefit cannot be deleted, so the share is never stuck', async () => {
    const encounter = await office.visit('drafts8');
    const draft = await drafted(encounter);
    await office.run(`Claim/${draft.id}/$submit`);
    const { entry } = await office.get<Bundle>(`ExplanationOfBenefit?claim=Claim/${draft.id}`);
    const answer = await office.delete(`ExplanationOfBenefit/${entry?.[0]?.resource?.id ?? ''}`);
    expect(answer.status).toBe(409);
  });

  /** Takes back in the chart what the visit was charged for; without a diagnosis nothing of it can be claimed. */
  async function takeBack(name: string): Promise<void> {
    const steps = [
      await office.change<Encounter>(`Encounter/${name}-visit`, (visit) => {
        delete visit.type;
      }),
      await office.change<MedicationAdministration>(`MedicationAdministration/${name}-injection`, (given) => {
        given.status = 'entered-in-error';
      }),
      await office.delete(`Condition/${name}-knee`),
    ];
    expect(steps.map(({ status }) => status)).toEqual([200, 200, 204]);
  }

  const again: readonly (readonly [string, (encounter: string) => Promise<readonly unknown[]>])[] = [
    ['a capture', async (encounter) => (await office.run(`${encounter}/$capture-charges`)).codes],
    [
      'the sweep',
      async () => {
        await sweepChart(office.context, { at: Date.now() - 1000, seen: new Map() });
        return ['cancelled'];
      },
    ],
  ];
  test.each(again)(
    '2.2 a draft whose every charge was taken back in the chart is cancelled by %s, and drafted anew',
    async (how, capture) => {
      const name = `drafts9-${how.replace(' ', '-')}`;
      const encounter = await office.visit(name);
      const draft = await drafted(encounter);
      await takeBack(name);
      expect(await capture(encounter)).toContain('cancelled');
      expect((await office.get<Claim>(`Claim/${draft.id}`)).status).toBe('cancelled');
      expect(balance(await office.journal(), { account: 'receivable-unbilled', encounter })).toBe(0);
      await office.visit(name);
      const second = await drafted(encounter);
      expect([second.id === draft.id, second.total?.value]).toEqual([false, 207.45]);
      expect((await office.run(`Claim/${second.id}/$submit`)).status).toBe(200);
    },
  );

  test('2.2 neighbour: a draft of which a charge stands is kept where the chart cannot be claimed', async () => {
    const encounter = await office.visit('drafts10');
    const draft = await drafted(encounter);
    expect((await office.delete('Condition/drafts10-knee')).status).toBe(204);
    const { codes } = await office.run(`${encounter}/$capture-charges`);
    expect(codes).toContain('draft-not-updated');
    expect(codes).not.toContain('cancelled');
    expect((await office.get<Claim>(`Claim/${draft.id}`)).status).toBe('draft');
  });

  test('2.2 neighbour: the edits of a draft that is cancelled so are named', async () => {
    const encounter = await office.visit('drafts11');
    const draft = await drafted(encounter);
    const part = [
      { name: 'element', valueCode: 'line-note' },
      { name: 'line', valuePositiveInt: 1 },
      { name: 'value', valueString: 'left side' },
      { name: 'reason', valueString: 'the payer asks for it' },
    ];
    const edited = await office.run(`Claim/${draft.id}/$edit`, [{ name: 'edit', part }]);
    expect([edited.status, edited.text.slice(0, edited.status === 200 ? 0 : 400)]).toEqual([200, '']);
    await takeBack('drafts11');
    expect((await office.run(`${encounter}/$capture-charges`)).codes).toEqual(
      expect.arrayContaining(['cancelled', 'edit-without-line']),
    );
  });
});
