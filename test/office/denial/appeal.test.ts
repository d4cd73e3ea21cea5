import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Binary,
  Claim,
  Coverage,
  DocumentReference,
  Organization,
  ParametersParameter,
  Task,
} from '@medplum/fhirtypes';
import { chartInfusion, openWorld, sent, text, type World } from '../../claim/world.ts';
import { eachStore } from '../../http/eachStore.ts';
import { coded } from '../../firm/visit.ts';
import { readPdf, textsOf } from '../../form/pdf.ts';

const code = (name: string, valueCode: string): ParametersParameter => ({ name, valueCode });
const date = (name: string, valueDate: string): ParametersParameter => ({ name, valueDate });
const ref = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});

describe.each(eachStore('office_appeal'))('Claim/$appeal, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const denied = async (name: string, type?: string): Promise<Claim & { id: string }> => {
    await chartInfusion(world, name);
    if (type !== undefined) {
      const [insured] = await world.find<Coverage>(`Coverage?beneficiary=Patient/${name}`);
      const system = 'https://codesystem.x12.org/005010/1032';
      if (insured) await world.put({ ...insured, type: coded(system, type) });
    }
    const [claim] = await world.claims(name, sent);
    await world.submit(claim, sent);
    return world.read<Claim>('Claim', claim?.id ?? '');
  };
  const note = async (name: string, over: Partial<DocumentReference> = {}): Promise<string> => {
    const id = `${name}-note`;
    await world.put({
      ...{
        resourceType: 'DocumentReference',
        id,
        status: 'current',
        subject: { reference: `Patient/${name}` },
      },
      description: 'Note of the infusion',
      content: [
        {
          attachment: {
            contentType: 'text/plain',
            data: Buffer.from('Flare of colitis, third dose.').toString('base64'),
          },
        },
      ],
      ...over,
    });
    return `DocumentReference/${id}`;
  };
  const appeal = (
    claim: Claim & { id: string },
    more: readonly ParametersParameter[] = [],
    at = '2026-07-01',
  ) => world.act(claim, 'appeal', more, at);
  const act = (task: Task | undefined, what: string, more: readonly ParametersParameter[], at: string) =>
    world.act({ resourceType: 'Task', id: task?.id ?? '' }, what, more, at);

  test('12.7 the packet holds letter, decision, claim and documents; it is filed, decided, and the next level follows', async () => {
    const claim = await denied('first');
    const made = await appeal(claim, [ref('document', await note('first'))]);
    expect([made.status, made.codes.slice(0, 1)]).toEqual([200, ['appeal-prepared']]);
    const [task] = made.all<Task>('task');
    expect(task?.restriction?.period?.end).toBe('2026-12-02');
    const url = made.all<DocumentReference>('packet')[0]?.content[0]?.attachment.url ?? '';
    const { data = '' } = (await world.send('get', `${url}?_format=json`)).body as Binary;
    const pages = (await readPdf(Buffer.from(data, 'base64'))).map((page) => textsOf(page).join(' '));
    expect(pages.length).toBeGreaterThanOrEqual(4);
    expect(pages[0]).toContain('Payment dispute');
    expect(pages[0]).toContain('$3,964.50');
    expect(pages[0]).toContain('authorisation');
    expect(pages[1]).toContain('CO-197');
    expect(pages.at(-1)).toContain('third dose');
    expect(await world.state(claim)).toBe('appealed');
    expect((await appeal(claim)).codes).toEqual(['already-there']);
    const filed = await act(
      task,
      'file-appeal',
      [code('method', 'fax'), text('tracking', 'F-1')],
      '2026-07-02',
    );
    expect([filed.codes, filed.all<Task>('task')[0]?.restriction?.period?.end]).toEqual([
      ['appeal-filed'],
      '2026-08-31',
    ]);
    const upheld = await act(
      task,
      'decide-appeal',
      [code('decision', 'upheld'), date('receivedOn', '2026-08-10')],
      '2026-08-11',
    );
    expect(upheld.codes).toEqual(['appeal-decided', 'next-level']);
    expect(await world.state(claim)).toBe('denied');
    const second = await appeal(claim, [], '2026-08-20');
    const [next] = second.all<Task>('task');
    expect([next?.description, next?.restriction?.period?.end]).toEqual([
      'second payment dispute before the payer',
      '2026-10-09',
    ]);
    const listed = await world.find<Task>(`Task?code=appeal&focus=Claim/${claim.id}`);
    expect(listed).toHaveLength(2);
    expect(await world.faults()).toEqual([]);
  });

  test('12.7 after the last day an appeal needs a good cause, which the letter tells', async () => {
    const claim = await denied('late');
    const late = await appeal(
      claim,
      [date('receivedOn', '2026-06-05'), code('route', 'contract')],
      '2026-12-20',
    );
    expect(late.status).toBe(400); // a day to come
    const payer = await world.read<Organization>('Organization', 'juniper-ridge');
    await world.put({
      ...payer,
      extension: [
        {
          url: 'https://claimwright.example/fhir/StructureDefinition/appeal-rule',
          extension: [
            { url: 'route', valueCode: 'contract' },
            { url: 'days', valuePositiveInt: 30 },
          ],
        },
      ],
    });
    const refused = await appeal(claim, [], '2026-09-01');
    expect([refused.status, refused.codes]).toEqual([422, ['appeal-too-late']]);
    expect(await world.state(claim)).toBe('denied');
    const allowed = await appeal(claim, [text('goodCause', 'The letter came after a flood.')], '2026-09-01');
    expect([allowed.status, allowed.codes.slice(0, 2)]).toEqual([200, ['appeal-late', 'appeal-prepared']]);
    const filed = await act(
      allowed.all<Task>('task')[0],
      'file-appeal',
      [code('method', 'mail')],
      '2026-09-02',
    );
    expect(filed.codes).toEqual(['appeal-filed']);
    await world.put(payer);
  });

  test('12.7 an appeal of the member needs the signed form; a level needs the one before; two at once are refused', async () => {
    const claim = await denied('member');
    expect((await appeal(claim, [code('route', 'member')])).codes).toEqual(['representative-missing']);
    expect((await appeal(claim, [{ name: 'level', valuePositiveInt: 2 }])).codes).toEqual(['level-before']);
    expect((await appeal(claim, [{ name: 'level', valuePositiveInt: 7 }])).codes).toEqual(['no-such-level']);
    const form = await note('member', { description: 'Appointment of representative' });
    const made = await appeal(claim, [code('route', 'member'), ref('representative', form)]);
    expect(made.codes).toContain('appeal-prepared');
    expect((await appeal(claim)).codes).toEqual(['appeal-open']);
    const [task] = made.all<Task>('task');
    expect((await act(task, 'decide-appeal', [code('decision', 'upheld')], '2026-07-03')).codes).toEqual([
      'not-to-be-done',
    ]);
    const back = await act(task, 'decide-appeal', [code('decision', 'withdrawn')], '2026-07-03');
    expect(back.codes).toEqual(['appeal-decided']);
    expect(await world.state(claim)).toBe('denied');
  });

  test('12.7 Medicare: five levels, five days for the mail, least amounts; the claim of another payer has not that route', async () => {
    const claim = await denied('medicare', 'MB');
    const made = await appeal(claim);
    const [task] = made.all<Task>('task');
    expect([task?.description, task?.restriction?.period?.end]).toEqual([
      'redetermination before the Medicare contractor',
      '2026-10-08',
    ]);
    const other = await denied('commercial');
    expect((await appeal(other, [code('route', 'medicare')])).codes).toEqual(['route-unfit']);
    expect((await appeal(other, [code('route', 'nowhere')])).codes).toEqual(['appeal-route']);
  });

  test('12.7 neighbour: a paid claim with nothing in dispute, a document of somebody else and a sensitive one are refused', async () => {
    const paid = await world.billed('paid');
    expect((await appeal(paid)).codes).toEqual(['nothing-denied']);
    const claim = await denied('docs');
    const foreign = await note('other-docs', { subject: { reference: 'Patient/paid' } });
    expect((await appeal(claim, [ref('document', foreign)])).codes).toEqual(['document-unfit']);
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' }];
    const sensitive = await note('docs', { meta: { security } });
    expect((await appeal(claim, [ref('document', sensitive)])).codes).toEqual(['document-sensitive']);
    const broken = await note('docs', {
      content: [{ attachment: { contentType: 'application/pdf', data: 'bm90IGEgcGRm' } }],
    });
    expect((await appeal(claim, [ref('document', broken)])).codes).toEqual(['document-unreadable']);
    const dry = await appeal(claim, [{ name: 'dryRun', valueBoolean: true }]);
    expect([dry.status, await world.state(claim)]).toEqual([200, 'denied']);
    expect(await world.find<Task>(`Task?code=appeal&focus=Claim/${claim.id}`)).toEqual([]);
  });
});
