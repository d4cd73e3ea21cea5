import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  Claim,
  OperationOutcome,
  Organization,
  Parameters,
  ParametersParameter,
  PractitionerRole,
  Task,
} from '@medplum/fhirtypes';
import { withBackground } from '../../../src/background.ts';
import type { Queue } from '../../../src/job/queue.ts';
import { openWorld, type World } from '../../claim/world.ts';
import type { Said } from '../../firm/office.ts';
import { condition, coverage, own, patient, stay, visit, ward } from '../../firm/visit.ts';
import { emptyDatabase } from '../../mongodb/database.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { AsAccount } from '../../smart/asAccount.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { until } from '../../until.ts';

const clinic = 'Organization/alder-street-clinic';
const payer = 'Organization/juniper-ridge';
const person = 'Practitioner/ruth-abernathy';
const day = '2026-06-03';
const enrolled = (body: unknown): PractitionerRole[] =>
  ((body as Parameters).parameter ?? [])
    .filter((p) => p.name === 'enrolment')
    .map((p) => p.resource as PractitionerRole);
const text = (name: string, valueString: string): ParametersParameter => ({ name, valueString });

/** A clock that goes as time does, on a day of its own. */
const began = Date.now();
const now = (): string => new Date(Date.parse('2026-11-24T15:00:00Z') + Date.now() - began).toISOString();
const clock = { now, base: 'http://127.0.0.1:8080/fhir' };
const stores: readonly [string, () => Promise<Store>][] = [
  ['sqlite', () => openStore('sqlite::memory:', clock)],
  ['mongodb', async () => openStore(await emptyDatabase('office_enrolment'), clock)],
];

