import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  ChargeItem,
  Claim,
  Communication,
  ConceptMap,
  Parameters,
  ParametersParameter,
  Procedure,
  Provenance,
  Task,
} from '@medplum/fhirtypes';
import { day, openWorld, sent, type World } from '../../claim/world.ts';
import { condition, coverage, cpt, hcpcs, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const local = 'https://ehr.example/procedures';
const lavage = { system: local, code: 'EAR-LAV', display: 'Lavage of both ears' };
const priced = { system: hcpcs, code: 'T1015' }; // what the charge master of the demo prices

const codeOf = (one: { readonly system: string; readonly code: string }): ParametersParameter => ({
  name: 'code',
  valueCoding: one,
});
const say = (name: string, valueString: string): ParametersParameter => ({ name, valueString });
const parts = (body: unknown, name: string): Record<string, unknown>[] =>
  ((body as Parameters).parameter ?? []).flatMap((p) =>
    p.name === name
      ? [
          Object.fromEntries(
            (p.part ?? []).map((one) => [
              one.name,
              one.valueCoding?.code ??
                one.valueString ??
                one.valueCode ??
                one.valueInteger ??
                one.valueReference?.reference,
            ]),
          ),
        ]
      : [],
  );

describe.each(eachStore('office_coding'))('the coding worklist, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  beforeAll(async () => {
    world = await openWorld(open);
    server = new AsAccount(world.context);
    const account = { kind: 'user' as const, practices: ['alder-street-clinic'] };
    await server.is({ ...account, name: 'cora', roles: ['coder'], users: ['Practitioner/luis-ortega'] });
    await server.is({ ...account, name: 'cole', roles: ['coder'], users: ['Practitioner/cole'] });
    await server.is({
      ...account,
      name: 'doc',
      roles: ['clinician'],
      users: ['Practitioner/ruth-abernathy'],
    });
    const other = { ...account, practices: ['bellwater-hospital'] };
    await server.is({ ...other, name: 'else', roles: ['coder'], users: ['Practitioner/else'] });
  });
  afterAll(() => world.close());

  const procedure = (name: string, over: Partial<Procedure> = {}): Procedure & { id: string } => ({
    resourceType: 'Procedure',
    id: `${name}-lavage`,
    status: 'completed',
    code: { coding: [lavage], text: 'Lavage of both ears' },
    subject: { reference: `Patient/${name}` },
    encounter: { reference: `Encounter/${name}` },
    performedDateTime: `${day}T09:20:00-04:00`,
    ...over,
  });
  /** A visit with something that no map knows: its Task. */
  const chart = async (name: string, over: Partial<Procedure> = {}): Promise<Task & { id: string }> => {
    await world.put(
      patient(name),
      coverage(name, name, { subscriberId: `JRH${name.toUpperCase()}` }),
      visit(name, name, day),
      condition(name, name),
      procedure(name, over),
    );
    await world.charges(name);
    const [task] = await world.find<Task>(`Task?code=coding&focus=Procedure/${name}-lavage`);
    return task as Task & { id: string };
  };
  const post = (who: string, path: string, parameter: readonly ParametersParameter[] = []) =>
    server.ask(who, 'post', path, {
      resourceType: 'Parameters',
      ...(parameter.length > 0 ? { parameter } : {}),
    });
  const codes = (body: unknown): (string | undefined)[] => {
    const outcome = (body as Parameters).parameter?.find((p) => p.name === 'outcome')?.resource;
    const issue =
      outcome?.resourceType === 'OperationOutcome' ? outcome.issue : (body as { issue?: never[] }).issue;
    return (issue ?? []).map(
      (i: { details?: { coding?: { code?: string }[] } }) => i.details?.coding?.[0]?.code,
    );
  };

  test('12.4 a coder sees what was charted and why, accepts a code in one call, and the visit goes on by itself', async () => {
    const task = await chart('ann');
    const first = await post('cora', `Task/${task.id}/$suggest-codes`);
    expect([first.status, codes(first.body)]).toEqual([200, ['no-suggestion']]);
    expect(parts(first.body, 'charted')).toEqual([
      { resource: 'Procedure/ann-lavage', why: 'no-map', text: 'Lavage of both ears', coding: 'EAR-LAV' },
    ]);
    const assigned = await post('cora', `Task/${task.id}/$assign`, [
      { name: 'assignee', valueReference: { reference: 'Practitioner/ruth-abernathy' } },
    ]);
    expect(assigned.status).toBe(200);
    expect((await server.ask('cole', 'get', `Task/${task.id}`)).status).toBe(200); // the practice goes on to see it
    const dry = await post('cora', `Task/${task.id}/$accept-code`, [
      codeOf(priced),
      { name: 'dryRun', valueBoolean: true },
    ]);
    expect(dry.status).toBe(200);
    expect((await world.read<Procedure>('Procedure', 'ann-lavage')).code?.coding).toHaveLength(1);

    const done = await post('cora', `Task/${task.id}/$accept-code`, [codeOf(priced)]);
    expect([done.status, codes(done.body)]).toEqual([200, expect.arrayContaining(['code-charted'])]);
    expect((await world.read<Task>('Task', task.id)).status).toBe('completed');
    const coded = await world.read<Procedure>('Procedure', 'ann-lavage');
    expect(coded.code?.coding?.map(({ code }) => code)).toEqual(['EAR-LAV', 'T1015']);
    const charges = await world.find<ChargeItem>('ChargeItem?service=Procedure/ann-lavage');
    expect(charges.map(({ status, code }) => [status, code.coding?.[0]?.code])).toEqual([
      ['billable', 'T1015'],
    ]);
    const origin = await world.find<Provenance>('Provenance?target=Procedure/ann-lavage');
    expect(JSON.stringify(origin)).toContain('luis-ortega');
    const again = await post('cora', `Task/${task.id}/$accept-code`, [codeOf(priced)]);
    expect([again.status, codes(again.body)]).toEqual([200, ['already-there']]);
  });

  test('12.4 what the practice coded so before is suggested with how often, and its source', async () => {
    for (const name of ['bob', 'cyd']) {
      const task = await chart(name);
      await post('cora', `Task/${task.id}/$accept-code`, [codeOf(priced)]);
    }
    const odd = await chart('dee');
    await post('cora', `Task/${odd.id}/$accept-code`, [codeOf({ system: hcpcs, code: 'J3301' })]);
    await world.put({
      resourceType: 'ConceptMap',
      id: 'drafted',
      status: 'draft',
      group: [
        {
          source: 'https://other.example',
          target: cpt,
          element: [
            { code: 'X', display: 'lavage, both ears', target: [{ code: '69210', equivalence: 'equal' }] },
          ],
        },
      ],
    });
    await world.put({
      resourceType: 'ValueSet',
      id: 'ears',
      status: 'active',
      compose: { include: [{ system: cpt, concept: [{ code: '69209', display: 'Lavage of ears' }] }] },
    });
    const task = await chart('eve');
    const answer = await post('cora', `Task/${task.id}/$suggest-codes`);
    const suggested = parts(answer.body, 'suggestion');
    expect(suggested.map(({ code, source }) => [code, source])).toEqual([
      ['T1015', 'history'],
      ['J3301', 'history'],
      ['69210', 'map'],
      ['69209', 'value-set'],
    ]);
    expect(suggested[0]).toMatchObject({ times: 3, of: 4 });
    expect(suggested[0]?.['reason']).toContain('3 times of 4');
    expect(suggested[2]).toMatchObject({ from: 'ConceptMap/drafted' });
  });

  test('12.4 a query puts the work on hold until the provider has answered, by either way', async () => {
    const task = await chart('fay');
    const ask = (question: string) =>
      post('cora', `Task/${task.id}/$query-provider`, [say('question', question)]);
    const asked = await ask('Was it both ears?');
    expect(asked.status).toBe(200);
    const [query] = await world.find<Communication>(`Communication?encounter=Encounter/fay`);
    expect([query?.status, query?.recipient?.[0]?.reference]).toEqual([
      'in-progress',
      'Practitioner/ruth-abernathy',
    ]);
    expect((await world.read<Task>('Task', task.id)).status).toBe('on-hold');
    expect(codes((await ask('Was it both ears?')).body)).toEqual(['already-there']);

    const reply = (who: string, text: string) =>
      post(who, `Communication/${query?.id ?? ''}/$answer`, [say('text', text)]);
    expect((await reply('cora', 'yes')).status).toBe(403); // who asks does not answer
    expect((await reply('doc', ' ')).status).toBe(422);
    expect((await reply('doc', 'Yes, both.')).status).toBe(200);
    const back = await world.read<Task>('Task', task.id);
    expect([back.status, back.output?.length]).toEqual(['requested', 1]);
    expect((await world.read<Communication>('Communication', query?.id ?? '')).status).toBe('completed');
    expect(codes((await reply('doc', 'Yes, both.')).body)).toEqual(['already-there']);
    expect((await reply('doc', 'No.')).status).toBe(409);

    await ask('With instruments?'); // and now the answer comes as the EHR writes it
    const open = await world.find<Communication>(`Communication?encounter=Encounter/fay&status=in-progress`);
    const written = await world.send('post', 'Communication', {
      resourceType: 'Communication',
      status: 'completed',
      subject: { reference: 'Patient/fay' },
      inResponseTo: [{ reference: `Communication/${open[0]?.id ?? ''}` }],
      payload: [{ contentString: 'No.' }],
    });
    expect(written.status).toBe(201);
    expect((await world.read<Task>('Task', task.id)).status).toBe('requested');
  });

  test('12.4 neighbour: work that is on hold is done when the provider codes the chart himself', async () => {
    const task = await chart('gus');
    await post('cora', `Task/${task.id}/$query-provider`, [say('question', 'Which ear?')]);
    await world.put(procedure('gus', { code: { coding: [lavage, priced] } }));
    await world.charges('gus');
    expect((await world.read<Task>('Task', task.id)).status).toBe('completed');
    const late = await post('cora', `Task/${task.id}/$query-provider`, [say('question', 'Which?')]);
    expect([late.status, codes(late.body)]).toEqual([409, ['not-to-be-done']]);
  });

  test('12.4 a second review holds the claims of the visit until another person agrees', async () => {
    const task = await chart('hal');
    const accept = () =>
      post('cora', `Task/${task.id}/$accept-code`, [
        codeOf(priced),
        { name: 'secondReview', valueBoolean: true },
      ]);
    expect((await accept()).status).toBe(200);
    const [review] = await world.find<Task>('Task?code=coding-review&focus=Encounter/hal');
    const [claim] = await world.claims('hal', sent);
    const submit = () =>
      world.call(`Claim/${(claim as Claim).id ?? ''}/$submit`, [{ name: 'businessDate', valueDate: sent }]);
    expect((await submit()).codes).toContain('coding-review-open');
    const decide = (who: string, decision: string, more: readonly ParametersParameter[] = []) =>
      post(who, `Task/${review?.id ?? ''}/$review-coding`, [
        { name: 'decision', valueCode: decision },
        ...more,
      ]);
    expect(codes((await decide('cora', 'agree')).body)).toEqual(['same-person']);
    expect((await decide('cole', 'return')).status).toBe(422);
    expect((await decide('cole', 'return', [say('reason', 'one ear only')])).status).toBe(200);
    expect((await submit()).codes).toContain('coding-review-open');
    const plain = await world.send('put', `Task/${review?.id ?? ''}`, { ...review, status: 'completed' });
    expect([plain.status, plain.codes]).toEqual([409, ['kept-by-the-books']]);
    expect((await decide('cole', 'agree')).status).toBe(200);
    expect(codes((await decide('cole', 'agree')).body)).toEqual(['already-there']);
    expect((await submit()).status).toBe(200);
  });

  test('12.4 neighbour: a code for all goes into the map, by who administers; drafts have hints', async () => {
    const task = await chart('ida');
    const map: ParametersParameter = { name: 'to', valueCode: 'map' };
    expect((await post('cora', `Task/${task.id}/$accept-code`, [codeOf(priced), map])).status).toBe(403);
    const done = await world.call(`Task/${task.id}/$accept-code`, [codeOf(priced), map]);
    expect([done.status, done.codes]).toEqual([200, expect.arrayContaining(['code-mapped'])]);
    expect((await world.read<Task>('Task', task.id)).status).toBe('completed');
    expect((await world.read<ConceptMap>('ConceptMap', 'coding-worklist')).group?.[0]?.element[0]?.code).toBe(
      'EAR-LAV',
    );
    await world.put(condition('ida', 'ida', 'M17.9'));
    await world.claims('ida', sent);
    const hints = parts((await world.send('get', `Task/${task.id}/$suggest-codes`)).body, 'hint');
    expect(hints.map(({ rule, expression }) => [rule, expression])).toContainEqual([
      'hint-specificity',
      'Claim.diagnosis[0].diagnosis',
    ]);
    expect(await world.find<Task>('Task?code=coding&status=requested&focus=Procedure/ida-lavage')).toEqual(
      [],
    );
  });

  test('12.4 neighbour: refusals', async () => {
    const name = 'jan';
    const task = await chart(name, { code: { coding: [{ system: local, code: 'EAR-2' }] } });
    const accept = (who: string, coding: { system: string; code: string }) =>
      post(who, `Task/${task.id}/$accept-code`, [codeOf(coding)]);
    expect(codes((await accept('cora', { system: hcpcs, code: 'nonsense' })).body)).toEqual(['code-unfit']);
    expect(codes((await accept('cora', { system: local, code: 'J3301' })).body)).toEqual(['code-unfit']);
    expect((await accept('else', priced)).status).toBe(404);
    expect((await accept('doc', priced)).status).toBe(403);
    const [other] = await world.find<Task>('Task?code=coding-review');
    const wrong = await post('cora', `Task/${other?.id ?? ''}/$suggest-codes`);
    expect([wrong.status, codes(wrong.body)]).toEqual([422, ['not-coding-work']]);
    const nobody = await post('cora', `Task/${task.id}/$query-provider`, [
      say('question', 'Which?'),
      { name: 'recipient', valueReference: { reference: 'Patient/jan' } },
    ]);
    expect(codes(nobody.body)).toEqual(['recipient-unknown']);
  });
});
