import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, Claim, Composition, Parameters, Resource, Task } from '@medplum/fhirtypes';
import { gapsOf, type VisitFacts } from '../../../src/billing/charge/gap.ts';
import { chargesWork } from '../../../src/operation/followUp/chargesWork.ts';
import { openWorld, type World } from '../../claim/world.ts';
import { condition, coverage, drug, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const day = '2026-11-10';
const at = `${day}T09:10:00-05:00`;
const night = { date: '2026-11-24' };
const clinic = 'alder-street-clinic';
const list = `Organization/${clinic}/$missing-charges?start=2026-11-01&end=2026-11-30`;

const appointment = (
  id: string,
  of: string,
  status: Appointment['status'],
): Appointment & { id: string } => ({
  resourceType: 'Appointment',
  id,
  status,
  start: at,
  end: at,
  participant: [
    { actor: { reference: `Patient/${of}` }, status: 'accepted' },
    { actor: { reference: 'Location/alder-street-clinic-office' }, status: 'accepted' },
  ],
});
const note = (of: string, status: Composition['status']): Composition & { id: string } => ({
  resourceType: 'Composition',
  id: `${of}-note`,
  status,
  type: { text: 'Progress note' },
  subject: { reference: `Patient/${of}` },
  encounter: { reference: `Encounter/${of}` },
  date: at,
  author: [{ reference: 'Practitioner/ruth-abernathy' }],
  title: 'Progress note',
});

describe.each(eachStore('office_missing'))('missing charges, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  const ask = async (path: string): Promise<string[]> => {
    const { status, body } = await world.send('get', path);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return rows(body);
  };
  const rows = (body: Resource): string[] =>
    ((body as Parameters).parameter ?? [])
      .filter(({ name }) => name === 'gap')
      .map(({ part = [] }) => {
        const kind = part.find(({ name }) => name === 'kind')?.valueCode ?? '';
        const of = part.find(({ name }) => name === 'of')?.valueReference?.reference ?? '';
        return `${of} ${kind}`;
      })
      .sort();
  const byNight = async (date = night.date): Promise<void> => {
    for (let after: string | undefined; ;) {
      const items = await chargesWork.next(world.context, { date }, { after, count: 3 });
      if (items.length === 0) return;
      for (const item of items)
        await world.context.store.transaction((tx) => chargesWork.one(world.context, tx, item, { date }));
      after = items.at(-1) ?? '';
    }
  };
  const tasks = async (): Promise<string[]> =>
    (await world.find<Task>('Task?code=missing-charge'))
      .map(({ focus, reasonCode, status }) => `${focus?.reference ?? ''} ${reasonCode?.text ?? ''} ${status}`)
      .sort();

  beforeAll(async () => {
    world = await openWorld(open);
    server = new AsAccount(world.context);
    const account = { kind: 'user' as const, users: [], practices: [clinic] };
    await server.is({ ...account, name: 'coder', roles: ['coder'] });
    await server.is({ ...account, name: 'clinician', roles: ['clinician'] });
    await server.is({ ...account, name: 'other', roles: ['coder'], practices: ['bellwater-hospital'] });
    for (const who of ['ann', 'bob', 'cyd', 'dee', 'eve', 'fay', 'gus']) await world.put(patient(who));
    // ann came and nobody charted a charge; her note is not signed
    await world.put(visit('ann', 'ann', day, { type: [{ text: 'talk' }] }), note('ann', 'preliminary'));
    // bob was charged and claimed, cyd was charged and is only a draft, dee's draft is held back
    for (const who of ['bob', 'cyd', 'dee'])
      await world.put(
        ...[coverage(who, who), visit(who, who, day), condition(who, who)],
        drug(`${who}-drug`, { patient: who, encounter: who, at }),
      );
    const [sent] = await world.claims('bob', day);
    await world.submit(sent, day);
    await world.claims('cyd', day);
    const [held] = await world.claims('dee', day);
    const edit = [
      { name: 'element', valueCode: 'hold' },
      { name: 'value', valueBoolean: true },
      { name: 'reason', valueString: 'wait' },
    ];
    const edited = await world.call(`Claim/${held?.id ?? ''}/$edit`, [{ name: 'edit', part: edit }]);
    if (edited.status !== 200) throw new Error(JSON.stringify(edited.body));
    // eve came and has no visit; fay did not come; gus has a visit that does not name his appointment
    await world.put(
      ...[appointment('eve', 'eve', 'fulfilled'), appointment('fay', 'fay', 'noshow')],
      ...[appointment('gus', 'gus', 'arrived'), visit('gus', 'gus', day, { type: [{ text: 'talk' }] })],
    );
    await world.put(visit('gone', 'gus', day, { status: 'cancelled' }));
  }, 60_000);
  afterAll(() => world.close());

  const found = [
    ...['Appointment/eve no-visit', 'Encounter/ann no-charge', 'Encounter/ann note-unsigned'],
    ...['Encounter/cyd not-billed', 'Encounter/gus no-charge'],
  ];

  test('12.9 $missing-charges lists what is missing between visits, notes, charges and claims', async () => {
    expect(await ask(list)).toEqual(found);
    expect(await ask(`${list}&kind=no-visit`)).toEqual(['Appointment/eve no-visit']);
    expect(await ask(`${list}&provider=Practitioner/nobody`)).toEqual([]);
    expect(await ask(`Organization/${clinic}/$missing-charges?start=2026-10-01&end=2026-10-31`)).toEqual([]);
    expect(
      await ask(`Organization/bellwater-hospital/$missing-charges?start=2026-11-01&end=2026-11-30`),
    ).toEqual([]);
  });

  test('12.9 pages of it are all of it, each once', async () => {
    const all: string[] = [];
    for (let after = ''; ;) {
      const { body } = await world.send('get', `${list}&count=1${after}`);
      all.push(...rows(body));
      const next = (body as Parameters).parameter?.find(({ name }) => name === 'next')?.valueString;
      if (next === undefined) break;
      after = `&after=${encodeURIComponent(next)}`;
    }
    expect(all.sort()).toEqual(found);
    expect((await world.send('get', `${list}&after=Patient|x`)).status).toBe(400);
    expect((await world.send('get', `${list}&count=0`)).status).toBe(400);
    expect((await world.send('get', `${list}&kind=anything`)).status).toBe(400);
  });

  test('12.9 it is CSV where that is asked for', async () => {
    const csv = await server.ask('all', 'get', `${list}&_format=csv`);
    expect(csv.headers['content-type']).toContain('text/csv');
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines[0]).toBe('kind,day,since,age,of,patient,provider,task,text');
    expect(lines).toHaveLength(found.length + 1);
    expect(lines.find((line) => line.includes('Encounter/cyd'))).toContain(`not-billed,${day},${day},14,`);
  });

  test('12.9 neighbour: who has not the permission, and another practice, get nothing', async () => {
    expect((await server.ask('clinician', 'get', list)).status).toBe(403);
    expect((await server.ask('other', 'get', list)).status).toBe(403);
    // a coder sees no appointments
    const seen = rows((await server.ask('coder', 'get', list)).body as Resource);
    expect(seen).toEqual(found.filter((one) => !one.startsWith('Appointment/')));
  });

  test('12.9 each night they are Tasks of the practice, once; holds too', async () => {
    await byNight('2026-11-26');
    await byNight('2026-11-26');
    expect(await tasks()).toEqual(
      [...found, 'Encounter/dee on-hold'].sort().map((one) => `${one} requested`),
    );
    const [task] = await world.find<Task>('Task?code=missing-charge&focus=Encounter/cyd');
    expect(task?.owner?.reference).toBe(`Organization/${clinic}`);
    expect(task?.restriction?.period?.end).toBe('2026-11-29');
  });

  test('12.9 what is mended closes its Task; what is cancelled is not told again', async () => {
    await world.put(note('ann', 'final'));
    const [draft] = (await world.find<Claim>('Claim?encounter=Encounter/cyd')).filter(
      ({ status }) => status === 'draft',
    );
    await world.submit(draft, day);
    await world.put(appointment('eve', 'eve', 'cancelled'));
    const [waived] = await world.find<Task>('Task?code=missing-charge&focus=Encounter/gus');
    if (!waived) throw new Error('no Task');
    await world.put({ ...waived, status: 'cancelled' });
    await byNight();
    await byNight();
    expect(await tasks()).toEqual([
      ...['Appointment/eve no-visit completed', 'Encounter/ann no-charge requested'],
      ...['Encounter/ann note-unsigned completed', 'Encounter/cyd not-billed completed'],
      ...['Encounter/dee on-hold completed', 'Encounter/gus no-charge cancelled'],
    ]);
    expect(await ask(list)).toEqual(['Encounter/ann no-charge']);
  });

  test('12.9 neighbour: a note that is opened again opens its Task again', async () => {
    await world.put(note('ann', 'preliminary'));
    await byNight('2026-12-20');
    expect(await tasks()).toContain('Encounter/ann note-unsigned requested');
    const again = (await world.find<Task>('Task?code=missing-charge&focus=Encounter/ann')).find(
      ({ reasonCode }) => reasonCode?.text === 'note-unsigned',
    );
    expect(again?.restriction?.period?.end).toBe('2026-12-23'); // not overdue on the day it is opened again
  });

  test('12.9 neighbour: a practice says how long it lets things lie', async () => {
    const practice = await world.read('Organization', clinic);
    const url = 'https://claimwright.example/fhir/StructureDefinition/follow-up-settings';
    const given = 'extension' in practice ? (practice.extension ?? []) : [];
    const part = (name: string): object => ({ url: name, valueUnsignedInt: 30 });
    const said = { url, extension: ['charge-days', 'note-days', 'bill-days'].map(part) };
    await world.put({ ...practice, extension: [...given, said] } as Resource & { id: string });
    expect(await ask(list)).toEqual([]);
  });
});

