import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Appointment, Claim, Invoice, ParametersParameter, Task } from '@medplum/fhirtypes';
import { openWorld, type World } from '../../claim/world.ts';
import { on, type Said } from '../../firm/office.ts';
import { coded, condition, coverage, drug, hcpcs, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';

const practice = 'Organization/alder-street-clinic';
const reference = (name: string, to: string): ParametersParameter => ({
  name,
  valueReference: { reference: to },
});
const item = (code: string, said: string): ParametersParameter => ({
  name: 'item',
  part: [
    { name: 'code', valueCoding: { system: hcpcs, code } },
    { name: 'text', valueString: said },
  ],
});
const appointment = (
  id: string,
  of: string,
  over: Partial<Appointment> = {},
): Appointment & { id: string } => ({
  resourceType: 'Appointment',
  id,
  status: 'booked',
  created: '2026-05-18',
  start: '2026-06-03T13:00:00Z',
  end: '2026-06-03T13:30:00Z',
  participant: [
    { status: 'accepted', actor: { reference: `Patient/${of}` } },
    { status: 'accepted', actor: { reference: 'Location/alder-street-clinic-office' } },
  ],
  ...over,
});

describe.each(eachStore('office_estimate_billed'))('estimates and what came, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const estimate = async (of: string, more: readonly ParametersParameter[] = []): Promise<string> => {
    const given = await world.call('Claim/$good-faith-estimate', [
      ...[reference('patient', `Patient/${of}`), reference('practice', practice)],
      ...[reference('appointment', `Appointment/${of}`), item('T1015', 'Office visit'), on('2026-05-20')],
      ...more,
    ]);
    if (given.status !== 200) throw new Error(JSON.stringify(given.body));
    return given.all<Claim & { id: string }>('estimate')[0]?.id ?? '';
  };
  const tasks = (code: string, focus: string) => world.find<Task>(`Task?code=${code}&focus=${focus}`);
  const dollars = (task: Task | undefined): unknown[] =>
    (task?.output ?? []).map((o) => [o.type.coding?.[0]?.code, o.valueMoney?.value]);
  /** The visit of an appointment: an office visit (168.45), and an infusion where it is wanted. */
  const visited = async (of: string, over: { readonly infusion?: number } = {}): Promise<void> => {
    await world.put(
      visit(of, of, '2026-06-03', { appointment: [{ reference: `Appointment/${of}` }] }),
      condition(of, of),
    );
    if (over.infusion !== undefined)
      await world.put(
        drug(
          `${of}-drug`,
          { patient: of, encounter: of, at: '2026-06-03T09:10:00-04:00' },
          {
            medicationCodeableConcept: coded(hcpcs, 'J1745'),
            dosage: {
              dose: { value: over.infusion, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
            },
          },
        ),
      );
  };
  const billed = (of: string, at = '2026-06-05'): Promise<Said> =>
    world.call(`Encounter/${of}/$generate-invoice`, [on(at)]);
  const accountOf = async (of: string): Promise<string> =>
    (await world.find<Account>(`Account?subject=Patient/${of}`))[0]?.id ?? '';
  const pay = (
    account: string,
    value: number,
    number: string,
    more: readonly ParametersParameter[],
  ): Promise<Said> =>
    world.call(`Account/${account}/$record-payment`, [
      { name: 'amount', valueMoney: { value, currency: 'USD' } },
      { name: 'method', valueCode: 'check' },
      { name: 'reference', valueString: number },
      ...more,
    ]);

  test('12.3 what is billed is held against the estimate, and from 400.00 above somebody is told', async () => {
    await world.put(patient('gil'), appointment('gil', 'gil'));
    const id = await estimate('gil');
    await visited('gil', { infusion: 400 });
    const bill = await billed('gil');
    const total = bill.all<Invoice>('invoice')[0]?.totalNet?.value ?? 0;
    expect(total).toBeGreaterThan(568.45);
    expect(bill.codes).toContain('estimate-exceeded');
    const [kept] = await tasks('estimate-compared', `Claim/${id}`);
    const difference = Math.round((total - 168.45) * 100) / 100;
    expect(dollars(kept)).toEqual([
      ['estimated', 168.45],
      ['billed', total],
      ['difference', difference],
    ]);
    const [told] = await tasks('estimate-exceeded', `Claim/${id}`);
    expect(told).toMatchObject({
      status: 'requested',
      owner: { reference: practice },
      restriction: { period: { end: '2026-10-03' } },
    });
    // the dispute freezes collection
    const account = await accountOf('gil');
    const held = await world.call(`Account/${account}/$hold`, [
      { name: 'reason', valueCode: 'ppdr' },
      on('2026-06-20'),
    ]);
    expect(held.status).toBe(200);
    const put = await world.send('put', `Task/${kept?.id ?? ''}`, {
      ...kept,
      output: kept?.output?.slice(1),
    });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
  });

  test('12.3 neighbour: below 400.00 the difference is kept and nobody is told; the same bill again changes nothing', async () => {
    await world.put(patient('hal'), appointment('hal', 'hal'));
    const id = await estimate('hal');
    await visited('hal');
    expect((await billed('hal')).codes).toContain('estimate-compared');
    expect((await billed('hal')).codes).toContain('already-there');
    const kept = await tasks('estimate-compared', `Claim/${id}`);
    expect(kept.map(dollars)).toEqual([
      [
        ['estimated', 168.45],
        ['billed', 168.45],
        ['difference', 0],
      ],
    ]);
    expect(await tasks('estimate-exceeded', `Claim/${id}`)).toEqual([]);
  });

  test('12.3 neighbour: an Invoice that is cancelled for coverage that was found closes the Task', async () => {
    await world.put(patient('ida'), appointment('ida', 'ida'));
    const id = await estimate('ida');
    await visited('ida', { infusion: 400 });
    await billed('ida');
    expect((await tasks('estimate-exceeded', `Claim/${id}`))[0]?.status).toBe('requested');
    await world.put(coverage('ida', 'ida'));
    const redone = await world.call('Encounter/ida/$rebill', [
      reference('coverage', 'Coverage/ida'),
      on('2026-06-08'),
    ]);
    expect(redone.codes).toContain('invoice-cancelled');
    const [kept] = await tasks('estimate-compared', `Claim/${id}`);
    expect(dollars(kept)).toEqual([
      ['estimated', 168.45],
      ['difference', -168.45],
    ]);
    expect((await tasks('estimate-exceeded', `Claim/${id}`))[0]?.status).toBe('completed');
    expect(await world.faults()).toEqual([]);
  });

  test('12.3 what is taken against an estimate pays no older Invoice, and the Invoice of its visit once', async () => {
    await world.put(patient('jon'), appointment('jon', 'jon'));
    await world.put(visit('jon-old', 'jon', '2026-04-01'), condition('jon', 'jon-old'));
    const old = await world.call('Encounter/jon-old/$generate-invoice', [on('2026-04-02')]);
    const id = await estimate('jon');
    const account = await accountOf('jon');
    const against = [reference('estimate', `Claim/${id}`), on('2026-05-20')];
    const taken = await pay(account, 100, 'D-1', against);
    expect([taken.status, taken.codes]).toEqual([200, ['created', 'unapplied-credit']]);
    expect((await pay(account, 100, 'D-1', against)).codes).toContain('already-there');
    expect((await world.read<Invoice>('Invoice', old.all<Invoice>('invoice')[0]?.id ?? '')).status).toBe(
      'issued',
    );
    await visited('jon');
    const bill = await billed('jon');
    expect(bill.text('credit-applied')).toContain('100.00');
    expect(bill.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(68.45);
    const [kept] = await tasks('estimate-compared', `Claim/${id}`);
    expect(dollars(kept)[1]).toEqual(['billed', 168.45]); // what was paid before is billed too
    expect((await world.standing('jon'))['unapplied-credit'] ?? 0).toBe(0);
    expect(await world.faults()).toEqual([]);
  });

  test('12.3 a visit that is cancelled: a Task asks for the refund of what was taken', async () => {
    await world.put(patient('kai'), appointment('kai', 'kai'));
    const id = await estimate('kai');
    await world.put(visit('kai-old', 'kai', '2026-04-01'), condition('kai', 'kai-old'));
    await world.call('Encounter/kai-old/$generate-invoice', [on('2026-04-02')]);
    const account = await accountOf('kai');
    await pay(account, 80, 'D-2', [reference('estimate', `Claim/${id}`), on('2026-05-20')]);
    await world.put(appointment('kai', 'kai', { status: 'cancelled' }));
    const [told] = await tasks('deposit-refund', `Account/${account}`);
    expect(told).toMatchObject({ status: 'requested', for: { reference: 'Patient/kai' } });
    expect(told?.description).toContain('80.00');
    // a visit that had begun already keeps its copay by itself
    await world.put(visit('kai-new', 'kai', '2026-06-10', { status: 'arrived' }));
    await pay(account, 25, 'D-3', [reference('encounter', 'Encounter/kai-new'), on('2026-06-10')]);
    await world.put(visit('kai-new', 'kai', '2026-06-10', { status: 'cancelled' }));
    const all = await tasks('deposit-refund', `Account/${account}`);
    expect(all.map(({ description = '' }) => /\d+\.\d\d/.exec(description)?.[0]).sort()).toEqual([
      '25.00',
      '80.00',
    ]);
  });

  test('12.3 neighbour: what was taken before the visit began is asked back once, when the visit is cancelled', async () => {
    await world.put(patient('oda'), appointment('oda', 'oda'));
    const id = await estimate('oda');
    await world.put(visit('oda-old', 'oda', '2026-04-01'), condition('oda', 'oda-old'));
    await world.call('Encounter/oda-old/$generate-invoice', [on('2026-04-02')]);
    const account = await accountOf('oda');
    await pay(account, 90, 'D-4', [reference('estimate', `Claim/${id}`), on('2026-05-20')]);
    const of = { appointment: [{ reference: 'Appointment/oda' }] };
    await world.put(visit('oda', 'oda', '2026-06-03', { ...of, status: 'arrived' }));
    await world.put(visit('oda', 'oda', '2026-06-03', { ...of, status: 'cancelled' }));
    const told = () => tasks('deposit-refund', `Account/${account}`);
    expect((await told()).map((t) => [t.status, t.reasonCode?.text])).toEqual([
      ['requested', 'Appointment/oda'],
    ]);
    expect((await told())[0]?.description).toContain('90.00');
    await world.put(appointment('oda', 'oda', { status: 'cancelled' }));
    expect(await told()).toHaveLength(1);
  });

  test('12.3 neighbour: an estimate of somebody else, or none, is refused', async () => {
    const account = await accountOf('jon');
    const [other] = await world.find<Claim>('Claim?patient=Patient/gil&use=predetermination');
    const wrong = await pay(account, 5, 'D-9', [reference('estimate', `Claim/${other?.id ?? ''}`)]);
    expect([wrong.status, wrong.codes]).toEqual([422, ['estimate-of-another']]);
    const none = await pay(account, 5, 'D-9', [reference('estimate', 'Claim/none')]);
    expect([none.status, none.codes]).toEqual([422, ['estimate-unknown']]);
  });

  test('12.3 nightly: who comes without insurance and has no estimate is on the list, by the day of the rule', async () => {
    const soon = { created: '2026-11-20', start: '2026-12-16T14:00:00Z', end: '2026-12-16T14:30:00Z' };
    await world.put(patient('lee'), patient('mia'), coverage('mia', 'mia'), patient('ned'));
    await world.put(...['lee', 'mia', 'ned'].map((name) => appointment(name, name, soon)));
    const give = (): Promise<Said> =>
      world.call('Claim/$good-faith-estimate', [
        ...[reference('patient', 'Patient/ned'), reference('practice', practice)],
        ...[reference('appointment', 'Appointment/ned'), item('T1015', 'Office visit')],
      ]);
    expect((await give()).status).toBe(200);
    const night = () => world.call('$run-nightly', [{ name: 'work', valueCode: 'estimates' }]);
    expect((await night()).status).toBe(200);
    const missing = await world.find<Task>('Task?code=estimate-missing');
    expect(missing.map((t) => [t.focus?.reference, t.restriction?.period?.end])).toEqual([
      ['Appointment/lee', '2026-11-25'],
    ]);
    await night();
    expect(await world.find<Task>('Task?code=estimate-missing')).toHaveLength(1);
    const given = await world.call('Claim/$good-faith-estimate', [
      ...[reference('patient', 'Patient/lee'), reference('practice', practice)],
      ...[reference('appointment', 'Appointment/lee'), item('T1015', 'Office visit')],
    ]);
    expect(given.status).toBe(200);
    expect((await world.find<Task>('Task?code=estimate-missing'))[0]?.status).toBe('completed');
  });
});
