import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Account,
  Basic,
  Claim,
  Coverage,
  Encounter,
  ExplanationOfBenefit,
  Invoice,
  OperationOutcome,
  Parameters,
  ParametersParameter,
  Patient,
  PaymentNotice,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../../src/app.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { openWorld, reason, type World } from '../../claim/world.ts';
import { condition, coverage, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { interchangeText } from '../../posting/remittance.ts';
import { AsAccount } from '../../smart/asAccount.ts';
import { until } from '../../until.ts';

type Stored<T> = T & { id: string };
const day = '2026-06-03';
const named = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});
const pair = (from: string, to: string, ...more: readonly ParametersParameter[]) => ({
  resourceType: 'Parameters' as const,
  parameter: [
    named('source-patient', `Patient/${from}`),
    named('target-patient', `Patient/${to}`),
    reason('registered twice'),
    ...more,
  ],
});
const codes = (body: unknown): (string | undefined)[] => {
  const said = body as OperationOutcome | Parameters;
  const outcome =
    said.resourceType === 'OperationOutcome'
      ? said
      : (said.parameter?.find((p) => p.name === 'outcome')?.resource as OperationOutcome | undefined);
  return (outcome?.issue ?? []).map(codeOfIssue);
};
const resourceIn = <T extends Resource>(body: unknown, name: string): T =>
  (body as Parameters).parameter?.find((p) => p.name === name)?.resource as T;

