import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Invoice, OperationOutcome, Parameters } from '@medplum/fhirtypes';
import { eachStore } from '../../http/eachStore.ts';
import { openWorld, answered, later, type World } from '../../claim/world.ts';
import { on } from '../../firm/office.ts';
import { AsAccount } from '../../smart/asAccount.ts';

interface Shown {
  readonly level: number;
  readonly kind: string;
  readonly text: string;
  readonly amount: number | undefined; // cents
  readonly source: string | undefined;
}

const cents = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 100);

const stepsOf = (body: Parameters): Shown[] =>
  (body.parameter ?? [])
    .filter((p) => p.name === 'step')
    .map(({ part = [] }) => {
      const of = (name: string) => part.find((p) => p.name === name);
      return {
        level: of('level')?.valueInteger ?? -1,
        kind: of('kind')?.valueCode ?? '',
        text: of('text')?.valueString ?? '',
        amount: cents(of('amount')?.valueMoney?.value),
        source: of('source')?.valueReference?.reference,
      };
    });

/** The sums of what stands one level below each step with parts below it. */
const children = (steps: readonly Shown[], of: number): Shown[] => {
  const end = steps.findIndex((s, i) => i > of && s.level <= (steps[of]?.level ?? 0));
  return steps
    .slice(of + 1, end === -1 ? undefined : end)
    .filter((s) => s.level === (steps[of]?.level ?? 0) + 1);
};

