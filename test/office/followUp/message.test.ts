import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CareTeam, Communication, Practitioner, Resource } from '@medplum/fhirtypes';
import { openWorld, type World } from '../../claim/world.ts';
import { coded, own, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const clinic = 'Organization/alder-street-clinic';
const other = 'Organization/bellwater-hospital';
const office = coded('https://claimwright.example/fhir/CodeSystem/message', 'office');
const person = (id: string): Practitioner & { id: string } => ({ resourceType: 'Practitioner', id });

const message = (
  sender: string,
  recipient: readonly string[],
  over: Partial<Communication> = {},
): Communication => ({
  resourceType: 'Communication',
  status: 'completed',
  category: [office],
  sender: { reference: `Practitioner/${sender}` },
  ...(recipient.length > 0 ? { recipient: recipient.map((reference) => ({ reference })) } : {}),
  about: [{ reference: 'Patient/ann' }],
  payload: [{ contentString: 'which knee was it?' }],
  ...over,
});

describe.each(eachStore('office_message'))('messages of the office, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  beforeAll(async () => {
    world = await openWorld(open);
    const team: CareTeam & { id: string } = {
      resourceType: 'CareTeam',
      id: 'ann-team',
      subject: { reference: 'Patient/ann' },
      participant: [
        { member: { reference: 'Practitioner/surgeon' } },
        { member: { reference: 'Patient/ann' } },
        { member: { reference: 'Practitioner/gone' }, period: { end: '2020-01-01' } },
      ],
    };
    await world.put(
      ...['bill', 'code', 'doctor', 'surgeon', 'gone', 'stranger'].map(person),
      ...[patient('ann'), patient('bob'), team],
      visit('ann', 'ann', '2026-11-10'),
      visit('ann-there', 'ann', '2026-11-11', { serviceProvider: { reference: other } }),
      visit('bob-there', 'bob', '2026-11-11', { serviceProvider: { reference: other } }),
    );
    server = new AsAccount(world.context);
    const of = (name: string, role: string, practice: string) =>
      server.is({
        ...{ kind: 'user' as const, name, roles: [role], users: [`Practitioner/${name}`] },
        practices: [practice.slice('Organization/'.length)],
      });
    await of('bill', 'biller', clinic);
    await of('code', 'coder', clinic);
    await of('doctor', 'clinician', clinic);
    await of('surgeon', 'clinician', other);
    await of('stranger', 'biller', other);
  }, 60_000);
  afterAll(() => world.close());

  const send = async (who: string, body: Resource): Promise<{ status: number; id: string; text: string }> => {
    const said = await server.ask(who, 'post', 'Communication', body);
    return { status: said.status, id: (said.body as Resource).id ?? '', text: said.text };
  };
  const status = async (who: string, id: string): Promise<number> =>
    (await server.ask(who, 'get', `Communication/${id}`)).status;
  const found = async (who: string, query: string): Promise<number> =>
    ((await server.ask(who, 'get', `Communication?${query}&_total=accurate`)).body as { total?: number })
      .total ?? -1;

  test('12.9 a note of a biller is seen by their office, and by nobody else', async () => {
    const { status: made, id, text } = await send('bill', message('bill', [clinic]));
    expect([made, text]).toEqual([201, expect.anything()]);
    for (const [who, seen] of [
      ['bill', 200],
      ['code', 200],
      ['doctor', 200],
      ['surgeon', 404],
      ['stranger', 404],
    ] as const)
      expect([who, await status(who, id)]).toEqual([who, seen]);
    const kept = await world.read<Communication>('Communication', id);
    expect(kept.sent).toBe(world.context.now());
    expect(await found('code', 'about=Patient/ann')).toBe(1);
    expect(await found('surgeon', 'about=Patient/ann')).toBe(0);
    expect((await world.send('get', 'Patient/ann/$everything')).body).not.toMatchObject({
      entry: expect.arrayContaining([{ resource: expect.objectContaining({ id }) as unknown }]) as unknown,
    });
  });

  test('12.9 who is in the team of the patient at another office sees the thread they are party to, and no other', async () => {
    const asked = await send('bill', message('bill', ['CareTeam/ann-team', clinic]));
    const apart = await send('bill', message('bill', ['Practitioner/code']));
    expect([await status('surgeon', asked.id), await status('surgeon', apart.id)]).toEqual([200, 404]);
    expect(await status('stranger', asked.id)).toBe(404);
    const kept = await world.read<Communication>('Communication', asked.id);
    expect(kept.recipient?.map((r) => r.reference)).toEqual([
      ...['CareTeam/ann-team', clinic, 'Practitioner/surgeon'],
    ]);
    const answer = message('surgeon', [clinic, 'Practitioner/bill'], {
      inResponseTo: [{ reference: `Communication/${asked.id}` }],
      payload: [{ contentString: 'the left one' }],
    });
    const answered = await send('surgeon', answer);
    expect(answered.status).toBe(201);
    const again = message('bill', ['Practitioner/surgeon'], {
      inResponseTo: [{ reference: `Communication/${answered.id}` }],
    });
    expect((await send('bill', again)).status).toBe(201);
    expect(await found('surgeon', `part-of=Communication/${asked.id}`)).toBe(2); // the thread behind its first
    expect(await found('code', `part-of=Communication/${asked.id}`)).toBe(1); // the last went to one person
  });

  test('12.9 what was sent is not changed or deleted by a plain write, and is marked as read by an operation', async () => {
    const { id } = await send('bill', message('bill', ['Practitioner/doctor', clinic]));
    const kept = await world.read<Communication>('Communication', id);
    const put = (body: Communication) => world.send('put', `Communication/${id}`, body);
    expect((await put(kept)).status).toBe(200); // as it is
    const changes: Partial<Communication>[] = [
      { payload: [{ contentString: 'another' }] },
      { note: [{ text: 'more' }] },
      { category: [{ text: 'none' }] },
    ];
    for (const change of changes) {
      const { status: refused, codes } = await put({ ...kept, ...change });
      expect([refused, codes]).toEqual([409, ['message-sent']]);
    }
    expect((await world.send('delete', `Communication/${id}`)).status).toBe(409);
    expect((await server.ask('bill', 'put', `Communication/${id}`, kept)).status).toBe(403);
    const read = (who: string) => server.ask(who, 'post', `Communication/${id}/$mark-read`);
    expect((await read('surgeon')).status).toBe(404);
    expect((await read('bill')).status).toBe(200);
    expect((await world.read<Communication>('Communication', id)).received).toBeUndefined();
    for (let n = 0; n < 2; n += 1) expect((await read('doctor')).status).toBe(200);
    const marked = await world.read<Communication>('Communication', id);
    expect(marked.received).toBe(world.context.now());
    expect((marked.extension ?? []).filter(({ url }) => url === own('read-by'))).toHaveLength(2);
    expect(marked.payload).toEqual(kept.payload);
  });

  test('12.9 neighbour: what the sender does not see, and a sender who is somebody else, are refused', async () => {
    const wrong: readonly (readonly [string, Communication, number, string])[] = [
      ['bill', message('doctor', [clinic]), 403, 'message-sender'],
      [
        'bill',
        message('bill', [clinic], { about: [{ reference: 'Patient/bob' }] }),
        422,
        'message-reference',
      ],
      ['bill', message('bill', [clinic], { about: [{ reference: 'Claim/none' }] }), 422, 'message-reference'],
      ['bill', message('bill', ['Practitioner/none']), 422, 'message-reference'],
      ['bill', message('bill', ['Patient/ann']), 422, 'message-recipient'],
      ['bill', message('bill', []), 422, 'message-recipient'],
      ['bill', message('bill', [clinic], { subject: { reference: 'Patient/ann' } }), 422, 'message-element'],
      ['bill', message('bill', [clinic], { status: 'preparation' }), 422, 'message-status'],
      ['bill', message('bill', [clinic], { status: 'not-done' }), 422, 'message-status'],
    ];
    for (const [who, body, refused, code] of wrong) {
      const said = await send(who, body);
      expect([code, said.status, said.text]).toEqual([code, refused, expect.stringContaining(code)]);
      expect(said.text).not.toContain('Marlow');
    }
  });

  test('12.9 neighbour: a message about a sensitive visit is labelled as that is', async () => {
    const { security = [], ...meta } = (await world.read('Encounter', 'ann')).meta ?? {};
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' };
    const encounter = await world.read('Encounter', 'ann');
    await world.put({ ...encounter, meta: { ...meta, security: [...security, label] } });
    const about = [{ reference: 'Encounter/ann' }];
    const { id } = await send('bill', message('bill', [clinic], { about }));
    const kept = await world.read<Communication>('Communication', id);
    expect(kept.meta?.security?.map(({ code }) => code)).toContain('PSY');
  });
});
