import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Communication, DocumentReference, RelatedPerson } from '@medplum/fhirtypes';
import { captureVisit } from '../../fixture/answeredVisit.ts';
import { code, day, nameOf, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';
import {
  accountOf,
  asOf,
  figuresOf,
  labelVisit,
  letterOffice,
  linesOf,
  patientOf,
  printed,
  recordOf,
  scope,
  statement,
} from './world.ts';

describe.each(eachStore('office-statement'))('statements on %s', (_store, open) => {
  let office: Office;
  let first: string;
  beforeAll(async () => {
    office = await letterOffice(open);
    first = await office.invoice(16_845);
    await office.invoice(10_000, 'a', '2026-04-10');
    await office.pay(first, 68.45, 'check 7', { on: '2026-04-12' });
  });
  afterAll(() => office.context.store.close());

  test('8 statement: its figures are those of $balance, its lines add up, and the letter says them', async () => {
    const answer = await statement(office, 'a', '2026-04-20');
    expect([answer.status, answer.codes]).toEqual([200, ['created']]);
    const record = recordOf(answer);
    expect(figuresOf(record)).toMatchObject({
      'as-of': '2026-04-20',
      'due-on': '2026-05-15',
      invoiced: 200,
      unapplied: 0,
      due: 200,
      current: 100,
      'over-30': 100,
      recipient: 'Patient/a',
    });
    for (const figure of ['invoiced', 'unapplied'])
      expect(await office.balance(figure)).toBe(figuresOf(record)[figure]);
    expect(linesOf(record)).toMatchObject([
      { invoice: first, charge: 168.45, insurance: 0, adjusted: 0, paid: 68.45, open: 100 },
      { charge: 100, open: 100 },
    ]);
    const letter = await printed(answer);
    for (const text of ['Your bill', 'Ana Prescott', '1 Long Lane', '$200.00', 'May 15, 2026', '-$68.45'])
      expect(letter).toContain(text);
    for (const text of ['413 555 0142', 'payment plan', 'financial assistance', 'dispute', 'nosurprises'])
      expect(letter).toContain(text);
    expect(record).toMatchObject({ docStatus: 'final', custodian: { reference: 'Organization/clinic' } });
  });

  test('8 statement: the same again is the same record; as of a day before it is the state of that day', async () => {
    const [one, two] = [
      await statement(office, 'a', '2026-04-20'),
      await statement(office, 'a', '2026-04-20'),
    ];
    expect([one.codes, two.codes]).toEqual([['already-there'], ['already-there']]);
    expect(recordOf(two)?.id).toBe(recordOf(one)?.id);
    const before = await statement(office, 'a', '2026-04-20', [asOf('2026-04-11')]);
    expect(figuresOf(recordOf(before))).toMatchObject({ invoiced: 268.45, due: 268.45 });
  });

  test('8 statement: what was sent is a Communication and a record that no plain write changes', async () => {
    const record = recordOf(await statement(office, 'a', '2026-04-20'));
    const sent = await office.get<Communication & { id: string }>(`Communication/sent-${record?.id ?? ''}`);
    expect(sent).toMatchObject({ status: 'completed', recipient: [{ reference: 'Patient/a' }] });
    const kept = await office.get<DocumentReference & { id: string }>(
      `DocumentReference/${record?.id ?? ''}`,
    );
    const edits = [
      await office.put({ ...kept, extension: kept.extension?.slice(1) ?? [] }),
      await office.put({ ...sent, recipient: [{ reference: 'Patient/b' }] }),
    ];
    expect(edits.map((e) => [e.status, e.codes])).toEqual([
      [409, ['kept-by-the-books']],
      [409, ['kept-by-the-books']],
    ]);
  });

  test('8 receipt: what was paid, as a letter without services, once', async () => {
    const paid = await office.pay('Account/a', 1, 'check 70', { on: '2026-04-12' });
    const path = `${nameOf(paid, 'receipt')}/$receipt`;
    const [one, two] = [await office.call(path), await office.call(path)];
    expect([one.codes, two.codes]).toEqual([['created'], ['already-there']]);
    const letter = await printed(one);
    for (const text of ['Receipt', 'CHECK 70', 'Check', '$1.00', 'April 12, 2026'])
      expect(letter.toUpperCase()).toContain(text.toUpperCase());
    await office.call(`${nameOf(paid, 'receipt')}/$reverse`, [
      { name: 'reason', valueString: 'mistyped' },
      day('2026-04-13'),
    ]);
    const gone = await office.call(path);
    expect([gone.status, gone.codes]).toEqual([409, ['receipt-not-standing']]);
  });

  test('8 itemize: each charge of a visit, once; a superbill only on request', async () => {
    const path = 'Encounter/visit-1/$itemize';
    const [one, two] = [await office.call(path), await office.call(path)];
    expect([one.codes, two.codes]).toEqual([['created'], ['already-there']]);
    const letter = await printed(one);
    for (const text of ['Itemized bill', 'T1015', 'Clinic visit', '$168.45']) expect(letter).toContain(text);
    const superbill = await office.call(path, [code('kind', 'superbill')]);
    expect(await printed(superbill)).toContain('Superbill');
    await captureVisit(office.patient, { name: 'empty', on: '2026-04-12', charges: [] });
    expect((await office.call('Encounter/empty/$itemize')).codes).toEqual(['no-charges']);
  });

  test('8 statement neighbour: in Spanish where the patient asked for it, with Spanish words for services', async () => {
    await office.invoice(5000, 'b');
    await patientOf(office, 'b', {
      communication: [{ language: { coding: [{ code: 'es' }] }, preferred: true }],
    });
    const letter = await printed(await statement(office, 'b', '2026-04-20'));
    for (const text of ['Su factura', 'Usted debe', 'Visita a la clínica', '20 de abril de 2026'])
      expect(letter).toContain(text);
    for (const text of ['Your bill', 'You owe', 'Please']) expect(letter).not.toContain(text);
  });

  test('8 statement neighbour: money that is held is taken off, a dry run writes nothing', async () => {
    await captureVisit(office.neighbour, { name: 'later', on: '2026-04-20', charges: [] });
    const more = [{ name: 'encounter', valueReference: { reference: 'Encounter/later' } }];
    await office.pay('Account/b', 20, 'check 9', { on: '2026-04-20', more });
    const dry = await statement(office, 'b', '2026-04-21', [{ name: 'dryRun', valueBoolean: true }]);
    expect(figuresOf(recordOf(dry))).toMatchObject({ invoiced: 50, unapplied: 20, due: 30 });
    const record = await office.get<unknown>(
      `DocumentReference?_total=accurate&_id=${recordOf(dry)?.id ?? ''}`,
    );
    expect(record).toMatchObject({ total: 0 });
  });

  test('8 statement neighbour: a hold from contact, a day to come and a minor without guarantor are refused', async () => {
    const ahead = await statement(office, 'b', '2026-04-20', [asOf('2026-04-21')]);
    expect([ahead.status, ahead.codes]).toEqual([422, ['date-in-future']]);
    await office.call('Account/b/$hold', [code('reason', 'bankruptcy'), day('2026-04-20')]);
    const held = await statement(office, 'b', '2026-04-22');
    expect([held.status, held.codes]).toEqual([422, ['account-held']]);
    await office.call('Account/b/$release-hold', [code('reason', 'bankruptcy'), day('2026-04-21')]);
    await patientOf(office, 'b', { birthDate: '2020-01-01' });
    const minor = await statement(office, 'b', '2026-04-23');
    expect([minor.status, minor.codes]).toEqual([422, ['guarantor-missing']]);
  });

  test('8 family: a guarantor gets one statement of all; sensitive visits and what a minor consented to stay off', async () => {
    const mother: RelatedPerson = {
      resourceType: 'RelatedPerson',
      id: 'mother',
      patient: { reference: 'Patient/b' },
      name: [{ given: ['Ana'], family: 'Prescott' }],
    };
    await office.put({ ...mother, id: 'mother' });
    await office.put({
      resourceType: 'Person',
      id: 'ana',
      link: [{ target: { reference: 'Patient/a' } }, { target: { reference: 'RelatedPerson/mother' } }],
    });
    await patientOf(office, 'b', { birthDate: '2012-01-01' });
    await accountOf(office, 'b', { guarantor: [{ party: { reference: 'RelatedPerson/mother' } }] });
    await office.invoice(3000, 'b', '2026-04-24'); // visit-4
    await office.invoice(7000, 'b', '2026-04-24'); // visit-5
    await office.invoice(9000, 'b', '2026-04-24'); // visit-6
    await labelVisit(office, 'visit-5', 'SEX');
    await office.put({
      resourceType: 'Consent',
      id: 'own',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      policyRule: { text: 'care that a minor may consent to alone' },
      patient: { reference: 'Patient/b' },
      performer: [{ reference: 'Patient/b' }],
      provision: { data: [{ meaning: 'instance', reference: { reference: 'Encounter/visit-6' } }] },
    });
    const answer = await statement(office, 'a', '2026-04-30', [scope('family')]);
    expect(answer.codes).toEqual(['kept-confidential', 'created']);
    const record = recordOf(answer);
    // what is open of both: 200 of a; of b 50 and 30, less 20 that is held
    expect(figuresOf(record)).toMatchObject({ scope: 'family', invoiced: 280, unapplied: 20, due: 260 });
    expect(linesOf(record).map((l) => l['open'])).not.toContain(70);
    expect(record).not.toHaveProperty('subject');
    const letter = await printed(answer);
    expect(letter).toContain('Ana Prescott');
    expect(letter).toContain('Bela Prescott');
    expect(letter).not.toContain('$70.00');
    expect(letter).not.toContain('$90.00');
  });

  test('8 confidential: what only the patient may know goes to the confidential address, or nowhere', async () => {
    const nowhere = await statement(office, 'b', '2026-04-30', [scope('confidential')]);
    expect([nowhere.status, nowhere.codes]).toEqual([422, ['confidential-address-missing']]);
    const secret = { line: ['9 Quiet Court'], city: 'Holyoke', state: 'MA', postalCode: '01040' };
    const marked = {
      ...secret,
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-AD-use', valueCode: 'CONF' }],
    };
    await patientOf(office, 'b', { address: [{ line: ['1 Long Lane'], city: 'Easthampton' }, marked] });
    const own = await statement(office, 'b', '2026-04-30', [scope('confidential')]);
    expect(figuresOf(recordOf(own))).toMatchObject({ invoiced: 160, recipient: 'Patient/b' });
    const letter = await printed(own);
    expect(letter).toContain('9 Quiet Court');
    expect(letter).not.toContain('1 Long Lane');
    expect(recordOf(own)?.meta?.security).toMatchObject([{ code: 'SEX' }]);
    const family = await printed(await statement(office, 'a', '2026-04-30', [scope('family')]));
    expect(family).not.toContain('9 Quiet Court');
  });
});