describe.each(eachStore('why'))('$why on %s', (_name, open) => {
  let world: World;
  let invoice: Invoice & { id: string };
  let claim: string;
  const why = async (path: string): Promise<{ status: number; steps: Shown[]; body: Parameters }> => {
    const { status, body } = await world.send('get', path);
    return { status, body: body as Parameters, steps: stepsOf(body as Parameters) };
  };

  beforeAll(async () => {
    world = await openWorld(open);
    claim = (await world.billed('wendy')).id;
    await world.put({
      resourceType: 'DocumentReference',
      id: 'wendy-note',
      status: 'current',
      content: [
        { attachment: { contentType: 'text/plain', data: Buffer.from('a note').toString('base64') } },
      ],
      subject: { reference: 'Patient/wendy' },
      context: { encounter: [{ reference: 'Encounter/wendy' }] },
    });
    const [eob] = await world.find(`ExplanationOfBenefit?claim=Claim/${claim}`);
    const said = await world.call(`ExplanationOfBenefit/${eob?.id ?? ''}/$generate-invoice`, [on(answered)]);
    const [made] = said.all<Invoice & { id: string }>('invoice');
    if (!made) throw new Error(JSON.stringify(said.body));
    invoice = made;
  });
  afterAll(() => world.close());

  test('12.11 an Invoice line goes from the cent back to decision, claim line, price, chart entry and note', async () => {
    const { status, steps } = await why(`Invoice/${invoice.id}/$why?line=1`);
    expect(status).toBe(200);
    expect(steps[0]).toMatchObject({ level: 0, kind: 'amount', source: `Invoice/${invoice.id}` });
    const kinds = new Set(steps.map((s) => s.kind));
    for (const kind of [
      'part',
      'decision',
      'claim-line',
      'charge',
      'price',
      'chart',
      'visit',
      'note',
      'entry',
    ])
      expect([...kinds]).toContain(kind);
    expect(steps.find((s) => s.kind === 'note')?.source).toBe('DocumentReference/wendy-note');
    expect(steps.find((s) => s.kind === 'visit')?.source).toBe('Encounter/wendy');
    const sources = steps.flatMap((s) => s.source ?? []);
    for (const source of sources)
      expect([source, (await world.send('get', source)).status]).toEqual([source, 200]);
  });

  test('12.11 the parts of every line add up to it, and the lines to the Invoice', async () => {
    const { steps } = await why(`Invoice/${invoice.id}/$why`);
    expect(steps[0]?.amount).toBe(cents(invoice.totalNet?.value));
    const lines = children(steps, 0).filter((s) => s.kind === 'amount');
    expect(lines).toHaveLength(invoice.lineItem?.length ?? 0);
    expect(lines.reduce((all, s) => all + (s.amount ?? 0), 0)).toBe(steps[0]?.amount);
    for (const line of lines) {
      const parts = children(steps, steps.indexOf(line)).filter(
        (s) => s.kind === 'part' && !s.text.includes('of the share'),
      );
      expect(parts.reduce((all, s) => all + (s.amount ?? 0), 0)).toBe(line.amount);
      const posted = children(steps, steps.indexOf(line)).filter((s) => s.kind === 'entry');
      expect(posted.reduce((all, s) => all + (s.amount ?? 0), 0)).toBe(line.amount);
    }
  });

  test.each(['insurance', 'patient', 'invoiced', 'unapplied'])(
    '12.11 the parts of %s add up to $balance, and its entries to each part',
    async (figure) => {
      const account = invoice.account?.reference ?? '';
      const { body } = await world.send('get', `${account}/$balance?asOf=${later(9)}`);
      const told = (body as Parameters).parameter?.find((p) => p.name === figure)?.valueMoney?.value;
      const { steps } = await why(`${account}/$why?figure=${figure}&asOf=${later(9)}`);
      expect(steps[0]?.amount).toBe(cents(told));
      const parts = children(steps, 0);
      expect(parts.reduce((all, s) => all + (s.amount ?? 0), 0)).toBe(steps[0]?.amount);
      for (const part of parts) {
        const entries = children(steps, steps.indexOf(part));
        expect(entries.reduce((all, s) => all + (s.amount ?? 0), 0)).toBe(part.amount);
      }
    },
  );

  test('12.11 a claim says what it asks for, what was decided and where its money stands', async () => {
    const { steps } = await why(`Claim/${claim}/$why`);
    expect(steps[0]?.amount).toBe(20745);
    const decisions = children(steps, 0).filter((s) => s.kind === 'decision');
    expect(decisions.length).toBeGreaterThan(0);
    const lines = children(steps, 0).filter((s) => s.kind === 'claim-line');
    expect(lines.reduce((all, s) => all + (s.amount ?? 0), 0)).toBe(20745);
    const one = await why(`Claim/${claim}/$why?line=1`);
    expect(children(one.steps, 0).filter((s) => s.kind === 'claim-line')).toHaveLength(1);
  });

  test('12.11 one entry of the journal says what it debits and credits', async () => {
    const account = invoice.account?.reference ?? '';
    const [first] = await world.context.store.journal(account);
    const { steps } = await why(`${account}/$why?entry=${first?.id ?? ''}`);
    const postings = children(steps, 0).filter((s) => s.kind === 'part');
    expect(postings).toHaveLength(first?.postings.length ?? 0);
    expect(postings.reduce((all, s) => all + (s.amount ?? 0), 0)).toBe(0);
    expect(steps.some((s) => s.kind === 'note')).toBe(true);
    expect((await why(`${account}/$why?entry=none`)).status).toBe(404);
  });

  test('12.11 the outcome is to be read: an issue a step, nested lists with links', async () => {
    const { body, steps } = await why(`Invoice/${invoice.id}/$why?line=1`);
    const outcome = body.parameter?.find((p) => p.name === 'outcome')?.resource as OperationOutcome;
    expect(outcome.issue.map((i) => i.details?.text)).toEqual(steps.map((s) => s.text));
    const div = outcome.text?.div ?? '';
    for (const source of steps.flatMap((s) => s.source ?? []))
      expect(div).toContain(`href="${world.context.publicUrl}/${source}"`);
    const opened = (tag: string): number => div.split(`<${tag}>`).length;
    for (const tag of ['ul', 'li']) expect(opened(tag)).toBe(div.split(`</${tag}>`).length);
  });

  test('12.11 neighbours: a line that is not there, a figure that is none, POST and GET alike', async () => {
    expect((await why(`Invoice/${invoice.id}/$why?line=99`)).status).toBe(400);
    expect((await why(`Invoice/${invoice.id}/$why?line=0`)).status).toBe(400);
    expect((await why(`Claim/${claim}/$why?line=99`)).status).toBe(400);
    expect((await why(`${invoice.account?.reference ?? ''}/$why?figure=sum`)).status).toBe(400);
    expect((await why('Invoice/none/$why')).status).toBe(404);
  });

  test('12.11 a patient reads why he owes, without what is not his to see; another practice finds nothing', async () => {
    const server = new AsAccount(world.context);
    const own = { kind: 'user' as const, practices: [] };
    await server.is({
      ...own,
      name: 'wendy',
      roles: ['patient'],
      users: ['Patient/wendy'],
    });
    await server.is({
      ...own,
      name: 'elsewhere',
      roles: ['biller'],
      users: ['Practitioner/elsewhere'],
      practices: ['bellwater-hospital'],
    });
    const path = `Invoice/${invoice.id}/$why`;
    const asPatient = await server.ask('wendy', 'get', path);
    expect(asPatient.status).toBe(200);
    const steps = stepsOf(asPatient.body as Parameters);
    expect(steps[0]?.amount).toBe(cents(invoice.totalNet?.value));
    expect(steps.some((s) => s.kind === 'note')).toBe(true);
    expect(steps.some((s) => s.source?.startsWith('ChargeItemDefinition/'))).toBe(false);
    expect(JSON.stringify(asPatient.body)).not.toContain('ChargeItemDefinition/');
    for (const what of [path, `Claim/${claim}/$why`, `${invoice.account?.reference ?? ''}/$why`])
      expect((await server.ask('elsewhere', 'get', what)).status).toBe(404);
  });

  test('12.11 neighbour: what was written off afterwards is explained too', async () => {
    const off = await world.act({ resourceType: 'Invoice', id: invoice.id }, 'write-off', [
      { name: 'amount', valueMoney: { value: 41.72, currency: 'USD' } },
      { name: 'reason', valueCode: 'charity' },
    ]);
    expect(off.status).toBe(200);
    const { steps } = await why(`${invoice.account?.reference ?? ''}/$why?figure=patient&asOf=${later(9)}`);
    expect(steps).toHaveLength(1);
    expect(steps[0]?.amount).toBe(0);
    const line = await why(`Invoice/${invoice.id}/$why?line=1`);
    const posted = line.steps.filter((s) => s.level === 1 && s.kind === 'entry');
    expect(posted.map((s) => /: ([a-z-]+) /.exec(s.text)?.[1])).toContain('write-off');
  });
});
