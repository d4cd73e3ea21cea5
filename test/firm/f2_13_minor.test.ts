import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Invoice, RelatedPerson, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { on, openOffice, type Office } from './office.ts';
import { coded, condition, coverage, patient, visit } from './visit.ts';

const day = '2026-06-03';

describe.each(eachStore('firm_minor'))('minors, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  /** A visit of a child, self-pay unless covered. */
  async function child(name: string, covered = false): Promise<void> {
    await office.put(
      patient(name, { birthDate: '2018-03-01' }),
      visit(name, name, day),
      condition(name, name),
    );
    if (covered) await office.put(coverage(name, name));
  }
  const parent = (name: string, code = 'MTH'): RelatedPerson & { id: string } => ({
    resourceType: 'RelatedPerson',
    id: `${name}-parent`,
    patient: { reference: `Patient/${name}` },
    relationship: [coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', code)],
  });
  const tasks = async (name: string): Promise<(readonly [string, string | undefined])[]> =>
    (await office.find<Task>(`Task?patient=Patient/${name}`))
      .filter((t) => t.code?.coding?.[0]?.code === 'guarantor')
      .map((t) => [t.status, t.focus?.reference?.split('/')[0]] as const);
  const invoices = (name: string) => office.find<Invoice>(`Invoice?subject=Patient/${name}`);

  test('2.13 a minor without an adult gets a Task and no Invoice without recipient: self-pay', async () => {
    await child('alone');
    const answer = await office.call('Encounter/alone/$generate-invoice', [on(day)]);
    expect([answer.status, answer.all('invoice')]).toEqual([200, []]);
    expect(answer.text('guarantor-missing')).toContain('no Invoice is issued');
    expect(await invoices('alone')).toEqual([]);
    expect(await tasks('alone')).toEqual([['requested', 'Account']]);
    const [account] = await office.find<Account>('Account?subject=Patient/alone');
    const balance = await office.send('get', `Account/${account?.id ?? ''}/$balance`);
    expect(JSON.stringify(balance.body)).toContain('168.45');
  });

  test('2.13 the same after a payer’s answer, and called twice it is one Task', async () => {
    await child('insured', true);
    const [claim] = await office.claims('insured', day);
    await office.submit(claim, day);
    for (let i = 0; i < 2; i += 1) {
      const answer = await office.call('ExplanationOfBenefit/$generate-invoice', [
        { name: 'patient', valueReference: { reference: 'Patient/insured' } },
      ]);
      expect([answer.status, answer.codes.includes('guarantor-missing'), answer.all('invoice')]).toEqual([
        200,
        true,
        [],
      ]);
    }
    expect(await tasks('insured')).toEqual([['requested', 'Account']]);
  });

  test('2.13 neighbour: an adult who becomes known later is asked, and the Task is closed', async () => {
    await child('later');
    await office.call('Encounter/later/$generate-invoice', [on(day)]);
    await office.put(parent('later'));
    const answer = await office.call('Encounter/later/$generate-invoice', [on(day)]);
    expect(answer.codes).toEqual(expect.arrayContaining(['guarantor-found', 'created']));
    const [invoice] = answer.all<Invoice>('invoice');
    expect([invoice?.recipient?.reference, invoice?.totalNet?.value]).toEqual([
      'RelatedPerson/later-parent',
      168.45,
    ]);
    expect(await tasks('later')).toEqual([['completed', 'Account']]);
  });

  test('2.13 neighbour: a sister answers for nobody; a guarantor that the office names does', async () => {
    await child('sister');
    await office.put(parent('sister', 'SIS'));
    expect((await office.call('Encounter/sister/$generate-invoice', [on(day)])).all('invoice')).toEqual([]);
    const [account] = await office.find<Account>('Account?subject=Patient/sister');
    if (!account) throw new Error('no Account');
    await office.put({ ...account, guarantor: [{ party: { reference: 'RelatedPerson/sister-parent' } }] });
    const answer = await office.call('Encounter/sister/$generate-invoice', [on(day)]);
    expect(answer.all<Invoice>('invoice')[0]?.recipient?.reference).toBe('RelatedPerson/sister-parent');
    expect(await tasks('sister')).toEqual([['completed', 'Account']]);
  });

  test('2.13 neighbour: who is of age by now is asked herself', async () => {
    await child('grown');
    const grown = patient('grown', { birthDate: '2008-11-01' });
    await office.put(grown);
    const answer = await office.call('Encounter/grown/$generate-invoice');
    expect(answer.all<Invoice>('invoice')[0]?.recipient?.reference).toBe('Patient/grown');
  });
});