describe.each(eachStore('office_merge'))('merging two records, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  beforeAll(async () => {
    world = await openWorld(open, { payer: 'none' });
    server = new AsAccount(world.context);
    const user = { kind: 'user' as const, practices: ['alder-street-clinic'], roles: ['administrator'] };
    await server.is({ ...user, name: 'one', users: ['Practitioner/one'] });
    await server.is({ ...user, name: 'two', users: ['Practitioner/two'] });
    const biller = { ...user, roles: ['biller'] };
    await server.is({
      ...biller,
      name: 'else',
      practices: ['bellwater-hospital'],
      users: ['Practitioner/x'],
    });
    await server.is({ ...user, roles: ['coder'], name: 'coder', users: ['Practitioner/c'] });
  }, 60_000);
  afterAll(() => world.close());

  const charted = async (name: string): Promise<void> => {
    await world.put(
      patient(name),
      coverage(name, name, { subscriberId: `JRH${name.toUpperCase()}`, order: name.endsWith('b') ? 2 : 1 }),
      visit(name, name, day),
      condition(name, name),
    );
  };
  const sent = async (name: string): Promise<Claim> => {
    await charted(name);
    const [claim] = await world.claims(name, '2026-06-05');
    await world.submit(claim, '2026-06-05');
    return world.read<Claim>('Claim', claim?.id ?? '');
  };
  const accountOf = async (name: string): Promise<Stored<Account>> => {
    const [found] = await world.find<Account>(`Account?subject=Patient/${name}`);
    if (!found) throw new Error(`${name} has no Account`);
    return found;
  };
  const credited = async (account: Stored<Account>, value: number): Promise<void> => {
    const { status, body } = await world.call(`Account/${account.id}/$record-payment`, [
      { name: 'amount', valueMoney: { value, currency: 'USD' } },
      { name: 'method', valueCode: 'check' },
      { name: 'reference', valueString: `C${account.id.slice(-8)}` },
      { name: 'date', valueDate: '2026-06-10' },
    ]);
    if (status !== 200) throw new Error(JSON.stringify(body));
  };
  const unapplied = async (account: Stored<Account>): Promise<number | undefined> => {
    const { body } = await world.send('get', `Account/${account.id}/$balance`);
    return (body as Parameters).parameter?.find((p) => p.name === 'unapplied')?.valueMoney?.value;
  };
  const proposed = async (path: string, input: object, as = 'one') => server.ask(as, 'post', path, input);
  const approved = async (task: Task, as = 'two') =>
    server.ask(as, 'post', `Task/${task.id ?? ''}/$approve`, { resourceType: 'Parameters' });
  const merged = async (from: string, to: string): Promise<unknown> => {
    const waits = await proposed('Patient/$merge', pair(from, to));
    if (waits.status !== 200) throw new Error(JSON.stringify(waits.body));
    const done = await approved(resourceIn<Task>(waits.body, 'task'));
    if (done.status !== 200) throw new Error(JSON.stringify(done.body));
    return done.body;
  };
  const undone = async (name: string) => {
    const waits = await proposed(`Patient/${name}/$unmerge`, {
      resourceType: 'Parameters',
      parameter: [reason('two persons')],
    });
    if (waits.status !== 200) return waits;
    return approved(resourceIn<Task>(waits.body, 'task'));
  };

  test('12.cases $merge moves Account, claims and credit by two people, and links the records', async () => {
    const claim = await sent('anna');
    await sent('annab');
    const [old, main] = [await accountOf('anna'), await accountOf('annab')];
    await credited(old, 50);
    const preview = await proposed(
      'Patient/$merge',
      pair('anna', 'annab', { name: 'preview', valueBoolean: true }),
    );
    expect([preview.status, codes(preview.body)]).toEqual([200, ['account-moves']]);
    const waits = await proposed('Patient/$merge', pair('anna', 'annab'));
    expect([waits.status, codes(waits.body)]).toEqual([200, ['second-person-needed', 'account-moves']]);
    const task = resourceIn<Task>(waits.body, 'task');
    expect((await world.read<Patient>('Patient', 'anna')).link).toBeUndefined();
    const self = await approved(task, 'one');
    expect([self.status, codes(self.body)]).toEqual([403, ['same-person']]);
    const done = await approved(task);
    expect([done.status, codes(done.body)]).toEqual([200, ['merged', 'credit-moved', 'account-moves']]);
    const [source, target] = [
      await world.read<Patient>('Patient', 'anna'),
      await world.read<Patient>('Patient', 'annab'),
    ];
    expect([source.active, source.link, target.link]).toEqual([
      false,
      [{ other: { reference: 'Patient/annab' }, type: 'replaced-by' }],
      [{ other: { reference: 'Patient/anna' }, type: 'replaces' }],
    ]);
    const moved = await world.read<Account>('Account', old.id);
    expect([
      moved.subject?.[0]?.reference,
      moved.guarantor?.[0]?.party.reference,
      moved.partOf?.reference,
    ]).toEqual([...['Patient/annab', 'Patient/annab', `Account/${main.id}`]]);
    expect([await unapplied(old), await unapplied(main)]).toEqual([0, 50]);
    const encounter = await world.read<Encounter>('Encounter', 'anna');
    expect([encounter.subject?.reference, encounter.account]).toEqual([
      'Patient/annab',
      [{ reference: `Account/${old.id}` }],
    ]);
    expect((await world.read<Coverage>('Coverage', 'anna')).beneficiary.reference).toBe('Patient/annab');
    const kept = await world.read<Claim>('Claim', claim.id ?? '');
    expect([kept.meta?.versionId, kept.patient.reference]).toEqual([
      claim.meta?.versionId,
      claim.patient.reference,
    ]);
    expect(await world.faults()).toEqual([]);
    const again = await approved(task);
    expect([again.status, codes(again.body)]).toEqual([200, ['already-there']]);
    const repeat = await proposed('Patient/$merge', pair('anna', 'annab'));
    expect([repeat.status, codes(repeat.body)]).toEqual([200, ['already-there']]);
  });

  test('12.cases an 835 that comes after the merge posts on the Account of its claim, and the Invoice is of who stays', async () => {
    const [claim] = await world.find<Claim>('Claim?encounter=Encounter/anna');
    const old = await world.read<Account>(
      'Account',
      claim?.extension?.[0]?.valueReference?.reference?.split('/')[1] ?? '',
    );
    const number = claim?.identifier?.[0]?.value ?? '';
    const lines = [{ code: 'T1015', charge: 168.45, paid: 96.87, why: 'CO-45 46.58; PR-3 25' }];
    const posted = await supertest(createApp(world.context))
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(interchangeText({ trace: 'MERGED1', clps: [{ number, lines }] }));
    expect(posted.status).toBe(200);
    const eob = await until(async () => {
      const [one] = await world.find<ExplanationOfBenefit>(
        `ExplanationOfBenefit?claim=Claim/${claim?.id ?? ''}`,
      );
      return one;
    });
    const billed = await world.call(`ExplanationOfBenefit/${eob.id}/$generate-invoice`);
    const [invoice] = billed.all<Invoice>('invoice');
    expect([invoice?.subject?.reference, invoice?.account?.reference, invoice?.totalNet?.value]).toEqual([
      ...['Patient/annab', `Account/${old.id}`, 25],
    ]);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases $unmerge takes it back by two people: what was turned is turned back, the entries are reversed', async () => {
    await sent('carl');
    await sent('carlb');
    const [old, main] = [await accountOf('carl'), await accountOf('carlb')];
    await credited(old, 30);
    const types = ['Encounter', 'Coverage', 'Condition', 'Patient'] as const;
    const state = async () => {
      const all = [];
      for (const name of ['carl', 'carlb'])
        for (const type of types) {
          const { meta: _meta, ...rest } = await world.read(
            type,
            type === 'Condition' ? `${name}-condition` : name,
          );
          all.push(rest);
        }
      return all;
    };
    const before = await state();
    await merged('carl', 'carlb');
    expect([await unapplied(old), await unapplied(main)]).toEqual([0, 30]);
    const done = await undone('carl');
    expect([done.status, codes(done.body)]).toEqual([200, ['unmerged']]);
    expect(await state()).toEqual(before);
    const back = await world.read<Account>('Account', old.id);
    expect([back.subject?.[0]?.reference, back.partOf]).toEqual(['Patient/carl', undefined]);
    expect([await unapplied(old), await unapplied(main)]).toEqual([30, 0]);
    expect(await world.faults()).toEqual([]);
    const none = await undone('carl');
    expect([none.status, codes(none.body)]).toEqual([422, ['not-merged']]);
    await merged('carl', 'carlb');
    expect(await unapplied(main)).toBe(30);
  });

  test('12.cases neighbour: $unmerge is refused where the credit was used since', async () => {
    const main = await accountOf('carlb').catch(() => undefined);
    const accounts = await world.find<Account>('Account?subject=Patient/carlb');
    const target = main?.partOf ? accounts.find((a) => a.partOf === undefined) : main;
    const refunded = await world.call(`Account/${target?.id ?? ''}/$refund`, [
      { name: 'amount', valueMoney: { value: 10, currency: 'USD' } },
      { name: 'method', valueCode: 'check' },
      { name: 'reference', valueString: 'R-CARL' },
    ]);
    expect(refunded.status).toBe(200);
    const refused = await undone('carl');
    expect([refused.status, codes(refused.body)]).toEqual([409, ['posted-since']]);
  });

  test('12.cases a record without an Account at the practice takes the other one over; a draft is not charged twice', async () => {
    await charted('dora');
    const [draft] = await world.claims('dora');
    const old = await accountOf('dora');
    await world.put(patient('dorab'));
    await merged('dora', 'dorab');
    expect((await accountOf('dorab')).id).toBe(old.id);
    const charged = await world.standing('dorab');
    const [again] = await world.claims('dora');
    expect([again?.id, again?.patient.reference]).toEqual([draft?.id, 'Patient/dorab']);
    expect(await world.standing('dorab')).toEqual(charged);
    const late = visit('dora-late', 'dora', '2026-06-20');
    await world.put(late);
    const refused = await world.call('Encounter/dora-late/$capture-charges');
    expect([refused.status, refused.codes]).toEqual([422, ['patient-merged']]);
    await world.put(visit('dorab-2', 'dorab', '2026-06-22'), condition('dorab', 'dorab-2'));
    expect((await world.claims('dorab-2')).length).toBe(1);
    const since = await undone('dora');
    expect([since.status, codes(since.body)]).toEqual([409, ['posted-since']]);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases what was merged is not merged again elsewhere, nor back; a further merge takes all along', async () => {
    for (const name of ['eva', 'evab', 'evac']) await sent(name);
    await merged('eva', 'evab');
    const refused = async (from: string, to: string): Promise<unknown> => {
      const said = await proposed('Patient/$merge', pair(from, to));
      return [said.status, codes(said.body)];
    };
    expect(await refused('eva', 'evac')).toEqual([409, ['patient-merged']]);
    expect(await refused('evab', 'eva')).toEqual([409, ['patient-merged']]);
    expect(await refused('evac', 'evac')).toEqual([422, ['same-patient']]);
    expect(await refused('evac', 'nobody')).toEqual([404, ['not-found']]);
    await merged('evab', 'evac');
    const accounts = await world.find<Account>('Account?subject=Patient/evac');
    expect(accounts.length).toBe(3);
    const first = await undone('eva');
    expect([first.status, codes(first.body)]).toEqual([409, ['patient-merged']]);
    expect((await undone('evab')).status).toBe(200);
    expect((await undone('eva')).status).toBe(200);
    for (const name of ['eva', 'evab', 'evac']) expect((await accountOf(name)).partOf).toBeUndefined();
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases of two merges of one record at once one is done', async () => {
    for (const name of ['fay', 'fayb', 'fayc']) await sent(name);
    const tasks: Task[] = [];
    for (const to of ['fayb', 'fayc'])
      tasks.push(resourceIn<Task>((await proposed('Patient/$merge', pair('fay', to))).body, 'task'));
    const both = await Promise.all(tasks.map((task) => approved(task)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { link = [] } = await world.read<Patient>('Patient', 'fay');
    expect(link.length).toBe(1);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases who is cut off in the middle has merged nothing', async () => {
    await sent('gus');
    await sent('gusb');
    const old = await accountOf('gus');
    await credited(old, 20);
    const task = resourceIn<Task>((await proposed('Patient/$merge', pair('gus', 'gusb'))).body, 'task');
    let made = 0;
    const newId = (): string => {
      made += 1;
      if (made > 1) throw new Error('the power is gone');
      return world.context.newId();
    };
    const app = createApp({ ...world.context, newId });
    const cut = await supertest(app)
      .post(`/fhir/Task/${task.id ?? ''}/$approve`)
      .set('Content-Type', 'application/fhir+json')
      .send({ resourceType: 'Parameters' });
    expect([cut.status, made > 1]).toEqual([500, true]);
    expect((await world.read<Patient>('Patient', 'gus')).active).toBeUndefined();
    expect([(await accountOf('gus')).id, await unapplied(old)]).toEqual([old.id, 20]);
    expect((await world.read<Task>('Task', task.id ?? '')).status).toBe('requested');
    expect((await approved(task)).status).toBe(200);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases of two guarantors the credit goes over by the share that is named', async () => {
    await sent('ida');
    await sent('idab');
    const [old, main] = [await accountOf('ida'), await accountOf('idab')];
    await world.put({
      resourceType: 'RelatedPerson',
      id: 'ida-aunt',
      patient: { reference: 'Patient/ida' },
    });
    await world.put({ ...old, guarantor: [{ party: { reference: 'RelatedPerson/ida-aunt' } }] });
    await credited(old, 40.01);
    const share = (valueDecimal: number): ParametersParameter => ({ name: 'share', valueDecimal });
    const wrong = await proposed('Patient/$merge', pair('ida', 'idab', share(101)));
    expect([wrong.status, codes(wrong.body)]).toEqual([422, ['malformed-value']]);
    const waits = await proposed('Patient/$merge', pair('ida', 'idab', share(25)));
    expect(codes(waits.body)).toContain('guarantors-differ');
    expect((await approved(resourceIn<Task>(waits.body, 'task'))).status).toBe(200);
    expect([await unapplied(old), await unapplied(main)]).toEqual([30.01, 10]);
    const kept = await world.read<Account>('Account', old.id);
    expect(kept.guarantor?.[0]?.party.reference).toBe('RelatedPerson/ida-aunt');
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases neighbour: only who may and whose books they are; the record of a merge stands in the books', async () => {
    await sent('hal');
    await sent('halb');
    const other = await proposed('Patient/$merge', pair('hal', 'halb'), 'else');
    expect([403, 404]).toContain(other.status);
    expect((await proposed('Patient/$merge', pair('hal', 'halb'), 'coder')).status).toBe(403);
    const held = await world.read<Coverage>('Coverage', 'halb');
    await world.put({ ...held, order: 1 });
    const preview = { name: 'preview', valueBoolean: true };
    const seen = await proposed('Patient/$merge', pair('hal', 'halb', preview));
    expect(codes(seen.body)).toEqual(['account-moves', 'coverages-alike']);
    const done = await merged('hal', 'halb');
    const record = resourceIn<Stored<Basic>>(done, 'merge');
    const plain = await world.send('put', `Basic/${record.id}`, { ...record, extension: [] });
    expect([409, 422]).toContain(plain.status);
    const own = { kind: 'user' as const, name: 'hal', roles: ['patient'], users: ['Patient/hal'] };
    await server.is(own);
    expect((await server.ask('hal', 'get', 'Patient/hal')).status).toBe(200);
    expect((await server.ask('hal', 'get', 'Patient/halb')).status).toBe(404);
    expect((await server.ask('hal', 'get', 'Encounter/halb')).status).toBe(404);
  });

  test('12.cases neighbour: a plain write does not take the link of a merged record away, nor the record', async () => {
    await sent('jo');
    await sent('job');
    await merged('jo', 'job');
    const after = await world.read<Stored<Patient>>('Patient', 'jo');
    const { link: _link, active: _active, ...bare } = after;
    const elsewhere = {
      ...after,
      link: [{ other: { reference: 'Patient/hal' }, type: 'replaced-by' as const }],
    };
    for (const body of [bare, elsewhere]) {
      const said = await world.send('put', 'Patient/jo', body);
      expect([said.status, codes(said.body)]).toEqual([409, ['kept-by-the-books']]);
    }
    const gone = await world.send('delete', 'Patient/jo');
    expect([gone.status, codes(gone.body)]).toEqual([409, ['kept-by-the-books']]);
    expect((await world.read<Patient>('Patient', 'jo')).link).toEqual(after.link);
    const renamed = await world.send('put', 'Patient/jo', { ...after, gender: 'other' });
    expect(renamed.status).toBe(200);
    await world.put(visit('jo-late', 'jo', '2026-06-21'));
    const refused = await world.call('Encounter/jo-late/$capture-charges');
    expect([refused.status, refused.codes]).toEqual([422, ['patient-merged']]);
    expect((await undone('jo')).status).toBe(200);
    const alone = await world.read<Stored<Patient>>('Patient', 'jo');
    expect((await world.send('put', 'Patient/jo', { ...alone, gender: 'female' })).status).toBe(200);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases neighbour: a check that bounces after the merge takes the credit that went over back', async () => {
    await sent('kim');
    await sent('kimb');
    const [old, main] = [await accountOf('kim'), await accountOf('kimb')];
    const receipts: Stored<PaymentNotice>[] = [];
    for (const [reference, value] of [
      ['K1', 50],
      ['K2', 20],
    ] as const) {
      const paid = await world.call(`Account/${old.id}/$record-payment`, [
        { name: 'amount', valueMoney: { value, currency: 'USD' } },
        { name: 'method', valueCode: 'check' },
        { name: 'reference', valueString: reference },
        { name: 'date', valueDate: '2026-06-10' },
      ]);
      receipts.push(...paid.all<Stored<PaymentNotice>>('receipt'));
    }
    await merged('kim', 'kimb');
    expect([await unapplied(old), await unapplied(main)]).toEqual([0, 70]);
    const bounced = await world.call(`PaymentNotice/${receipts[0]?.id ?? ''}/$reverse`, [reason('bounced')]);
    expect([bounced.status, bounced.codes]).toEqual([200, ['reversed']]);
    expect([await unapplied(old), await unapplied(main)]).toEqual([0, 20]);
    expect(await world.find<Invoice>(`Invoice?account=Account/${old.id}`)).toEqual([]);
    expect(await world.faults()).toEqual([]);
    expect((await undone('kim')).status).toBe(200);
    expect([await unapplied(old), await unapplied(main)]).toEqual([20, 0]);
    await merged('kim', 'kimb');
    expect([await unapplied(old), await unapplied(main)]).toEqual([0, 20]);
    const refunded = await world.call(`Account/${main.id}/$refund`, [
      { name: 'amount', valueMoney: { value: 5, currency: 'USD' } },
      { name: 'method', valueCode: 'check' },
      { name: 'reference', valueString: 'R-KIM' },
    ]);
    expect(refunded.status).toBe(200);
    const second = await world.call(`PaymentNotice/${receipts[1]?.id ?? ''}/$reverse`, [reason('bounced')]);
    expect([second.status, second.codes]).toEqual([200, ['reversed', 'refund-owed']]);
    const [owed] = await world.find<Invoice>(`Invoice?account=Account/${old.id}`);
    expect([owed?.totalNet?.value, await unapplied(old), await unapplied(main)]).toEqual([5, 0, 0]);
    expect(await world.faults()).toEqual([]);
    const since = await undone('kim');
    expect([since.status, codes(since.body)]).toEqual([409, ['posted-since']]);
  });

  test('12.cases neighbour: where the credit paid an Invoice since, that is open again when its check bounces', async () => {
    await sent('loub');
    const claim = await sent('lou');
    const [old, main] = [await accountOf('loub'), await accountOf('lou')];
    await credited(old, 20);
    const [receipt] = await world.find<Stored<PaymentNotice>>(`PaymentNotice?request=Account/${old.id}`);
    await merged('loub', 'lou');
    const lines = [{ code: 'T1015', charge: 168.45, paid: 96.87, why: 'CO-45 46.58; PR-3 25' }];
    const number = claim.identifier?.[0]?.value ?? '';
    const posted = await supertest(createApp(world.context))
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(
        // the number of an interchange is used once
        interchangeText({ trace: 'MERGED2', clps: [{ number, lines }] }).replaceAll('000000001', '000000002'),
      );
    expect(posted.status).toBe(200);
    const eob = await until(async () => {
      const [one] = await world.find<ExplanationOfBenefit>(
        `ExplanationOfBenefit?claim=Claim/${claim.id ?? ''}`,
      );
      return one;
    });
    const billed = await world.call(`ExplanationOfBenefit/${eob.id}/$generate-invoice`);
    const [invoice] = billed.all<Stored<Invoice>>('invoice');
    const due = async (): Promise<number | undefined> => {
      const { body } = await world.send('get', `Account/${main.id}/$balance`);
      return (body as Parameters).parameter?.find((p) => p.name === 'patient')?.valueMoney?.value;
    };
    expect([invoice?.totalNet?.value, await due(), await unapplied(main)]).toEqual([5, 5, 0]);
    const bounced = await world.call(`PaymentNotice/${receipt?.id ?? ''}/$reverse`, [reason('bounced')]);
    expect([bounced.status, bounced.codes]).toEqual([200, ['reversed', 'credit-released']]);
    expect([await due(), await unapplied(old), await unapplied(main)]).toEqual([25, 0, 0]);
    expect(await world.find<Invoice>(`Invoice?account=Account/${old.id}`)).toEqual([]);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases neighbour: $unmerge of a record with two Accounts at one practice gives both back', async () => {
    await charted('mona');
    await world.claims('mona');
    const first = await accountOf('mona');
    const second = { ...structuredClone(first), id: 'mona-second' };
    await world.put(second, patient('monab'));
    await merged('mona', 'monab');
    const done = await undone('mona');
    expect([done.status, codes(done.body)]).toEqual([200, ['unmerged']]);
    const back = await world.find<Account>('Account?subject=Patient/mona');
    expect(back.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
    const [again] = await world.claims('mona'); // charged on the one it was charged on
    expect(again?.patient.reference).toBe('Patient/mona');
    expect((await world.find<Account>('Account?subject=Patient/mona')).length).toBe(2);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases neighbour: $unmerge is refused where money came in since on an Account that was taken over', async () => {
    await charted('ned');
    await world.claims('ned');
    const account = await accountOf('ned');
    await credited(account, 12);
    await world.put(patient('nedb'));
    await merged('ned', 'nedb');
    expect((await undone('ned')).status).toBe(200);
    await merged('ned', 'nedb');
    const paid = await world.call(`Account/${account.id}/$record-payment`, [
      { name: 'amount', valueMoney: { value: 33, currency: 'USD' } },
      { name: 'method', valueCode: 'check' },
      { name: 'reference', valueString: 'C-NEDB' },
      { name: 'date', valueDate: '2026-06-12' },
    ]);
    expect(paid.status).toBe(200);
    const refused = await undone('ned');
    expect([refused.status, codes(refused.body)]).toEqual([409, ['posted-since']]);
    const [receipt] = (
      await world.find<Stored<PaymentNotice>>(`PaymentNotice?request=Account/${account.id}`)
    ).filter(({ amount }) => amount.value === 33);
    expect(
      (await world.call(`PaymentNotice/${receipt?.id ?? ''}/$reverse`, [reason('other person')])).status,
    ).toBe(200);
    expect((await undone('ned')).status).toBe(200);
    expect((await accountOf('ned')).id).toBe(account.id);
    expect(await unapplied(account)).toBe(12);
    expect(await world.faults()).toEqual([]);
  });
});
