import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Claim, ParametersParameter } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { coverage } from '../firm/visit.ts';
import {
  amount,
  answerPart,
  balancePart,
  claimPart,
  clp,
  close,
  creditPart,
  day,
  decidedLines,
  dollars,
  formerClaim,
  head,
  names,
  openWorld,
  text,
  type World,
} from './world.ts';

const without = (name: string): ParametersParameter[] => head(150, 40, 60).filter((p) => p.name !== name);
const claim = (over: Partial<Claim>, open = 150, ...more: ParametersParameter[]): ParametersParameter =>
  claimPart(formerClaim('REF-1', 'ada', over), open, ...more);
const withItem = (over: NonNullable<Claim['item']>[number]): Partial<Claim> => ({
  item: [over],
  total: dollars(150),
});
const line = (formerClaim('', 'ada').item ?? [])[0];
if (!line) throw new Error('a former claim has lines');
const withAccount = (id: string): ParametersParameter => ({
  name: 'balance',
  part: [text('reference', 'B-9'), names('account', `Account/${id}`), amount('amount', 40)],
});
const resource = "Parameters.parameter[6].part.where(name='resource').resource";
const part = (name: string): string => `Parameters.parameter[6].part.where(name='${name}').value`;

describe.each(eachStore('opening-refused'))('what is not loaded, on %s', (_, open) => {
  let w: World;
  beforeAll(async () => {
    w = await openWorld(open, ['ada', 'ben']);
    const account = (id: string, owner: string): Account & { id: string } => ({
      resourceType: 'Account',
      id,
      status: 'active',
      subject: [{ reference: 'Patient/ada' }],
      owner: { reference: `Organization/${owner}` },
    });
    await w.put(account('other', 'bellwater-hospital'), account('adas', 'alder-street-clinic'));
    await w.put(coverage('bens', 'ben'));
    const taken = formerClaim('TAKEN-1', 'ada', {
      identifier: [
        { system: 'https://claimwright.example/fhir/sid/patient-control-number', value: 'TAKEN-1' },
      ],
      status: 'draft',
    });
    await w.put({ ...taken, id: 'taken' });
  });
  afterAll(() => w.close());

  const business: readonly (readonly [string, number, string, string, ParametersParameter])[] = [
    ['a draft', 422, 'claim-not-sent', `${resource}.status`, claim({ status: 'draft' })],
    ['a predetermination', 422, 'use-not-supported', `${resource}.use`, claim({ use: 'preauthorization' })],
    [
      'a claim without number',
      422,
      'claim-number-missing',
      `${resource}.identifier`,
      claim({ identifier: [{ system: 'urn:example:other', value: '5' }] }),
    ],
    [
      'a claim with a visit here',
      422,
      'opening-with-chart',
      `${resource}.item[0]`,
      claim(withItem({ ...line, encounter: [{ reference: 'Encounter/e' }], net: dollars(150) })),
    ],
    ['a claim of which more is open', 422, 'open-above-charge', part('open'), claim({}, 150.01)],
    ['a claim with less than nothing open', 422, 'amount-not-positive', part('open'), claim({}, -1)],
    ['a part of a cent', 422, 'amount-malformed', part('open'), claim({}, 0.005)],
    [
      'answers that leave another sum',
      422,
      'open-not-what-is-left',
      part('open'),
      claim({}, 50, answerPart(60, 30)),
    ],
    [
      'a total that is not of its lines',
      422,
      'total-not-of-lines',
      `${resource}.total`,
      claim({ total: dollars(151) }),
    ],
    [
      'a claim of another practice',
      422,
      'claim-of-another-practice',
      `${resource}.provider`,
      claim({ provider: { reference: 'Organization/bellwater-hospital' } }),
    ],
    [
      'the coverage of another patient',
      422,
      'coverage-of-another-patient',
      `${resource}.insurance[0].coverage`,
      claim({ insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/bens' } }] }),
    ],
    [
      'an Account of another practice',
      422,
      'account-of-another-practice',
      part('account'),
      claim({}, 150, names('account', 'Account/other')),
    ],
    ['a patient who is not here', 422, 'patient-unknown', part('patient'), balancePart('B-9', 'nobody', 40)],
    [
      'a balance of another practice',
      422,
      'account-of-another-practice',
      part('account'),
      withAccount('other'),
    ],
    ['a balance of nothing', 422, 'amount-not-positive', part('amount'), balancePart('B-9', 'ada', 0)],
    [
      'a balance asked for after the books',
      422,
      'date-in-future',
      part('statementDate'),
      balancePart('B-9', 'ada', 40, day('statementDate', '2026-11-01')),
    ],
    [
      'a payment plan',
      422,
      'opening-plan-not-kept',
      'Parameters.parameter[6]',
      { name: 'plan', part: [text('reference', 'PLAN-1')] },
    ],
    [
      'a number that a claim here has',
      409,
      'claim-number-used',
      `${resource}.identifier`,
      claimPart(formerClaim('TAKEN-1', 'ada'), 150),
    ],
    [
      'more than the reports say',
      422,
      'opening-above-control',
      "Parameters.parameter.where(name='patientTotal').value",
      balancePart('B-9', 'ada', 40.01),
    ],
  ];
  test.each(business)(
    '%s is %i %s, and nothing is written',
    async (_what, status, code, expression, given) => {
      const before = await w.written();
      const answer = await w.load(...head(150, 40, 60), given);
      expect([answer.status, answer.codes]).toEqual([status, [code]]);
      expect(answer.issues[0]?.expression).toEqual([expression]);
      expect(await w.written()).toBe(before);
    },
  );

  test.each([
    ['practice', 400, 'missing-parameter'],
    ['creditTotal', 400, 'missing-parameter'],
  ])('without %s it is %i', async (name, status, code) => {
    const answer = await w.load(...without(name), balancePart('B-9', 'ada', 40));
    expect([answer.status, answer.codes[0]]).toEqual([status, code]);
  });

  test('every fault is told at once, with what stands where', async () => {
    const answer = await w.load(
      ...without('date'),
      day('date', '2027-01-31'),
      claim({ status: 'draft', total: dollars(9) }, 10),
      balancePart('B-9', 'nobody', 0),
      creditPart('C-1', 'ada', 1),
      creditPart('c-1', 'ada', 1),
    );
    expect(answer.status).toBe(422);
    expect([...answer.codes].sort()).toEqual(
      [
        ...['date-in-future', 'claim-not-sent', 'total-not-of-lines', 'open-above-charge'],
        ...['amount-not-positive', 'patient-unknown', 'opening-part-repeated'],
      ].sort(),
    );
  });

  test('more parts than a call takes are refused', async () => {
    const many = Array.from({ length: 101 }, (_one, i) => balancePart(`M-${i}`, 'ada', 0.01));
    const answer = await w.load(...head(0, 40, 0), ...many);
    expect([answer.status, answer.codes]).toEqual([422, ['opening-too-many']]);
  });

  test('sums that are not those of the parts are 422 that names both, until they are', async () => {
    const said = head(150, 65, 60);
    expect((await w.load(...said, balancePart('B-1', 'ada', 40))).status).toBe(200);
    const early = await w.load(...said, close);
    expect([early.status, early.codes]).toEqual([422, Array(3).fill('opening-not-balanced')]);
    expect(early.text('opening-not-balanced')).toContain(
      'what patients owe is 40.00 by the parts and 65.00 by the reports',
    );
    const other = await w.load(...said, balancePart('B-1', 'ada', 39));
    expect([other.status, other.codes]).toEqual([409, ['opening-part-differs']]);
    const otherSums = await w.load(...head(150, 66, 60), close);
    expect([otherSums.status, otherSums.codes]).toEqual([409, ['opening-differs']]);
    const more = [claim({}), balancePart('B-2', 'ben', 25), creditPart('C-1', 'ben', 60)];
    expect((await w.load(...said, ...more)).status).toBe(200);
    expect((await w.load(...said, close)).codes).toContain('opening-closed');
    expect(await w.faults()).toEqual([]);
  });

  test('what is closed takes nothing more that is open, and what was closed in the former system still', async () => {
    const said = head(150, 65, 60);
    const late = await w.load(...said, balancePart('B-3', 'ada', 1));
    expect([late.status, late.codes]).toEqual([409, ['opening-closed']]);
    const off = await w.load(...said, {
      name: 'withdraw',
      part: [{ name: 'kind', valueCode: 'balance' }, text('reference', 'B-1')],
    });
    expect([off.status, off.codes]).toEqual([409, ['opening-closed']]);
    const taken = decidedLines([-100, 'CO-45 -20'], [-30]).map((l) => ({ ...l, charge: -l.charge }));
    await w.remit({ trace: 'T1', clps: [clp('GONE-1', taken, { status: '22' })], plb: [['FB', 'T1', -130]] });
    expect(await w.tasks()).toContain('remittance-claim PaymentReconciliation');
    const gone = claimPart(formerClaim('GONE-1', 'ada'), 0);
    expect((await w.load(...said, gone)).status).toBe(200);
    const [payment] = await w.find('PaymentReconciliation');
    expect((await w.call(`PaymentReconciliation/${payment?.id ?? ''}/$post`)).status).toBe(200);
    const posted = await w.claim('GONE-1');
    expect([(await w.state(posted)).state, await w.stands('receivable-insurance-open', posted.id)]).toEqual([
      'reversed',
      150,
    ]);
    expect(await w.faults()).toEqual([]);
  });
});
