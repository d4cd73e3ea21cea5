import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  ClaimResponse,
  Contract,
  Parameters,
  ParametersParameter,
  Task,
} from '@medplum/fhirtypes';
import { openWorld, type World } from '../../claim/world.ts';
import type { Said } from '../../firm/office.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const practice = 'Organization/alder-street-clinic';
const payer = { name: 'payer', valueReference: { reference: 'Organization/juniper-ridge' } };
const content = (valueString: string): ParametersParameter => ({ name: 'content', valueString });
const date = (name: string, valueDate: string): ParametersParameter => ({ name, valueDate });
const rows = 'code,price\nT1015,130.00\nJ3301,3.00\n';
const dollars = (task: Task | undefined): (readonly [string | undefined, number | undefined])[] =>
  (task?.output ?? []).map((o) => [o.id, o.valueMoney?.value]);

describe.each(eachStore('office_contract'))('expected against paid, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  let claim: Claim & { id: string };
  let loaded: Contract;
  beforeAll(async () => {
    world = await openWorld(open);
    server = new AsAccount(world.context);
    const user = { kind: 'user' as const, practices: ['alder-street-clinic'] };
    await server.is({ ...user, name: 'biller', roles: ['biller'], users: ['Practitioner/one'] });
    await server.is({ ...user, name: 'coder', roles: ['coder'], users: ['Practitioner/two'] });
    const elsewhere = { ...user, practices: ['bellwater-hospital'] };
    await server.is({ ...elsewhere, name: 'else', roles: ['biller'], users: ['Practitioner/three'] });
  });
  afterAll(() => world.close());

  const load = (...parameter: readonly ParametersParameter[]): Promise<Said> =>
    world.call(`${practice}/$load-contract`, [payer, ...parameter]);
  const contracts = () => world.find<Contract>('Contract?subject=Organization/juniper-ridge');
  const tasks = async (code: string, of: string): Promise<Task[]> =>
    world.find<Task>(`Task?code=${code}&focus=Claim/${of}`);

  test('12.6 a schedule with wrong rows is refused, each named, and nothing of it is loaded', async () => {
    const bad =
      'code,price,percent\nT1015,-5.00,\nJ3301,3.00,\nJ3301,4.00,\n,1.00,\nG0008,1.00,50\n*,9.00,\n';
    const { status, issues, codes } = await load(date('start', '2026-01-01'), content(bad));
    expect([status, new Set(codes)]).toEqual([422, new Set(['contract-row'])]);
    expect(issues.map((i) => /line \d/.exec(i.details?.text ?? '')?.[0])).toEqual([
      ...['line 2', 'line 4', 'line 5', 'line 6', 'line 7'],
    ]);
    expect(await contracts()).toEqual([]);
  });

  test('12.6 a schedule is loaded once, and another for the same days only in its place', async () => {
    const first = await load(date('start', '2026-01-01'), content('code,percent\n*,50\n'));
    expect([first.status, first.codes]).toEqual([200, ['created']]);
    const again = await load(date('start', '2026-01-01'), content('code,percent\n*,50\n'));
    expect([again.status, again.codes]).toEqual([200, ['already-there']]);
    const overlap = await load(date('start', '2026-06-01'), content(rows));
    expect([overlap.status, overlap.codes]).toEqual([409, ['contract-overlaps']]);
    const [old] = first.all<Contract>('contract');
    const replaces = { name: 'replaces', valueReference: { reference: `Contract/${old?.id ?? ''}` } };
    const next = await load(date('start', '2026-06-01'), content(rows), replaces);
    expect([next.status, next.codes]).toEqual([200, ['created', 'contract-ended']]);
    [loaded] = next.all<Contract>('contract') as [Contract];
    expect((await world.read<Contract>('Contract', old?.id ?? '')).applies?.end).toBe('2026-05-31');
  });

  test('12.6 neighbour: a schedule is a percentage of another, with rows of its own; dryRun writes nothing', async () => {
    const of = { name: 'of', valueReference: { reference: `Contract/${loaded.id ?? ''}` } };
    const plan = { name: 'plan', valueString: 'another-plan' };
    const asked = [date('start', '2026-06-01'), of, plan, { name: 'percent', valueDecimal: 120 }];
    const own = content('code,price\nJ3301,2.00\n');
    const dry = await load(...asked, own, { name: 'dryRun', valueBoolean: true });
    expect(dry.status).toBe(200);
    const [made] = dry.all<Contract>('contract');
    const text = Buffer.from(made?.rule?.[0]?.contentAttachment?.data ?? '', 'base64').toString('utf8');
    expect(text.split('\n').slice(1)).toEqual(['T1015,,156,,,', 'J3301,,2,,,']);
    expect(await contracts()).toHaveLength(2);
  });

  test('12.6 what is expected of each line is kept when the claim goes, and the answer is compared with it', async () => {
    claim = await world.billed('ann');
    const [response] = await world.find<ClaimResponse>(`ClaimResponse?request=Claim/${claim.id}`);
    const allowed = response?.item?.map(
      (i) => i.adjudication.find((a) => a.category.coding?.[0]?.code === 'eligible')?.amount?.value ?? 0,
    );
    const [visit = 0, drug = 0] = allowed ?? [];
    const kept = await tasks('payment-expected', claim.id);
    expect(kept).toHaveLength(1);
    const quantity = claim.item?.[1]?.quantity?.value ?? 1;
    const expectedDrug = quantity * 3;
    const short = Math.round((Math.max(0, 130 - visit) + Math.max(0, expectedDrug - drug)) * 100) / 100;
    const over = Math.round(Math.max(0, drug - expectedDrug) * 100) / 100;
    expect(short).toBeGreaterThan(0);
    expect(dollars(kept[0])).toEqual([
      ['line-1', 130],
      ['line-2', expectedDrug],
      ['short', short],
      ['over', over],
      ['met', Math.round((Math.min(130, visit) + Math.min(expectedDrug, drug)) * 100) / 100],
      ['found', short],
      ['recovered', 0],
    ]);
    const [work] = await tasks('underpayment', claim.id);
    expect([work?.status, work?.owner?.reference]).toEqual(['requested', practice]);
    expect(work?.description).toContain(
      `line 1: expected 130.00 (Contract/${loaded.id ?? ''}: the price agreed for T1015)`,
    );
    expect((await tasks('overpayment', claim.id)).length).toBe(over > 0 ? 1 : 0);
    expect(await world.faults()).toEqual([]);
  });

  test('12.6 neighbour: a plain PUT changes nothing of it, and sending again makes no second Task', async () => {
    const [kept] = await tasks('payment-expected', claim.id);
    const put = await world.send('put', `Task/${kept?.id ?? ''}`, {
      ...kept,
      output: kept?.output?.slice(1),
    });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    const changed = await world.send('put', `Contract/${loaded.id ?? ''}`, {
      ...loaded,
      status: 'cancelled',
    });
    expect([changed.status, changed.codes]).toEqual([409, ['kept-by-the-books']]);
    await world.act(claim, 'submit');
    expect(await tasks('underpayment', claim.id)).toHaveLength(1);
  });

  test('12.6 neighbour: neither a schedule nor what is expected is written plainly, by POST or PUT', async () => {
    const { id: _id, meta: _meta, ...schedule } = loaded;
    const [{ id: _task, meta: _of, ...expected }] = (await tasks('payment-expected', claim.id)) as [Task];
    const other = { ...schedule, applies: { start: '2026-01-01' } };
    const found = { ...expected, focus: { reference: 'Claim/none' } };
    const bare = { resourceType: 'Contract', id: 'bare', status: 'executed' } as const;
    await world.put(bare);
    for (const [method, path, body] of [
      ['post', 'Contract', other],
      ['put', 'Contract/plain-schedule', { ...other, id: 'plain-schedule' }],
      ['put', 'Contract/bare', { ...other, id: 'bare' }],
      ['post', 'Task', found],
      ['put', 'Task/plain-expected', { ...found, id: 'plain-expected' }],
    ] as const) {
      const { status, codes } = await world.send(method, path, body);
      expect([path, status, codes]).toEqual([path, 409, ['kept-by-the-books']]);
    }
    expect(await contracts()).toHaveLength(2);
    // another Contract, and one that is written again as it is, are nobody's business
    expect((await world.send('put', 'Contract/bare', { ...bare, title: 'a lease' })).status).toBe(200);
    expect((await world.send('put', `Contract/${loaded.id ?? ''}`, loaded)).status).toBe(200);
  });

  test('12.6 what is missing is reported by payer; a corrected claim takes the place of the one before', async () => {
    const report = async () => {
      const query = 'start=2026-01-01&end=2026-12-31';
      const { status, body } = await world.send('get', `${practice}/$underpayments?${query}`);
      expect(status).toBe(200);
      const [row] = (body as Parameters).parameter?.filter((p) => p.name === 'payer') ?? [];
      const of = (name: string) => row?.part?.find((p) => p.name === name);
      return [of('claims')?.valueInteger, of('open')?.valueMoney?.value, of('recovered')?.valueMoney?.value];
    };
    const [kept] = await tasks('payment-expected', claim.id);
    const short = kept?.output?.find((o) => o.id === 'short')?.valueMoney?.value;
    expect(await report()).toEqual([1, short, 0]);
    const { claim: next } = await world.redo(claim, 'correct');
    expect((await tasks('underpayment', claim.id))[0]?.status).toBe('completed');
    expect((await tasks('underpayment', next.id))[0]?.status).toBe('requested');
    expect(await report()).toEqual([2, short, 0]);
    await world.redo(next, 'void');
    expect((await tasks('underpayment', next.id))[0]?.status).toBe('completed');
    expect(await report()).toEqual([2, 0, 0]);
  });

  test('12.6 neighbour: who may not load or read is 403, and a schedule of others is not there', async () => {
    const asked = {
      resourceType: 'Parameters',
      parameter: [payer, date('start', '2027-01-01'), content(rows)],
    };
    const statuses = [];
    for (const name of ['coder', 'else', 'biller'])
      for (const [method, path, body] of [
        [
          'post',
          `${practice}/$load-contract`,
          { ...asked, parameter: [...asked.parameter, { name: 'dryRun', valueBoolean: true }] },
        ],
        ['get', `${practice}/$underpayments?start=2026-01-01&end=2026-12-31`, undefined],
        ['get', `Contract/${loaded.id ?? ''}`, undefined],
      ] as const)
        statuses.push([name, (await server.ask(name, method, path, body)).status]);
    expect(statuses.filter(([name]) => name === 'coder').slice(0, 2)).toEqual([
      ['coder', 403],
      ['coder', 403],
    ]);
    expect(statuses.filter(([name]) => name === 'else')).toEqual([
      ['else', 403],
      ['else', 403],
      ['else', 404],
    ]);
    // the schedule of June has no end: the biller may ask, and is told so
    expect(statuses.filter(([name]) => name === 'biller')).toEqual([
      ['biller', 409],
      ['biller', 200],
      ['biller', 200],
    ]);
  });
});
