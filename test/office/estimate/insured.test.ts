import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Basic,
  Binary,
  Claim,
  ClaimResponse,
  Coverage,
  CoverageEligibilityRequest,
  Invoice,
  ParametersParameter,
  Task,
} from '@medplum/fhirtypes';
import { openWorld, type World } from '../../claim/world.ts';
import { on, type Said } from '../../firm/office.ts';
import { coded, condition, coverage, hcpcs, own, patient, visit as charted } from '../../firm/visit.ts';
import { readPdf, textsOf } from '../../form/pdf.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const practice = 'Organization/alder-street-clinic';
const reference = (name: string, to: string): ParametersParameter => ({
  name,
  valueReference: { reference: to },
});
const item = (code: string, said: string, quantity = 1): ParametersParameter => ({
  name: 'item',
  part: [
    { name: 'code', valueCoding: { system: hcpcs, code } },
    { name: 'text', valueString: said },
    { name: 'quantity', valueInteger: quantity },
  ],
});
const day = (valueDate: string): ParametersParameter => ({ name: 'date', valueDate });
const of = (name: string): ParametersParameter[] => [
  reference('patient', `Patient/${name}`),
  reference('practice', practice),
  day('2026-06-03'),
  on('2026-05-20'),
];
/** What the visit of world.billed has: an office visit and 40 mg of triamcinolone. */
const visit = [item('T1015', 'Office visit'), item('J3301', 'Injection', 4)];

const amount = (response: ClaimResponse | undefined, code: string): number | undefined =>
  response?.total?.find((t) => t.category.coding?.some((c) => c.code === code))?.amount.value;

/** What an answer leaves to the patient. */
const left = (response: ClaimResponse): number =>
  Math.round(
    (response.item ?? [])
      .flatMap((i) => i.adjudication)
      .filter((a) => a.category.coding?.[0]?.code === 'PR')
      .reduce((all, a) => all + (a.amount?.value ?? 0), 0) * 100,
  ) / 100;

async function printed(said: Said): Promise<string> {
  const bytes = Buffer.from(said.all<Binary>('pdf')[0]?.data ?? '', 'base64');
  return (await readPdf(bytes)).map((page) => textsOf(page).join('\n')).join('\n');
}

/** What the payer has counted of the deductible of a member in 2026. */
const accumulated = (name: string, used: number): Basic & { id: string } => ({
  resourceType: 'Basic',
  id: `${name}-enrolled`,
  code: coded('https://claimwright.example/fhir/CodeSystem/basic', 'enrollment'),
  identifier: [
    { system: 'https://claimwright.example/fhir/sid/member-id', value: `JRH${name.toUpperCase()}` },
  ],
  author: { reference: 'Organization/juniper-ridge' },
  subject: { reference: `Patient/${name}` },
  extension: [
    { url: own('enrolled-plan'), valueString: 'juniper-ppo-1500' },
    {
      url: own('accumulator'),
      extension: [
        { url: 'kind', valueCode: 'deductible' },
        { url: 'year', valueString: '2026' },
        { url: 'used', valueMoney: { value: used, currency: 'USD' } },
      ],
    },
  ],
});

