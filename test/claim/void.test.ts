import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  ChargeItem,
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  Invoice,
  Parameters,
  PaymentReconciliation,
} from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { later, openWorld, reason, sent, type World } from './world.ts';

const invoiceFor = async (world: World, claim: Claim): Promise<Invoice & { id: string }> => {
  const found = await world.find<ExplanationOfBenefit>(`ExplanationOfBenefit?claim=Claim/${claim.id ?? ''}`);
  const active = found.find((e) => e.status === 'active');
  const billed = await world.act(active ?? claim, 'generate-invoice', [], sent);
  const [invoice] = billed.all<Invoice & { id: string }>('invoice');
  if (!invoice) throw new Error(JSON.stringify(billed.body));
  return invoice;
};

const pay = (world: World, invoice: Invoice, value: number, at = later(1)) =>
  world.act(
    invoice,
    'record-payment',
    [
      { name: 'amount', valueMoney: { value, currency: 'USD' } },
      { name: 'method', valueCode: 'cash' },
    ],
    at,
  );

describe.each(eachStore('claim_void'))('$void, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  test('5 a void takes the claim back: the ledger is reversed, the charges are free, a new original goes', async () => {
    const claim = await world.billed('voided');
    const { claim: voiding, response } = await world.redo(claim, 'void');
    expect([response.disposition, response.payment?.amount.value]).toEqual(['Voided', 0]);
    expect(await world.standing('voided')).toEqual({ 'receivable-unbilled': 20745, revenue: -20745 });
    expect([await world.state(claim), await world.state(voiding)]).toEqual(['voided', 'done']);
    const charges = await world.find<ChargeItem>('ChargeItem?context=Encounter/voided');
    expect(charges.map((c) => c.status)).toEqual(['billable', 'billable']);
    const [remitted] = (await world.find<PaymentReconciliation>('PaymentReconciliation')).filter((p) =>
      p.detail?.some((d) => d.request?.reference === `Claim/${claim.id}` && (d.amount?.value ?? 0) < 0),
    );
    expect(remitted?.detail).toHaveLength(1);
    const [anew] = await world.claims('voided', later(2));
    expect([anew?.id === claim.id, anew?.status, anew?.related]).toEqual([false, 'draft', undefined]);
    expect((await world.submit(anew, later(2))).disposition).toBe('Processed as primary');
    expect(await world.faults()).toEqual([]);
  });

  test('5 paid Invoices: what the patient paid is credit, and the correction takes it up', async () => {
    const claim = await world.billed('patient');
    const invoice = await invoiceFor(world, claim);
    const owed = invoice.totalNet?.value ?? 0;
    expect((await pay(world, invoice, owed)).status).toBe(200);
    await world.send('patch', 'MedicationAdministration/patient-drug', [
      { op: 'replace', path: '/dosage/dose/value', value: 80 },
    ]);
    const { claim: now } = await world.redo(claim, 'correct', later(2));
    const cancelled = await world.read<Invoice>('Invoice', invoice.id);
    expect(cancelled.status).toBe('cancelled');
    const invoices = await world.find<Invoice>('Invoice?subject=Patient/patient&status=issued');
    const [successor] = invoices;
    const rest = (successor?.totalNet?.value ?? 0) - 0;
    expect([invoices.length, rest > 0]).toEqual([1, true]);
    const standing = await world.standing('patient');
    expect(standing['unapplied-patient-credit']).toBeUndefined();
    expect(standing['receivable-patient-invoiced']).toBe(Math.round(rest * 100));
    expect(await world.state(now)).toBe('paid');
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: after a void the patient owes nothing, and what was paid is credit', async () => {
    const claim = await world.billed('credit');
    const invoice = await invoiceFor(world, claim);
    await pay(world, invoice, 20);
    await world.redo(claim, 'void', later(3));
    const balance = (await world.send('get', 'Account?subject=Patient/credit')).body as { entry?: unknown[] };
    expect(balance.entry).toHaveLength(1);
    expect(await world.standing('credit')).toEqual({
      cash: 2000,
      'receivable-unbilled': 20745,
      revenue: -20745,
      'unapplied-patient-credit': -2000,
    });
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: a plain write on what was reversed is refused, and a second void changes nothing', async () => {
    const claim = await world.billed('plain');
    const { claim: voiding } = await world.redo(claim, 'void');
    const [answer] = await world.find<ClaimResponse>(`ClaimResponse?request=Claim/${claim.id}`);
    const edited = { ...answer, status: 'active' };
    expect((await world.send('put', `ClaimResponse/${answer?.id ?? ''}`, edited)).codes).toEqual([
      'kept-by-the-books',
    ]);
    expect((await world.send('put', `Claim/${claim.id}`, { ...claim, status: 'active' })).status).toBe(409);
    const before = await world.standing('plain');
    const again = await world.act(claim, 'void', [reason()], later(4));
    expect([again.status, again.codes, again.all<Claim>('claim')[0]?.id]).toEqual([
      200,
      ['already-there'],
      voiding.id,
    ]);
    await world.act(voiding, 'submit', [], later(4));
    expect(await world.standing('plain')).toEqual(before);
  });

  test('5 neighbour: dryRun writes nothing, and $state says what can be done', async () => {
    const claim = await world.billed('dry');
    const dry = await world.act(claim, 'void', [reason(), { name: 'dryRun', valueBoolean: true }]);
    expect([dry.status, dry.all<Claim>('claim')[0]?.status]).toEqual([200, 'draft']);
    expect(await world.find<Claim>('Claim?patient=Patient/dry')).toHaveLength(1);
    const said = (await world.send('get', `Claim/${claim.id}/$state`)).body as Parameters;
    const codes = said.parameter?.filter((p) => p.name === 'allows').map((p) => p.valueCode);
    expect(codes).toEqual(['correct', 'void', 'appeal', 'generate-invoice']);
    const found = await world.find(`Task?code=submission&business-status=paid&focus=Claim/${claim.id}`);
    expect(found).toHaveLength(1);
  });
});