describe.each(stores)('provider enrolment, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  let queue: Queue;
  let npi: string;
  beforeAll(async () => {
    world = await openWorld(open, { now });
    const given = withBackground(world.context, () => undefined);
    queue = given.queue;
    queue.start();
    server = new AsAccount(given.context);
    const user = { kind: 'user' as const, users: [] };
    await server.is({ ...user, name: 'biller', roles: ['biller'], practices: ['alder-street-clinic'] });
    await server.is({ ...user, name: 'else', roles: ['biller'], practices: ['bellwater-hospital'] });
    await server.is({ ...user, name: 'coder', roles: ['coder'], practices: ['alder-street-clinic'] });
    const { identifier = [] } = (await world.read('Practitioner', 'ruth-abernathy')) as {
      identifier?: { system?: string; value?: string }[];
    };
    npi = identifier.find((one) => one.system === 'http://hl7.org/fhir/sid/us-npi')?.value ?? '';
  }, 60_000);
  afterAll(async () => {
    await queue.stop();
    await world.close();
  });

  const drafted = async (name: string, at = day): Promise<Claim> => {
    await world.put(
      patient(name),
      coverage(name, name, { subscriberId: `JRH${name.toUpperCase()}` }),
      visit(name, name, at),
      condition(name, name),
    );
    const [claim] = await world.claims(name);
    if (!claim) throw new Error('no claim');
    return claim;
  };
  const needs = async (valueBoolean: boolean): Promise<void> => {
    const { extension = [], ...rest } = await world.read<Organization>('Organization', 'juniper-ridge');
    const others = extension.filter(({ url }) => url !== own('enrolment-needed'));
    await world.put({ ...rest, extension: [...others, { url: own('enrolment-needed'), valueBoolean }] });
  };
  const scrubbed = (claim: Claim): Promise<Said> =>
    world
      .send('get', `Claim/${claim.id ?? ''}/$scrub`)
      .then(async (said) =>
        said.status === 405 || said.status === 404 ? world.call(`Claim/${claim.id ?? ''}/$scrub`) : said,
      );
  const load = (content: string, as = 'biller') =>
    server.ask(as, 'post', `${clinic}/$load-enrolment`, {
      resourceType: 'Parameters',
      parameter: [{ name: 'payer', valueReference: { reference: payer } }, text('content', content)],
    });
  const tasks = (claim: Claim) => world.find<Task>(`Task?code=enrolment-freed&focus=Claim/${claim.id ?? ''}`);

  test('12.cases a payer that asks for enrolment holds the claim of who is not enrolled; another does not', async () => {
    const claim = await drafted('anna');
    expect((await scrubbed(claim)).codes).not.toContain('provider-enrolment');
    await needs(true);
    const held = await scrubbed(claim);
    const found = held.issues.find((i) => i.details?.coding?.[0]?.code === 'provider-enrolment');
    expect([found?.severity, found?.expression, found?.details?.coding?.[1]?.code]).toEqual([
      ...['error', ['Claim.item[0]'], 'B7'],
    ]);
    expect(found?.diagnostics).toContain('enter the enrolment');
    const sent = await world.call(`Claim/${claim.id ?? ''}/$submit`);
    expect([sent.status, sent.codes.includes('provider-enrolment')]).toEqual([422, true]);
  });

  test('12.cases an enrolment that comes frees the drafts of its days by a Task, once', async () => {
    const claim = await drafted('bert');
    const early = await drafted('cora', '2026-05-04');
    const loaded = await load(`npi,start,end\n${npi},2026-06-01,\n`);
    expect([loaded.status, enrolled(loaded.body)[0]?.organization?.reference]).toEqual([200, clinic]);
    await until(async () => (await tasks(claim)).length > 0);
    expect((await scrubbed(claim)).codes).not.toContain('provider-enrolment');
    const before = await scrubbed(early);
    expect(before.text('provider-enrolment')).toContain('before the provider was enrolled');
    const again = await load(`npi,start\n${npi},2026-06-01\n`);
    expect(enrolled(again.body)).toEqual([]);
    expect([(await tasks(claim)).length, (await tasks(early)).length]).toEqual([1, 0]);
    expect((await world.call(`Claim/${claim.id ?? ''}/$submit`)).status).toBe(200);
  });

  test('12.cases neighbour: an enrolment that ends holds what comes after it', async () => {
    const loaded = await load(`npi,start,end\n${npi},2026-06-01,2026-06-30\n`);
    expect(loaded.status).toBe(200);
    const [role] = await world.find<PractitionerRole>('PractitionerRole?role=payer-enrolment');
    expect([role?.practitioner?.reference, role?.period]).toEqual([
      ...[person, { start: '2026-06-01', end: '2026-06-30' }],
    ]);
    expect((await scrubbed(await drafted('dora', '2026-06-30'))).codes).not.toContain('provider-enrolment');
    expect((await scrubbed(await drafted('edna', '2026-07-01'))).codes).toContain('provider-enrolment');
  });

  test('12.cases neighbour: where the practice sends by itself, the draft goes on when the enrolment comes', async () => {
    const claim = await drafted('finn', '2026-07-06');
    const { extension = [], ...rest } = await world.read<Organization>('Organization', 'alder-street-clinic');
    const step = (valueCode: string) => ({ url: 'step', valueCode });
    const automation = {
      url: own('automation'),
      extension: [step('capture'), step('draft'), step('submit'), { url: 'wait', valueUnsignedInt: 0 }],
    };
    await world.put({ ...rest, extension: [...extension, automation] });
    expect((await load(`npi,place,start\n${npi},alder-street-clinic-office,2026-07-01\n`)).status).toBe(200);
    await until(async () => (await world.read<Claim>('Claim', claim.id ?? '')).status === 'active');
    expect(await tasks(claim)).toEqual([]);
    await world.put({ ...rest, extension });
  });

  test('12.cases neighbour: a list with wrong rows is refused whole, each named', async () => {
    const rows = ['npi,place,start,end', '1234567890,,2026-01-01,', `${npi},nowhere,2026-01-01,`];
    const wrong = await load([...rows, `${npi},,2026-02-01,2026-01-01`, `${npi},,soon,`].join('\n'));
    expect(wrong.status).toBe(422);
    const said = (wrong.body as OperationOutcome).issue.map((i) => i.details?.text?.slice(0, 6));
    expect(said).toEqual(['line 2', 'line 4', 'line 5']);
    const place = await load(`npi,place,start\n${npi},nowhere,2026-01-01\n`);
    expect([place.status, (place.body as OperationOutcome).issue.map(codeOfIssue)]).toEqual([
      422,
      ['enrolment-row'],
    ]);
  });

  test('12.cases neighbour: only who agrees contracts of the practice loads it, and an enrolment opens no chart', async () => {
    const rows = `npi,start\n${npi},2026-01-01\n`;
    expect((await load(rows, 'else')).status).toBe(403);
    expect((await load(rows, 'coder')).status).toBe(403);
    await world.put({ resourceType: 'Practitioner', id: 'locum' });
    await world.put({
      resourceType: 'PractitionerRole',
      id: 'locum-enrolled',
      code: [
        {
          coding: [
            {
              system: 'https://claimwright.example/fhir/CodeSystem/practitioner-role',
              code: 'payer-enrolment',
            },
          ],
        },
      ],
      practitioner: { reference: 'Practitioner/locum' },
      organization: { reference: clinic },
      extension: [{ url: own('enrolled-with'), valueReference: { reference: payer } }],
    });
    const account = { kind: 'user' as const, roles: ['clinician'], users: ['Practitioner/locum'] };
    await server.is({ ...account, name: 'locum' });
    const seen = await server.ask('locum', 'get', 'Patient?_summary=count');
    expect((seen.body as Bundle).total ?? 0).toBe(0);
  });

  test('12.cases an admission of a patient with Medicare without the questionnaire is a warning', async () => {
    const name = 'gwen';
    const medicare = coverage(name, name, { subscriberId: '1EG4TE5MK73' });
    await world.put(
      patient(name),
      { ...medicare, type: { coding: [{ system: 'https://nahdo.org/sopt', code: '1' }] } },
      stay(
        name,
        name,
        { start: '2026-06-02T10:00:00-04:00', end: '2026-06-04T10:00:00-04:00' },
        {
          location: [ward('2026-06-02T10:00:00-04:00', '2026-06-04T10:00:00-04:00')],
        },
      ),
      condition(name, name),
    );
    const [claim] = await world.claims(name);
    const missing = await scrubbed(claim as Claim);
    const found = missing.issues.find((i) => i.details?.coding?.[0]?.code === 'secondary-questionnaire');
    expect(found?.severity).toBe('warning');
    await world.put({
      resourceType: 'QuestionnaireResponse',
      id: `${name}-asked`,
      questionnaire: 'https://claimwright.example/fhir/Questionnaire/medicare-secondary-payer',
      status: 'completed',
      subject: { reference: `Patient/${name}` },
      encounter: { reference: `Encounter/${name}` },
    });
    expect((await scrubbed(claim as Claim)).codes).not.toContain('secondary-questionnaire');
  });
});