describe.each(eachStore('office_insured'))('what an insured patient will owe, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const estimate = (...more: readonly ParametersParameter[]): Promise<Said> =>
    world.call('Claim/$estimate', more);

  test('12.3 the estimate is what the claim leaves to the patient afterwards, line by line', async () => {
    await world.put(patient('ann'), coverage('ann', 'ann'));
    const given = await estimate(...of('ann'), ...visit);
    expect([given.status, given.codes]).toEqual([200, ['created', 'benefits-not-asked']]);
    const [claim] = given.all<Claim>('estimate');
    const [response] = given.all<ClaimResponse>('response');
    expect(claim).toMatchObject({
      use: 'predetermination',
      insurer: { reference: 'Organization/juniper-ridge' },
      insurance: [{ coverage: { reference: 'Coverage/ann' } }],
      total: { value: 207.45 },
    });
    expect(response).toMatchObject({ use: 'predetermination', outcome: 'complete' });
    await world.billed('ann');
    const [answered] = await world.find<ClaimResponse>('ClaimResponse?patient=Patient/ann&use=claim');
    const sent = answered?.item?.map((i) =>
      i.adjudication.map((a) => [a.category.coding?.[0]?.code, a.amount?.value]),
    );
    const told = response?.item?.map((i) =>
      i.adjudication.map((a) => [a.category.coding?.[0]?.code, a.amount?.value]),
    );
    expect(told).toEqual(sent);
    expect(amount(response, 'memberliability')).toBe(answered && left(answered));
    const letter = await printed(given);
    for (const part of ['What you may owe', 'Office visit', 'Juniper Ridge', 'Copay', '$207.45'])
      expect(letter).toContain(part);
    expect(letter).not.toContain('T1015');
    const [explained] = await world.find('ExplanationOfBenefit?patient=Patient/ann');
    const bill = await world.call(`ExplanationOfBenefit/${explained?.id ?? ''}/$generate-invoice`, [
      on('2026-07-01'),
    ]);
    expect(bill.codes).toContain('estimate-compared');
    const [kept] = await world.find<Task>(`Task?code=estimate-compared&focus=Claim/${claim?.id ?? ''}`);
    expect(kept?.output?.at(-1)?.valueMoney?.value).toBe(0);
    expect(await world.faults()).toEqual([]);
  });

  test('12.3 the same again is the same estimate; a plain PUT changes nothing of it', async () => {
    await world.put(patient('bob'), coverage('bob', 'bob'));
    const first = await estimate(...of('bob'), ...visit);
    const again = await estimate(...of('bob'), ...visit);
    expect(again.codes).toEqual(['already-there', 'benefits-not-asked']);
    for (const name of ['estimate', 'response', 'document', 'pdf'])
      expect(again.all<Claim>(name)[0]?.id).toBe(first.all<Claim>(name)[0]?.id);
    const [claim] = first.all<Claim>('estimate');
    const [response] = first.all<ClaimResponse>('response');
    for (const one of [
      { ...claim, total: { value: 1, currency: 'USD' } },
      { ...response, disposition: 'Paid' },
    ] as const) {
      const put = await world.send('put', `${one.resourceType ?? ''}/${one.id ?? ''}`, one);
      expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    }
    expect((await world.call(`Claim/${claim?.id ?? ''}/$submit`)).codes).toContain('use-not-supported');
  });

  test('12.3 what the payer said is left of the deductible counts, less what claims used up since', async () => {
    await world.put(patient('cat'), coverage('cat', 'cat'), accumulated('cat', 1490));
    const asked: CoverageEligibilityRequest = {
      resourceType: 'CoverageEligibilityRequest',
      status: 'active',
      purpose: ['benefits'],
      patient: { reference: 'Patient/cat' },
      servicedDate: '2026-05-20',
      created: '2026-05-20',
      provider: { reference: practice },
      insurer: { reference: 'Organization/juniper-ridge' },
      insurance: [{ focal: true, coverage: { reference: 'Coverage/cat' } }],
    };
    const { body } = await world.send('post', 'CoverageEligibilityRequest', asked);
    await world.call(`CoverageEligibilityRequest/${(body as CoverageEligibilityRequest).id ?? ''}/$submit`, [
      on('2026-05-20'),
    ]);
    const given = await estimate(...of('cat'), ...visit, item('J3301', 'Another', 40));
    expect(given.codes).toEqual(['created']);
    const [response] = given.all<ClaimResponse>('response');
    const deductible = (response?.item ?? [])
      .flatMap((i) => i.adjudication)
      .filter((a) => a.reason?.coding?.[0]?.code === '1')
      .map((a) => a.amount?.value ?? 0);
    expect(deductible.reduce((a, b) => a + b, 0)).toBeCloseTo(10, 2);
    expect(await printed(given)).not.toContain('not asked yet');
    await world.billed('cat');
    const later = await estimate(...of('cat'), item('J3301', 'Another', 40));
    const after = (later.all<ClaimResponse>('response')[0]?.item ?? [])
      .flatMap((i) => i.adjudication)
      .filter((a) => a.reason?.coding?.[0]?.code === '1');
    const [sent] = await world.find<ClaimResponse>('ClaimResponse?patient=Patient/cat&use=claim');
    const used = (sent?.item ?? [])
      .flatMap((i) => i.adjudication)
      .filter((a) => a.reason?.coding?.[0]?.code === '1')
      .reduce((all, a) => all + (a.amount?.value ?? 0), 0);
    expect(used).toBeGreaterThan(0);
    expect(after.reduce((all, a) => all + (a.amount?.value ?? 0), 0)).toBeCloseTo(10 - used, 2);
  });

  test('12.3 the price agreed with the payer counts before that of the plan, and the answer says by which rule', async () => {
    const loaded = await world.call(`${practice}/$load-contract`, [
      reference('payer', 'Organization/juniper-ridge'),
      { name: 'start', valueDate: '2026-06-01' },
      { name: 'content', valueString: 'code,price\nT1015,100.00\n' },
    ]);
    expect(loaded.status).toBe(200);
    await world.put(
      patient('dan', { communication: [{ language: { coding: [{ code: 'es' }] } }] }),
      coverage('dan', 'dan'),
    );
    const given = await estimate(...of('dan'), item('T1015', 'Consulta'));
    const [response] = given.all<ClaimResponse>('response');
    expect(amount(response, 'eligible')).toBe(100);
    expect(response?.processNote?.[0]?.text).toContain('the price agreed for T1015');
    const letter = await printed(given);
    for (const part of ['Lo que usted podría deber', 'los precios que hemos acordado con su seguro'])
      expect(letter).toContain(part);
  });

  test('12.3 neighbour: who is not insured, whose coverage ended or is Medicaid; what is not covered', async () => {
    await world.put(patient('eve'));
    const none = await estimate(...of('eve'), ...visit);
    expect([none.status, none.codes]).toEqual([409, ['not-insured']]);
    await world.put(coverage('eve', 'eve', { period: { start: '2025-01-01', end: '2026-01-31' } }));
    const ended = await estimate(...of('eve'), ...visit, reference('coverage', 'Coverage/eve'));
    expect([ended.status, ended.codes]).toEqual([422, ['coverage-not-active']]);
    const other = await estimate(...of('eve'), ...visit, reference('coverage', 'Coverage/ann'));
    expect([other.status, other.codes]).toEqual([422, ['coverage-unknown']]);
    const medicaid: Partial<Coverage> & { plan: string } = {
      plan: 'family-care',
      payor: [{ reference: 'Organization/state-family' }],
      type: { coding: [{ system: 'https://nahdo.org/sopt', code: '2' }] },
    };
    await world.put(patient('fay'), coverage('fay', 'fay', medicaid));
    const held = await estimate(...of('fay'), item('T1015', 'Office visit'));
    expect([held.status, amount(held.all<ClaimResponse>('response')[0], 'memberliability')]).toEqual([
      200, 0,
    ]);
    const dry = await estimate(...of('ann'), item('T1015', 'Visit', 2), {
      name: 'dryRun',
      valueBoolean: true,
    });
    expect([dry.status, dry.codes[0]]).toEqual([200, 'created']);
    const known = await world.find<Claim>('Claim?patient=Patient/ann&use=predetermination');
    expect(known).toHaveLength(1);
  });

  test('12.3 neighbour: an Invoice for two visits that is cancelled is taken out of the comparison of both', async () => {
    await world.put(patient('pam'), coverage('pam', 'pam', { subscriberId: 'JRHPAM' }));
    const first = await estimate(...of('pam'), ...visit);
    const second = await estimate(
      ...[reference('patient', 'Patient/pam'), reference('practice', practice), ...visit],
      ...[day('2026-06-04'), on('2026-05-20')],
    );
    await world.billed('pam');
    await world.put(charted('pam-two', 'pam', '2026-06-04'), condition('pam', 'pam-two'));
    const [claim] = await world.claims('pam-two', '2026-06-05');
    await world.submit(claim, '2026-06-05');
    const bill = await world.call('ExplanationOfBenefit/$generate-invoice', [
      reference('patient', 'Patient/pam'),
      on('2026-07-01'),
    ]);
    const compared = bill.codes.filter((code) => code === 'estimate-compared');
    expect([bill.all('invoice').length, compared.length]).toEqual([1, 2]);
    const billed = async (given: Said): Promise<unknown[]> => {
      const focus = `Claim/${given.all<Claim>('estimate')[0]?.id ?? ''}`;
      const [task] = await world.find<Task>(`Task?code=estimate-compared&focus=${focus}`);
      return (task?.output ?? []).flatMap(({ id }) => id ?? []);
    };
    const [invoice] = bill.all<Invoice>('invoice');
    expect([await billed(first), await billed(second)]).toEqual([[invoice?.id], [invoice?.id]]);
    await world.redo(await world.read<Claim>('Claim', claim?.id ?? ''), 'void', '2026-07-02');
    expect((await world.read<Invoice>('Invoice', invoice?.id ?? '')).status).toBe('cancelled');
    expect(await billed(second)).toEqual([]);
    expect(await billed(first)).not.toContain(invoice?.id);
  });

  test('12.3 neighbour: who may not bill patients is refused, who sees another practice finds nothing', async () => {
    const server = new AsAccount(world.context);
    const user = { kind: 'user' as const, practices: ['alder-street-clinic'] };
    await server.is({ ...user, name: 'coder', roles: ['coder'], users: ['Practitioner/two'] });
    const elsewhere = { ...user, practices: ['bellwater-hospital'] };
    await server.is({ ...elsewhere, name: 'else', roles: ['biller'], users: ['Practitioner/three'] });
    const asked = { resourceType: 'Parameters', parameter: [...of('ann'), ...visit] };
    expect((await server.ask('coder', 'post', 'Claim/$estimate', asked)).status).toBe(403);
    const other = await server.ask('else', 'post', 'Claim/$estimate', asked);
    expect([403, 404, 422]).toContain(other.status);
  });
});
