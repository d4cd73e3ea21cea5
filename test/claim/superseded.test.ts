import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  ChargeItem,
  Claim,
  ClaimResponse,
  MedicationAdministration,
  Parameters,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { runJob } from '../../src/job/queue.ts';
import { claimDelivery } from '../../src/operation/submission/delivery.ts';
import { eachStore } from '../http/eachStore.ts';
import { openSender, until, type Sender } from '../firm/payerAtTheEnd.ts';

const now = Date.parse('2026-11-24T15:00:00Z');
const reason = { name: 'reason', valueString: 'mended' };

describe.each(eachStore('claim_superseded'))('claims that others took the place of, on %s', (_name, open) => {
  let office: Sender;
  beforeAll(async () => {
    office = await openSender(open);
  });
  afterAll(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await office.store.close();
  });
  const answering = (): void => {
    office.payer.send = (_t, judge) => judge();
  };
  const refusing = (): void => {
    office.payer.send = () => Promise.resolve({ is: 'refused', reason: 'A7:562:85' });
  };
  const state = async (claim: string): Promise<string | undefined> =>
    (await office.get<Parameters>(`${claim}/$state`)).parameter?.find((p) => p.name === 'state')?.valueCode;
  const faults = async () => (await storeFaults(office.store, now)).faults;
  const task = async (claim: string, code: string): Promise<Task & { id: string }> => {
    const found = await office.get<Bundle>(`Task?focus=${claim}&code=${code}`);
    return found.entry?.[0]?.resource as Task & { id: string };
  };
  const found = async <T extends Resource>(query: string): Promise<T[]> =>
    ((await office.get<Bundle>(query)).entry ?? []).map((e) => e.resource as T);
  /** A person completes the Task that asks to mend a claim. */
  const mended = async (claim: string): Promise<void> => {
    const known = await task(claim, 'submission-refused');
    expect((await office.put({ ...known, status: 'completed' })).status).toBe(200);
  };

  test('5 neighbour: a claim that goes again as another one is sent no more, whatever its Tasks say', async () => {
    const claim = await office.draft('withdrawn');
    refusing();
    await office.submit(claim);
    answering();
    const draft = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    await mended(claim);
    const before = office.payer.sent.length;
    const again = await office.submit(claim);
    expect([again.status, again.codes, office.payer.sent.length]).toEqual([
      409,
      ['claim-not-submittable'],
      before,
    ]);
    expect([await state(claim), (await office.get<Claim>(claim)).status]).toEqual(['withdrawn', 'cancelled']);
    await office.submit(`Claim/${draft.id}`);
    expect(office.payer.sent.length).toBe(before + 1);
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: a replacement that its payer refused is sent no more once another one was drafted', async () => {
    const claim = await office.draft('refused');
    answering();
    await office.submit(claim);
    const first = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    refusing();
    await office.submit(`Claim/${first.id}`);
    answering();
    expect([await state(claim), await state(`Claim/${first.id}`)]).toEqual(['paid', 'rejected']);
    const second = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    expect(second.id).not.toBe(first.id);
    await mended(`Claim/${first.id}`);
    const before = office.payer.sent.length;
    const again = await office.submit(`Claim/${first.id}`);
    expect([again.status, again.codes, office.payer.sent.length]).toEqual([
      409,
      ['claim-not-submittable'],
      before,
    ]);
    expect((await office.submit(`Claim/${second.id}`)).one<ClaimResponse>().outcome).toBe('complete');
    expect([await state(claim), await state(`Claim/${second.id}`)]).toEqual(['corrected', 'paid']);
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: what a refused replacement billed besides goes on the next one, and nothing is free', async () => {
    const claim = await office.draft('besides');
    answering();
    await office.submit(claim);
    const path = 'MedicationAdministration/besides-injection';
    const changed = await office.change<MedicationAdministration>(path, (given) => {
      if (given.dosage?.dose) given.dosage.dose.value = 80;
    });
    expect(changed.status).toBe(200);
    const first = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    refusing();
    await office.submit(`Claim/${first.id}`);
    answering();
    const second = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    expect([first.total?.value, second.total?.value]).toEqual([246.45, 246.45]);
    expect(await state(`Claim/${first.id}`)).toBe('withdrawn');
    expect((await office.submit(`Claim/${second.id}`)).one<ClaimResponse>().outcome).toBe('complete');
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: a refused replacement that is taken back leaves the charges with the claim that bills them', async () => {
    const claim = await office.draft('dropped');
    answering();
    await office.submit(claim);
    const first = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    refusing();
    await office.submit(`Claim/${first.id}`);
    answering();
    const again = await office.run(`Claim/${first.id}/$correct`, [reason]);
    expect([again.status, again.codes]).toEqual([422, ['resubmit-by-submit']]);
    const dropped = await office.run(`Claim/${first.id}/$void`, [reason]);
    expect([dropped.status, dropped.codes]).toEqual([200, ['withdrawn']]);
    const charges = await found<ChargeItem>('ChargeItem?context=Encounter/dropped-visit');
    expect(charges.map((c) => c.status)).toEqual(charges.map(() => 'billed'));
    const second = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    await office.submit(`Claim/${second.id}`);
    expect([await state(claim), await state(`Claim/${second.id}`)]).toEqual(['corrected', 'paid']);
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: what is on its way once more is not drafted anew beside it', async () => {
    const claim = await office.draft('again');
    refusing();
    await office.submit(claim);
    expect(await state(claim)).toBe('rejected');
    await mended(claim);
    let answer: () => void = () => undefined;
    const thinking = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const isSent = office.payer.sent.length;
    office.payer.send = async (_t, judge) => {
      await thinking;
      return judge();
    };
    const sending = office.submit(claim);
    await until(() => Promise.resolve(office.payer.sent.length > isSent));
    const early = await office.run(`${claim}/$correct`, [reason]);
    expect([await state(claim), early.status, early.codes]).toEqual(['sent', 409, ['claim-state']]);
    answer();
    await sending;
    expect(await state(claim)).toBe('paid');
    expect(await faults()).toEqual([]);
  });

  test.each([1, 2, 3])(
    '5 neighbour: $submit once more and $correct at once do one of the two (%i)',
    async (n) => {
      const claim = await office.draft(`race${n.toString()}`);
      refusing();
      await office.submit(claim);
      await mended(claim);
      answering();
      const before = office.payer.sent.length;
      const [submitted, corrected] = await Promise.all([
        office.submit(claim),
        office.run(`${claim}/$correct`, [reason]),
      ]);
      const isWithdrawn = (await office.get<Claim>(claim)).status === 'cancelled';
      expect([submitted.status, office.payer.sent.length - before]).toEqual(
        isWithdrawn ? [409, 0] : [200, 1],
      );
      // where the payer has answered before, the correction is the one of a claim that was paid
      if (isWithdrawn) expect(corrected.status).toBe(200);
      expect(await faults()).toEqual([]);
    },
  );

  test('5 neighbour: a late answer to a claim that went again as another one keeps the charges of that one', async () => {
    const claim = await office.draft('late');
    refusing();
    await office.submit(claim);
    answering();
    const draft = (await office.run(`${claim}/$correct`, [reason])).one<Claim>('claim');
    await office.submit(`Claim/${draft.id}`);
    await until(async () => (await state(`Claim/${draft.id}`)) === 'paid');
    const known = await office.store.jobs.read(`submission|${claim}`);
    const sentOnce = office.payer.sent.find((t) => t.claim.id === claim.split('/')[1]);
    office.payer.find = () => Promise.resolve({ is: 'refused', reason: 'A7:500' });
    await office.store.transaction(async (tx) => {
      if (known)
        await tx.jobs.enqueue({ ...known, result: JSON.stringify({ is: 'accepted' }) }, { reopen: true });
    });
    const [lease] = await office.store.jobs.take({
      kinds: ['claim-submission'],
      count: 1,
      key: `submission|${claim}`,
    });
    const engine = { store: office.store, now: () => now, random: () => 0.5, failed: () => undefined };
    if (lease) await runJob(engine, claimDelivery(office.context), lease);
    expect([sentOnce === undefined, await state(claim)]).toEqual([false, 'withdrawn']);
    const refused = await office.run(`${claim}/$void`, [reason]);
    expect(refused.codes).toEqual(['already-there']);
    expect(await faults()).toEqual([]);
  });

  test('5 neighbour: a plain write of the Task of a submission does not change where its claim stands', async () => {
    const claim = await office.draft('task');
    refusing();
    await office.submit(claim);
    answering();
    await office.run(`${claim}/$void`, [reason]);
    const known = await task(claim, 'submission');
    const { businessStatus: _state, ...bare } = known;
    const { output: _output, ...silent } = known;
    const writes = [bare, { ...known, status: 'entered-in-error' as const }, silent];
    for (const write of writes) expect((await office.put(write as Task)).status).toBe(409);
    expect((await office.delete(`Task/${known.id}`)).status).toBe(409);
    expect((await office.put({ ...known, note: [{ text: 'seen' }], priority: 'urgent' })).status).toBe(200);
    expect(await state(claim)).toBe('withdrawn');
    expect(
      (await office.put({ ...(await task(claim, 'submission-refused')), status: 'completed' })).status,
    ).toBe(200);
  });
});
