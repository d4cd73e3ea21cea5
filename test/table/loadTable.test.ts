import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import type { Store } from '../../src/store/store.ts';
import { claimOf, partiesOf } from '../billing/scrub/fixture.ts';
import { testContext } from '../context.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { zipOf } from './archive.ts';

const account = (name: string, role: string) => ({
  name,
  kind: 'user' as const,
  roles: [role],
  users: [],
  practices: ['clinic'],
});

describe.each(eachStore('loadTable'))('%s', (_name, open) => {
  let store: Store;
  let accounts: AsAccount;
  let asked: (readonly { readonly kind: string; readonly key: string }[])[];

  beforeAll(async () => {
    store = await open();
    asked = [];
    const transaction = store.transaction.bind(store);
    store.transaction = (work) =>
      transaction((tx) => {
        const gathered = tx.gathered.bind(tx);
        tx.gathered = (keys) => {
          asked.push(keys);
          return gathered(keys);
        };
        return work(tx);
      });
    const context = await testContext({ store, now: () => '2026-09-01T12:00:00Z' });
    await store.transaction(async (tx) => {
      for (const resource of partiesOf().values()) await tx.put(resource as Resource & { id: string });
    });
    accounts = new AsAccount(context);
    await accounts.is(account('ada', 'administrator'));
    await accounts.is(account('bill', 'biller'));
  });
  afterAll(() => store.close());

  const load = (query: string, body: string | Buffer, { as = 'ada', type = 'text/csv' } = {}) =>
    accounts.ask(as, 'post', `$load-table${query}`).set('content-type', type).send(body);
  const scrub = async (claim: Claim): Promise<OperationOutcome> =>
    (await accounts.ask('whoever sees all', 'post', 'Claim/$scrub', claim)).body as OperationOutcome;
  const found = (outcome: OperationOutcome): string[] =>
    outcome.issue.flatMap((i) =>
      ['ncci-pair', 'mue-units', 'add-on-primary'].includes(codeOfIssue(i) ?? '')
        ? [`${i.severity} ${codeOfIssue(i) ?? ''} ${i.expression?.[0] ?? ''}`]
        : [],
    );
  const notRun = ({ issue }: OperationOutcome): string | undefined =>
    /warnings; (.*)$/.exec(issue.at(-1)?.details?.text ?? '')?.[1];
  const rowsAsked = (): number => asked.flat().filter(({ kind }) => kind.startsWith('coding-table|')).length;
  const loaded = async (): Promise<unknown[]> => {
    const answer = await accounts.ask('ada', 'get', '$coding-tables');
    return ((answer.body as Parameters).parameter ?? []).map(({ part }) =>
      part?.slice(0, 2).map(({ valueCode, valueString }) => valueCode ?? valueString),
    );
  };

  test('8.1 with no table loaded the outcome says once which edits were not run, and no row is asked for', async () => {
    asked.length = 0;
    const outcome = await scrub(claimOf('complete'));
    expect(found(outcome)).toEqual([]);
    expect(outcome.issue.filter((i) => i.details?.text?.includes('not run'))).toHaveLength(1);
    expect(notRun(outcome)).toMatch(/NCCI PTP.*MUE.*add-on.*not run/);
    for (let i = 0; i < 3; i++) await scrub(claimOf('complete'));
    expect(rowsAsked()).toBe(0);
    expect(await loaded()).toEqual([]);
  });

  test('8.2 tables that stream in as CMS publishes them find what they are for, all rows of a claim by one question', async () => {
    const pairs = zipOf(
      {
        'ccipra-v321r0-f1.TXT':
          'CPT only copyright\t\t\t\t\t\t\nT1015\tJ1885\t\t20200101\t*\t0\tMisuse\nT1015\tE0114\t\t20200101\t20260101\t0\tMisuse\n',
        'ccipra-v321r0-f1.xlsx': 'a spreadsheet',
      },
      { descriptor: true },
    );
    const first = await load('?name=ccipra-v321r0-f1.zip', pairs, { type: 'application/zip' });
    expect(first.status).toBe(200);
    expect((first.body as Parameters).parameter?.[0]?.part).toEqual(
      expect.arrayContaining([
        { name: 'edition', valueString: '2026Q2' },
        { name: 'through', valueDate: '2026-06-30' },
        { name: 'rows', valueInteger: 2 },
      ]),
    );
    const units = 'HCPCS/CPT Code,MUE,MAI,Rationale\nL4361,0,2 Date of Service Edit: Policy,x\n';
    expect((await load('?table=mue-practitioner&edition=2026Q2', units)).status).toBe(200);
    const addOns =
      'Add-On_Code,Primary_Code,AOC_Edit_EffDt,AOC_Edit_DelDt,AOC_Edit_Type\nE0114,G0438,2020001,,1\n';
    expect((await load('?table=add-on&edition=2026', addOns)).status).toBe(200);
    const fees = `G0438,,x,A,,0,0,,0,,0,0,0,0,XXX,0,0,0,0,0,0,0,0\n`;
    expect((await load('?table=fee-schedule&edition=2026', fees)).status).toBe(200);
    const notes = `<diag><name>S93</name><excludes1><note>x (W01.-)</note></excludes1></diag>`;
    const tabular = '?table=excludes1&edition=FY2026';
    expect((await load(tabular, notes, { type: 'text/plain' })).status).toBe(200);
    asked.length = 0;
    const outcome = await scrub(claimOf('complete'));
    expect(found(outcome)).toEqual([
      'error ncci-pair Claim.item[3].productOrService',
      'error mue-units Claim.item[1].quantity',
      'error add-on-primary Claim.item[2].productOrService',
    ]);
    expect(notRun(outcome)).toBeUndefined();
    expect(asked.filter((keys) => keys.some(({ kind }) => kind.startsWith('coding-table|')))).toHaveLength(1);
    expect(await loaded()).toEqual([
      ['add-on', '2026'],
      ['excludes1', 'FY2026'],
      ['fee-schedule', '2026'],
      ['mue-practitioner', '2026Q2'],
      ['ptp-practitioner', '2026Q2'],
    ]);
  });

  test('8.3 the day of the service chooses the edition, and an older one is told', async () => {
    await load('?table=mue-practitioner&edition=2026Q1', 'L4361,5,2 Date of Service Edit,x\n');
    await load('?table=mue-practitioner&edition=2026Q3', 'L4361,5,2 Date of Service Edit,x\n');
    const on = (day: string): Claim => {
      const claim = claimOf('complete');
      for (const item of claim.item ?? []) item.servicedDate = day;
      claim.billablePeriod = { start: day, end: day };
      claim.accident = { ...claim.accident, date: day };
      claim.created = day;
      return claim;
    };
    const units = async (day: string): Promise<number> =>
      found(await scrub(on(day))).filter((text) => text.includes('mue-units')).length;
    expect([await units('2026-03-31'), await units('2026-04-01'), await units('2026-06-30')]).toEqual([
      0, 1, 1,
    ]);
    expect(await units('2026-07-01')).toBe(0);
    expect(notRun(await scrub(on('2026-07-01')))).toBe('older than the service: ptp-practitioner 2026Q2');
    expect(notRun(await scrub(on('2026-03-31')))).toMatch(/no table is loaded for the day of pairs/);
  });

  test('8.4 neighbour: an administrator only loads and lists them', async () => {
    expect((await load('?table=add-on&edition=2026', 'x', { as: 'bill' })).status).toBe(403);
    expect((await accounts.ask('bill', 'get', '$coding-tables')).status).toBe(403);
  });

  test('8.5 neighbour: what is not asked for rightly is refused, and the tables stay as they are', async () => {
    const before = await loaded();
    const refused: (readonly [string, string, string])[] = [
      ['?table=mue', 'a', 'unknown-table'],
      ['?edition=2026Q2', 'a', 'unknown-table'],
      ['?table=add-on', 'a', 'unknown-edition'],
      ['?table=add-on&edition=2026&row=1', 'a', 'unknown-parameter'],
      ['?table=add-on&edition=2026', 'nothing of it', 'table-empty'],
    ];
    for (const [query, body, code] of refused) {
      const answer = await load(query, body);
      expect([
        answer.status,
        codeOfIssue((answer.body as OperationOutcome).issue[0] ?? { severity: 'error', code: 'invalid' }),
      ]).toEqual([400, code]);
    }
    expect(await loaded()).toEqual(before);
  });

  test('8.6 neighbour: a smaller one comes as a Binary', async () => {
    const data = Buffer.from('L4361,9,2 Date of Service Edit,x\n').toString('base64');
    const parameter = [
      { name: 'table', valueCode: 'mue-practitioner' },
      { name: 'edition', valueString: '2026Q2' },
      { name: 'file', resource: { resourceType: 'Binary', contentType: 'text/csv', data } },
    ];
    const answer = await accounts.ask('ada', 'post', '$load-table', {
      resourceType: 'Parameters',
      parameter,
    });
    expect(answer.status).toBe(200);
    expect(found(await scrub(claimOf('complete')))).toHaveLength(2);
  });
});