describe('12.9 a gap, by the status of the visit', () => {
  const facts: VisitFacts = {
    ...{ status: 'finished', isStay: false, hasKeptAppointment: false, day: '2026-11-10' },
    ...{ charges: [], unsigned: [], claims: [] },
  };
  const allowed = { chargeDays: 2, noteDays: 3, billDays: 7 };
  test.each([
    ['finished', {}, '2026-11-12', ['no-charge']],
    ['too early', {}, '2026-11-11', []],
    ['never finished', { status: 'in-progress' }, '2026-11-12', ['no-charge']],
    ['a stay that goes on', { status: 'in-progress', isStay: true }, '2026-11-30', []],
    ['planned and kept', { status: 'planned', hasKeptAppointment: true }, '2026-11-12', ['no-charge']],
    ['planned only', { status: 'planned' }, '2026-11-12', []],
    ['a charge that was an error', { charges: ['entered-in-error'] }, '2026-11-12', ['no-charge']],
    ['nothing to bill', { charges: ['not-billable'] }, '2026-11-30', []],
    ['not billed', { charges: ['billable'] }, '2026-11-17', ['not-billed']],
    ['sent', { charges: ['billable'], claims: [{ isSent: true }] }, '2026-11-30', []],
  ] as const)('%s', (_what, over, today, kinds) => {
    expect(gapsOf({ ...facts, ...over }, allowed, today).map(({ kind }) => kind)).toEqual(kinds);
  });
});
