import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  ClaimResponse,
  Coverage,
  ExplanationOfBenefit,
  PaymentReconciliation,
} from '@medplum/fhirtypes';
import { shippedGateways } from '../../src/gateways.ts';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { condition, coverage, drug, patient, visit } from './visit.ts';

const day = '2026-06-03';
const total = 207.45;

describe.each(eachStore('firm_reversed'))('answers taken back, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  async function claimOf(
    name: string,
    subscriberId = `JRH${name.toUpperCase()}`,
  ): Promise<Claim | undefined> {
    const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
    await office.put(
      patient(name),
      coverage(name, name, { subscriberId }),
      visit(name, name, day),
      condition(name, name),
      drug(`${name}-drug`, of),
    );
    return (await office.claims(name, day))[0];
  }
  const journal = async (claim: Claim | undefined) =>
    (await office.context.store.entries({ count: 1000 })).entries.filter((e) =>
      e.postings.some((p) => p.claim === `Claim/${claim?.id ?? ''}`),
    );
  const explanations = (claim: Claim | undefined) =>
    office.find<ExplanationOfBenefit>(`ExplanationOfBenefit?claim=Claim/${claim?.id ?? ''}`);

  test('2.13 FORCEDREVERSED reverses: paid, then taken back, in the ledger too', async () => {
    const claim = await claimOf('reversed', 'FORCEDREVERSED1');
    const response = await office.submit(claim, day);
    const entries = await journal(claim);
    const paid = entries.find((e) => e.reason === 'insurer-payment');
    const back = entries.find((e) => e.reverses === paid?.id);
    const cash = (of: typeof paid): number =>
      (of?.postings ?? []).filter((p) => p.account === 'cash').reduce((n, p) => n + p.amount, 0);
    expect([cash(paid), back?.reason, cash(back)]).toEqual([20745, 'answer-reversed', -20745]);
    const all = await office.find<PaymentReconciliation>('PaymentReconciliation');
    const ours = all.find((r) => r.detail?.[0]?.request?.reference === `Claim/${claim?.id ?? ''}`);
    expect([ours?.paymentAmount.value, ours?.detail?.map((d) => d.amount?.value)]).toEqual([
      0,
      [total, -total, 0],
    ]);
    expect([response.outcome, response.disposition, response.payment?.amount.value]).toEqual([
      'complete',
      'Denied',
      0,
    ]);
    const history = await office.send('get', `ClaimResponse/${response.id ?? ''}/_history/1`);
    expect((history.body as ClaimResponse).payment?.amount.value).toBe(total);
  });

  test('2.13 neighbour: its explanations are the payment, its reversal with every sign turned, and what stands', async () => {
    const claim = await claimOf('explained', 'FORCEDREVERSED2');
    await office.submit(claim, day);
    const [paid, back, stands, ...more] = await explanations(claim);
    const totalOf = (e: ExplanationOfBenefit | undefined, code: string) =>
      e?.total?.find((t) => t.category.coding?.[0]?.code === code)?.amount.value;
    expect(more).toEqual([]);
    expect([paid, back, stands].map((e) => [totalOf(e, 'submitted'), e?.payment?.amount?.value])).toEqual([
      [total, total],
      [-total, -total],
      [total, 0],
    ]);
    expect(back?.extension?.map((e) => e.valueReference?.reference)).toContain(
      `ExplanationOfBenefit/${paid?.id ?? ''}`,
    );
    const amounts = (e: ExplanationOfBenefit | undefined): number[] =>
      (e?.item ?? []).flatMap((i) => (i.adjudication ?? []).flatMap((a) => a.amount?.value ?? []));
    expect(amounts(back)).toEqual(amounts(paid).map((n) => (n === 0 ? 0 : -n)));
  });

  test('2.13 neighbour: sent again it is the same answer, nothing is posted twice, nothing is owed', async () => {
    const claim = await claimOf('again', 'FORCEDREVERSED3');
    const first = await office.submit(claim, day);
    const before = (await journal(claim)).length;
    const second = await office.submit(claim, day);
    expect([second.id, second.meta?.versionId]).toEqual([first.id, first.meta?.versionId]);
    expect((await journal(claim)).length).toBe(before);
    const invoice = await office.call('ExplanationOfBenefit/$generate-invoice', [
      { name: 'patient', valueReference: { reference: 'Patient/again' } },
    ]);
    expect([invoice.status, invoice.all('invoice'), invoice.codes]).toEqual([
      200,
      [],
      expect.arrayContaining(['nothing-owed']),
    ]);
  });

  test('2.13 the code-edition warning stands once, last', async () => {
    const claim = await claimOf('edition');
    const scrubbed = await office.call(`Claim/${claim?.id ?? ''}/$scrub`);
    expect(scrubbed.codes.filter((c) => c === 'code-edition')).toHaveLength(1);
    expect(scrubbed.codes.filter((c) => c !== 'scrubbed').at(-1)).toBe('code-edition');
    expect(scrubbed.text('code-edition')).toMatch(/ICD-10-CM .* and services .* HCPCS/);
    const response = await office.submit(claim, day);
    const notes = (response.processNote ?? []).map((n) => n.text);
    expect(notes.filter((n) => n.startsWith('code-edition'))).toHaveLength(1);
    expect(notes.at(-1)).toMatch(/^code-edition/);
  });

  test('2.13 neighbour: it follows every other warning', async () => {
    const claim = await claimOf('warned');
    const { address, ...unaddressed } = patient('warned');
    expect(address).toBeDefined();
    await office.put(unaddressed);
    const scrubbed = await office.call(`Claim/${claim?.id ?? ''}/$scrub`);
    expect(scrubbed.codes).toContain('patient-address');
    expect(scrubbed.codes.filter((c) => c !== 'scrubbed').at(-1)).toBe('code-edition');
  });

  /** The claim as another product would send it again: another number, no charges of ours. */
  const copyOf = (claim: Claim | undefined, number: string, more: Partial<Claim> = {}): Claim => {
    const copy = structuredClone(claim) as Claim;
    delete copy.id;
    delete copy.meta;
    copy.identifier = [{ ...copy.identifier?.[0], value: number }];
    copy.status = 'active';
    copy.item?.forEach((item) => delete item.extension);
    return Object.assign(copy, more);
  };
  const sentAs = async (claim: Claim) => {
    const answer = await office.send('post', 'Claim/$submit', claim);
    return answer.status === 200 ? (answer.body as ClaimResponse).disposition : answer.codes.join();
  };

  test('2.13 the duplicate of a voided claim is none', async () => {
    const claim = await claimOf('voided');
    await office.submit(claim, day);
    expect(await sentAs(copyOf(claim, 'DUP1'))).toBe('Denied'); // OA-18
    const stored = await office.read<Claim>('Claim', claim?.id ?? '');
    await office.context.store.transaction((tx) => tx.put({ ...stored, status: 'cancelled' }));
    expect(await sentAs(copyOf(claim, 'DUP2'))).toBe('Processed as primary');
  });

  test('2.13 a claim of which the payment was taken back with its answer is no rival of the next one', async () => {
    const claim = await claimOf('takenback', 'FORCEDREVERSED7');
    await office.submit(claim, day);
    const { id: _id, ...copy } = copyOf(claim, 'DUP3') as Claim & { id?: string };
    expect(await sentAs(copy as Claim)).not.toContain('duplicate');
    const again = await office.find<ClaimResponse>('ClaimResponse?patient=Patient/takenback');
    expect(again.map((r) => JSON.stringify(r).includes('"18"'))).toEqual([false, false]);
  });

  test('2.13 neighbour: a void that the payer answered frees what it voids for a claim that comes anew', async () => {
    const claim = await claimOf('freed');
    await office.submit(claim, day);
    expect(await sentAs(copyOf(claim, 'DUP4'))).toBe('Denied');
    const copy = copyOf(claim, 'VOID1');
    const category = { coding: [{ code: 'typeofbill' }] };
    const typeOfBill = { sequence: 91, category, code: { coding: [{ code: '0138' }] } };
    const prior = { claim: { reference: `Claim/${claim?.id ?? ''}` } };
    const gateway = shippedGateways('simulator', office.context);
    const answered = await gateway?.send({
      ...{ id: 'void-1', controlNumber: 'VOID1', payer: 'Organization/juniper-ridge' },
      claim: { ...copy, id: 'void-1', related: [prior], supportingInfo: [typeOfBill] },
      coverage: await office.read<Coverage>('Coverage', 'freed'),
      ...{ priors: [], satisfied: false, sentOn: day },
    });
    expect(answered?.is).toBe('answer');
    expect(await sentAs(copyOf(claim, 'DUP5'))).toBe('Processed as primary');
  });
});
