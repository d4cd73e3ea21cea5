import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Account,
  Binary,
  Communication,
  DocumentReference,
  Organization,
  Task,
} from '@medplum/fhirtypes';
import { cycleOf, statementSettings, stepOn } from '../../../src/billing/collection/statementCycle.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import { find, readResource } from '../../../src/interaction/repository.ts';
import { statementWork } from '../../../src/operation/statement/statementWork.ts';
import { withBackground } from '../../../src/background.ts';
import { extension } from '../../../src/terminology/system.ts';
import { code, day, type Office } from '../../firm/receipts.ts';
import { readPdf, textsOf } from '../../form/pdf.ts';
import { eachStore } from '../../http/eachStore.ts';
import { until } from '../../until.ts';
import { accountOf, figuresOf, letterOffice, patientOf } from './world.ts';

const settings = statementSettings(undefined);

describe('the steps of a cycle', () => {
  const owed = { due: cents(5000), oldest: '2026-01-01' };
  test('four statements by their days, then a person', () => {
    const done: string[] = [];
    let cycle = undefined as Parameters<typeof stepOn>[0];
    for (const on of ['2026-01-01', '2026-01-30', '2026-01-31', '2026-03-02', '2026-04-01', '2026-05-01']) {
      const step = stepOn(cycle, owed, settings, on);
      if (step.kind === 'send' || step.kind === 'hand-over') cycle = step.cycle;
      done.push(`${on} ${step.kind} ${cycle?.level ?? 0}`);
    }
    expect(done).toEqual([
      '2026-01-01 send 1',
      '2026-01-30 wait 1',
      '2026-01-31 send 2',
      '2026-03-02 send 3',
      '2026-04-01 send 4',
      '2026-05-01 hand-over 5',
    ]);
  });
  test('a server that stood still sends one, not all that it missed', () => {
    const late = stepOn({ level: 1, first: '2026-01-01', next: '2026-01-31' }, owed, settings, '2026-06-01');
    expect(late).toMatchObject({ kind: 'send', cycle: { level: 2, next: '2026-07-01' } });
  });
  test('paid in between ends it, newer Invoices begin anew, below the minimum nothing is sent', () => {
    const known = { level: 2, first: '2026-01-01', next: '2026-03-02' };
    expect(stepOn(known, { due: cents(0), oldest: '2026-03-02' }, settings, '2026-03-02').kind).toBe('end');
    const newer = stepOn(known, { ...owed, oldest: '2026-02-10' }, settings, '2026-03-02');
    expect(newer).toMatchObject({ kind: 'send', cycle: { level: 1 } });
    expect(stepOn(undefined, { ...owed, due: cents(499) }, settings, '2026-01-01').kind).toBe('wait');
  });
});

describe.each(eachStore('office-cycle'))('statements by night on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await letterOffice(open);
    await office.invoice(16_845);
  });
  afterAll(() => office.context.store.close());

  /** The night's work of a day, as the job of nights does it. */
  const night = async (date: string): Promise<void> => {
    const { context } = office;
    const items = await statementWork.next(context, { date }, { after: undefined, count: 100 });
    for (const item of items)
      await context.store.transaction((tx) => statementWork.one(context, tx, item, { date }));
    const after = items.at(-1);
    expect(await statementWork.next(context, { date }, { after, count: 100 })).toEqual([]);
  };
  const sent = async (): Promise<unknown[]> =>
    (await find<DocumentReference>(office.context.store, 'DocumentReference', {})).map(
      (record) => figuresOf(record)['level'],
    );
  const turnOn = async (active: boolean): Promise<void> => {
    const clinic = await office.get<Organization & { id: string }>('Organization/clinic');
    const said = { url: extension.statementSettings, extension: [{ url: 'active', valueBoolean: active }] };
    await office.put({ ...clinic, extension: [said] });
  };

  test('8 cycle: off unless the practice says so; then one statement of each step, and no second', async () => {
    await night('2026-04-01');
    expect(await sent()).toEqual([]);
    await turnOn(true);
    for (const date of ['2026-04-01', '2026-04-01', '2026-04-15', '2026-05-01', '2026-05-01'])
      await night(date);
    expect(await sent()).toEqual([1, 2]);
    const [one] = await find<Communication>(office.context.store, 'Communication', {});
    expect(one).toMatchObject({ status: 'preparation', recipient: [{ reference: 'Patient/a' }] });
    expect(cycleOf(await office.get<Account>('Account/a'))).toMatchObject({ level: 2, first: '2026-04-01' });
  });

  test('8 cycle: what a night kept is printed by a job, once, and says then that it was sent', async () => {
    const faults: unknown[] = [];
    const { queue } = withBackground(office.context, (error) => faults.push(error));
    queue.start();
    const letters = () => find<Communication>(office.context.store, 'Communication', { status: 'completed' });
    await until(async () => (await letters()).length === 2);
    await queue.stop();
    expect(faults).toEqual([]);
    const [record] = await find<DocumentReference>(office.context.store, 'DocumentReference', {});
    expect(record?.docStatus).toBe('final');
    const url = record?.content[0]?.attachment.url ?? '';
    const pdf = await readResource<Binary>(office.context.store, 'Binary', url.slice('Binary/'.length));
    const [page] = await readPdf(Buffer.from(pdf.data ?? '', 'base64'));
    expect(textsOf(page)).toContain('Your bill');
  });

  test('8 cycle neighbour: a hold stops it, and it goes on when that is released', async () => {
    await office.call('Account/a/$hold', [code('reason', 'dispute'), day('2026-05-02')]);
    await night('2026-06-01');
    expect(await sent()).toEqual([1, 2]);
    await office.call('Account/a/$release-hold', [code('reason', 'dispute'), day('2026-06-02')]);
    await night('2026-06-03');
    expect(await sent()).toEqual([1, 2, 3]);
  });

  test('8 cycle: after the final notice one Task for a person, and nothing more is sent', async () => {
    for (const date of ['2026-07-03', '2026-08-02', '2026-08-03', '2026-12-01']) await night(date);
    expect(await sent()).toEqual([1, 2, 3, 4]);
    const tasks = await find<Task>(office.context.store, 'Task', { code: 'pre-collection' });
    expect(tasks).toMatchObject([{ status: 'requested', focus: { reference: 'Account/a' } }]);
  });

  test('8 cycle neighbour: a minor without guarantor, a QMB and who has died get a Task or nothing', async () => {
    await office.invoice(5000, 'b', '2026-04-24');
    await patientOf(office, 'b', { birthDate: '2020-01-01' });
    await night('2026-08-04');
    expect(await find<Task>(office.context.store, 'Task', { code: 'guarantor' })).toHaveLength(1);
    const qmb = { url: extension.qmb, extension: [{ url: 'source', valueString: 'card' }] };
    await patientOf(office, 'b', { birthDate: '1950-01-01', extension: [qmb] });
    await night('2026-08-05');
    await night('2026-08-06');
    expect(await find<Task>(office.context.store, 'Task', { code: 'statement-review' })).toHaveLength(1);
    await patientOf(office, 'b', { extension: undefined, deceasedBoolean: true } as never);
    await night('2026-08-07');
    expect(await sent()).toEqual([1, 2, 3, 4]);
  });

  test('8 cycle neighbour: a plain write does not change how far the statements are', async () => {
    const account = await office.get<Account & { id: string }>('Account/a');
    const put = await office.put({ ...account, extension: [{ url: 'https://x.example/y', valueCode: 'z' }] });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    await accountOf(office, 'a', { description: 'moved house' });
  });
});
