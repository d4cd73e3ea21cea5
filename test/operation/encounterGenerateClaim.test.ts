import { beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Account,
  ChargeItem,
  ChargeItemDefinition,
  Claim,
  Coverage,
  Encounter,
  Parameters,
  Task,
} from '@medplum/fhirtypes';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { centsOf, sum, zero } from '../../src/datatypes/cents.ts';
import { extensionsOf } from '../../src/datatypes/extension.ts';
import { callOperation } from '../../src/operation/run.ts';
import { extension } from '../../src/terminology/system.ts';
import { called } from '../fixture/called.ts';
import { demoPractice, type DemoPractice } from '../fixture/demoPractice.ts';
import { stories } from '../fixture/storyClaim.ts';

const generate = (practice: DemoPractice, story: string) =>
  called(practice.context, `Encounter/${story}/$generate-claim`);

/** The first code of an element. */
const code = (element: { coding?: { code?: string }[] } | undefined): string | undefined =>
  element?.coding?.[0]?.code;
const dollars = (value: number | undefined): string =>
  (value ?? 0).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** What the tables of the stories say of a claim before it is answered. */
interface OracleClaim {
  readonly claim: string;
  readonly lines: readonly {
    readonly line: number;
    readonly code: string;
    readonly modifier: readonly string[];
    readonly units: number;
    readonly charge: string;
    readonly diagnosis?: readonly number[];
  }[];
  readonly total: { readonly charge: string };
}

const rows = (claim: Claim) =>
  (claim.item ?? []).map((i) => ({
    line: i.sequence,
    code: code(i.productOrService),
    modifier: (i.modifier ?? []).map(code),
    units: i.quantity?.value,
    charge: dollars(i.net?.value),
    diagnosis: i.diagnosisSequence ?? null,
  }));

describe('the claims of the ten stories', () => {
  let practice: DemoPractice;
  beforeAll(async () => {
    practice = await demoPractice();
  });

  test.each([
    ['1', 'story-01', 0],
    ['2', 'story-02', 0],
    ['3', 'story-03', 0],
    ['4', 'story-04', 0],
    ['5', 'story-05', 0],
    ['7 first', 'story-07', 0],
    ['9a', 'story-09', 0],
    ['9b', 'story-09', 1],
    ['10', 'story-10', 0],
  ])('claim %s has the lines, units, charges and pointers of the oracle', async (name, story, part) => {
    const claim = (await generate(practice, story)).all<Claim>('claim')[part];
    const expected = (stories.claims as readonly OracleClaim[]).find((c) => c.claim === name);
    expect(claim && rows(claim)).toEqual(
      expected?.lines.map(({ line, code: service, modifier, units, charge, diagnosis }) => ({
        line,
        code: service,
        modifier,
        units,
        charge,
        diagnosis: diagnosis ?? null,
      })),
    );
    expect(dollars(claim?.total?.value)).toBe(expected?.total.charge);
  });

  test('story 6 charges 212.40 to the plan of the child, and the mother answers for the account', async () => {
    const [claim] = (await generate(practice, 'story-06')).all<Claim>('claim');
    expect(claim && rows(claim).map((r) => [r.code, r.units, r.charge])).toEqual([
      ['T1015', 1, '168.45'],
      ['J7613', 5, '5.75'],
      ['S8101', 1, '38.20'],
    ]);
    const [account] = await practice.all<Account>('Account', { subject: 'Patient/poppy-ferreira' });
    expect(account?.guarantor?.[0]?.party.reference).toBe('RelatedPerson/ines-ferreira');
  });

  test('story 8 has no claim; the outcome points to $generate-invoice, its charges keep the diagnosis', async () => {
    const answer = await generate(practice, 'story-08');
    expect(answer.status).toBe(200);
    expect(answer.all('claim')).toEqual([]);
    const selfPay = answer.issues.find((i) => i.details?.coding?.[0]?.code === 'self-pay');
    expect(selfPay?.details?.text).toContain('$generate-invoice');
    const charges = await practice.all<ChargeItem>('ChargeItem', { context: 'Encounter/story-08' });
    expect(charges.map((c) => [code(c.code), c.priceOverride?.value, code(c.reason?.[0])])).toEqual([
      ['T1015', 168.45, 'L03.115'],
      ['J0696', 44.6, 'L03.115'],
    ]);
  });

  test('the stay of story 9 says how it began and ended, its diagnoses were there on admission', async () => {
    const [stay, ambulance] = (await generate(practice, 'story-09')).all<Claim>('claim');
    const said = (stay?.supportingInfo ?? []).map((s) => [
      code(s.category),
      code(s.code) ?? s.timingPeriod ?? s.valueString,
    ]);
    expect(said.slice(0, 6)).toEqual([
      ['typeofbill', '0111'],
      ['admissionperiod', { start: '2026-02-03', end: '2026-02-07' }],
      ['admtype', '1'],
      ['pointoforigin', '1'],
      ['discharge-status', '01'],
      ['drg', '194'],
    ]);
    const diagnoses = stay?.diagnosis?.map((d) => [
      code(d.diagnosisCodeableConcept),
      code(d.type?.[0]),
      code(d.onAdmission),
    ]);
    expect(diagnoses).toEqual([
      ['J18.9', 'principal', 'Y'],
      ['E87.1', 'other', 'Y'],
      ['Z87.891', 'other', '1'],
      ['J18.9', 'admitting', undefined],
    ]);
    expect(stay?.item?.map((i) => code(i.revenue))).toEqual(['0120', '0250', '0258', '0250', '0324', '0300']);
    expect(ambulance?.provider.reference).toBe('Organization/bellwater-ambulance');
    expect(ambulance?.diagnosis?.map((d) => code(d.diagnosisCodeableConcept))).toEqual(['J18.9']);
    expect(ambulance?.item?.map((i) => code(i.locationCodeableConcept))).toEqual(['41', '41']);
  });

  test('the outpatient claim of story 7 goes to Medicare first and names the second payer', async () => {
    const [claim] = (await generate(practice, 'story-07')).all<Claim>('claim');
    expect([code(claim?.type), code(claim?.subType), code(claim?.supportingInfo?.[0]?.code)]).toEqual([
      'institutional',
      'outpatient',
      '0131',
    ]);
    expect(claim?.insurance.map((i) => [i.sequence, i.focal, i.coverage.reference])).toEqual([
      [1, true, 'Coverage/walter-brandt-senior-basic'],
      [2, false, 'Coverage/walter-brandt-ppo'],
    ]);
    expect(claim?.item?.map((i) => code(i.revenue))).toEqual(['0510', '0636', '0636']);
    expect(claim?.item?.map((i) => i.diagnosisSequence)).toEqual([undefined, undefined, undefined]);
  });

  test('the claim of story 10 tells of the accident', async () => {
    const [claim] = (await generate(practice, 'story-10')).all<Claim>('claim');
    expect(claim?.accident?.date).toBe('2026-06-08');
    expect(claim?.diagnosis?.map((d) => [code(d.diagnosisCodeableConcept), code(d.type?.[0])])).toEqual([
      ['S93.401A', 'principal'],
      ['W01.0XXA', 'secondary'],
    ]);
  });

  test('every charge stands on exactly one line of one claim, and the lines add up to the charges', async () => {
    for (const story of ['story-01', 'story-02', 'story-07', 'story-09', 'story-10']) {
      const claims = (await generate(practice, story)).all<Claim>('claim');
      const charges = await practice.all<ChargeItem>('ChargeItem', { context: `Encounter/${story}` });
      const named = claims
        .flatMap((c) => c.item ?? [])
        .flatMap((i) => extensionsOf(i, extension.chargeItem))
        .map((e) => e.valueReference?.reference);
      expect([...named].sort()).toEqual(charges.map((c) => `ChargeItem/${c.id ?? ''}`).sort());
      const net = sum(claims.flatMap((c) => c.item ?? []).map((i) => centsOf(i.net) ?? zero));
      expect(net).toBe(sum(charges.map((c) => centsOf(c.priceOverride) ?? zero)));
    }
  });
});

describe('Encounter/$generate-claim', () => {
  test('100 at once make one claim, and all answer with it', async () => {
    const practice = await demoPractice();
    const answers = await Promise.all(Array.from({ length: 100 }, () => generate(practice, 'story-02')));
    expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]));
    const seen = answers.map((a) =>
      a.all<Claim>('claim').map((c) => `${c.id ?? ''} ${c.meta?.versionId ?? ''}`),
    );
    expect(new Set(seen.map(String)).size).toBe(1);
    expect(seen[0]).toHaveLength(1);
    expect(await practice.all('Claim')).toHaveLength(1);
    expect(await practice.all('ChargeItem')).toHaveLength(3);
  });

  test('a draft follows the chart under the same number; a visit that is gone from it is gone from the claim', async () => {
    const practice = await demoPractice();
    const [before] = (await generate(practice, 'story-02')).all<Claim>('claim');
    await practice.remove('MedicationAdministration', 'story-02-triamcinolone');
    const answer = await generate(practice, 'story-02');
    const [after] = answer.all<Claim>('claim');
    expect(answer.codes).toEqual(expect.arrayContaining(['charge-withdrawn', 'updated']));
    expect([after?.id, after?.identifier]).toEqual([before?.id, before?.identifier]);
    expect(after?.meta?.versionId).toBe('2');
    expect(after && rows(after).map((r) => r.code)).toEqual(['T1015', 'J7325']);
    expect(after?.total?.value).toBe(1121.25);
  });

  test('$capture-charges alone brings a draft up to date too', async () => {
    const practice = await demoPractice();
    await generate(practice, 'story-02');
    await practice.remove('MedicationAdministration', 'story-02-triamcinolone');
    const answer = await called(practice.context, 'Encounter/story-02/$capture-charges');
    expect(answer.codes).toContain('updated');
    const [claim] = await practice.all<Claim>('Claim');
    expect(claim?.total?.value).toBe(1121.25);
  });

  test('a submitted claim is answered again while the chart gives the same, else 409 and nothing is written', async () => {
    const practice = await demoPractice();
    const on = [{ name: 'businessDate', valueDate: '2026-03-12' }];
    const [draft] = (await called(practice.context, 'Encounter/story-02/$generate-claim', on)).all<Claim>(
      'claim',
    );
    await callOperation(practice.context, 'submit', { type: 'Claim', id: draft?.id ?? '' }, on);
    const again = await generate(practice, 'story-02');
    expect(again.status).toBe(200);
    expect(again.all<Claim>('claim').map((c) => [c.id, c.status])).toEqual([[draft?.id, 'active']]);
    await practice.change<Encounter>('Encounter', 'story-02', (e) => {
      e.type = [{ coding: [{ system: 'http://snomed.info/sct', code: '185347001' }] }];
    });
    const before = await practice.state();
    const refused = await generate(practice, 'story-02');
    expect([refused.status, refused.codes]).toEqual([409, ['claim-already-submitted']]);
    expect(refused.issues[0]?.details?.text).toContain(`Claim/${draft?.id ?? ''}`);
    expect(await practice.state()).toBe(before);
  });

  test('a dry run answers with the claim and writes nothing', async () => {
    const practice = await demoPractice();
    const before = await practice.state();
    const answer = await called(practice.context, 'Encounter/story-03/$generate-claim', [
      { name: 'dryRun', valueBoolean: true },
    ]);
    expect(answer.all<Claim>('claim')[0]?.total?.value).toBe(1654.45);
    expect(await practice.state()).toBe(before);
  });

  test('at type level encounters of several patients give one set of claims each', async () => {
    const practice = await demoPractice();
    const answer = await callOperation(practice.context, 'generate-claim', { type: 'Encounter' }, [
      { name: 'encounter', valueReference: { reference: 'Encounter/story-01' } },
      { name: 'encounter', valueReference: { reference: 'Encounter/story-02' } },
    ]);
    const claims = ((JSON.parse(String(answer.body)) as Parameters).parameter ?? []).flatMap((p) =>
      p.name === 'claim' ? [(p.resource as Claim).patient.reference] : [],
    );
    expect(claims).toEqual(['Patient/nora-whitfield', 'Patient/gwen-talbot']);
  });

  test('as asked, an outpatient visit of the hospital is billed on the professional form', async () => {
    const practice = await demoPractice();
    const answer = await called(practice.context, 'Encounter/story-07/$generate-claim', [
      { name: 'type', valueCode: 'professional' },
    ]);
    const [claim] = answer.all<Claim>('claim');
    expect(code(claim?.type)).toBe('professional');
    expect(claim && rows(claim).map((r) => r.diagnosis)).toEqual([[1], [1], [2]]);
  });

  test('a service without a map is an issue and a Task, the other lines are billed; coded later it joins them', async () => {
    const practice = await demoPractice();
    await practice.put({
      resourceType: 'Procedure',
      id: 'uncoded',
      status: 'completed',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '1597AAAAAAAA' }] },
      subject: { reference: 'Patient/gwen-talbot' },
      encounter: { reference: 'Encounter/story-02' },
    });
    const answer = await generate(practice, 'story-02');
    const issue = answer.issues.find((i) => i.details?.coding?.[0]?.code === 'no-map');
    expect([issue?.severity, issue?.expression]).toEqual(['warning', ['Procedure.code']]);
    expect(answer.all<Claim>('claim')[0]?.total?.value).toBe(1160.25);
    const [task] = await practice.all<Task>('Task');
    expect([task?.status, code(task?.code), task?.focus?.reference]).toEqual([
      'requested',
      'coding',
      'Procedure/uncoded',
    ]);
    await generate(practice, 'story-02');
    expect(await practice.all('Task')).toHaveLength(1);
    await practice.put({
      resourceType: 'ConceptMap',
      id: 'own',
      status: 'active',
      sourceUri: 'http://snomed.info/sct',
      targetUri: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
      group: [
        { element: [{ code: '1597AAAAAAAA', target: [{ code: 'G0463', equivalence: 'equivalent' }] }] },
      ],
    });
    const coded = await generate(practice, 'story-02');
    expect(coded.all<Claim>('claim')[0]?.total?.value).toBe(1374.85);
    expect((await practice.all<Task>('Task'))[0]?.status).toBe('completed');
  });

  test('a service with an own code stays off a professional claim: an issue and a Task say so', async () => {
    const practice = await demoPractice();
    await practice.put({
      resourceType: 'Procedure',
      id: 'cardioversion',
      status: 'completed',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '180325003' }] },
      subject: { reference: 'Patient/gwen-talbot' },
      encounter: { reference: 'Encounter/story-02' },
    });
    const answer = await generate(practice, 'story-02');
    expect(answer.codes).toContain('no-billing-code');
    expect(answer.all<Claim>('claim')[0]?.item).toHaveLength(3);
    expect(await practice.all('ChargeItem')).toHaveLength(4);
    expect((await practice.all<Task>('Task')).map((t) => t.reasonCode?.text)).toEqual(['no-billing-code']);
  });

  test('a visit of unpriced services has no claim, and the outcome says why', async () => {
    const practice = await demoPractice();
    await practice.remove('ChargeItemDefinition', 'charge-t1015');
    await practice.remove('ChargeItemDefinition', 'charge-j1885');
    const answer = await generate(practice, 'story-05');
    expect(answer.status).toBe(200);
    expect(answer.all('claim')).toEqual([]);
    expect(answer.codes).toEqual(expect.arrayContaining(['no-price', 'nothing-to-bill']));
    expect(await practice.all('Task')).toHaveLength(2);
  });

  test('an authorisation number on the Coverage stands on the claim', async () => {
    const practice = await demoPractice();
    await practice.change<Coverage>('Coverage', 'tamsin-okafor-ppo', (c) => {
      c.extension = [{ url: extension.preAuthRef, valueString: 'AUTH-77' }];
    });
    const [claim] = (await generate(practice, 'story-04')).all<Claim>('claim');
    expect(claim?.insurance[0]?.preAuthRef).toEqual(['AUTH-77']);
  });

  test('all Coverages have ended, none named by the Account: no claim, charges kept, $generate-invoice named', async () => {
    const practice = await demoPractice();
    await practice.change<Coverage>('Coverage', 'nora-whitfield-ppo', (c) => {
      c.period = { start: '2025-01-01', end: '2025-12-31' };
    });
    const answer = await generate(practice, 'story-01');
    expect([answer.status, answer.all('claim')]).toEqual([200, []]);
    expect(answer.codes).toContain('self-pay');
    expect(await practice.all('ChargeItem')).toHaveLength(3);
  });
});

interface BadRow {
  readonly name: string;
  readonly story: string;
  readonly spoil: (practice: DemoPractice) => Promise<void>;
  readonly faults: readonly (readonly [code: string, expression: string])[];
}

const bad: readonly BadRow[] = [
  {
    name: 'an Encounter still in progress',
    story: 'story-01',
    spoil: (p) => p.change<Encounter>('Encounter', 'story-01', (e) => (e.status = 'in-progress')),
    faults: [['encounter-not-finished', 'Encounter.status']],
  },
  {
    name: 'an Encounter without patient, provider and date: all faults at once',
    story: 'story-01',
    spoil: (p) =>
      p.change<Encounter>('Encounter', 'story-01', (e) => {
        delete e.subject;
        delete e.serviceProvider;
        delete e.period;
      }),
    faults: [
      ['encounter-date-missing', 'Encounter.period.start'],
      ['patient-missing', 'Encounter.subject'],
      ['provider-missing', 'Encounter.serviceProvider'],
    ],
  },
  {
    name: 'an Encounter that names nobody who gave the care',
    story: 'story-02',
    spoil: (p) => p.change<Encounter>('Encounter', 'story-02', (e) => delete e.participant),
    faults: [['provider-missing', 'Encounter.participant']],
  },
  {
    name: 'nothing that gives a diagnosis',
    story: 'story-02',
    spoil: async (p) => {
      await p.change<Encounter>('Encounter', 'story-02', (e) => delete e.diagnosis);
      await p.remove('Condition', 'story-02-knee');
    },
    faults: [['diagnosis-missing', 'Encounter.diagnosis']],
  },
  {
    name: 'two Coverages of the same order',
    story: 'story-07',
    spoil: (p) => p.change<Coverage>('Coverage', 'walter-brandt-ppo', (c) => (c.order = 1)),
    faults: [['coverage-order-conflict', 'Coverage.order']],
  },
  {
    name: 'a Coverage named by the Account that ended before the visit',
    story: 'story-10',
    spoil: async (p) => {
      await p.change<Coverage>('Coverage', 'dana-prescott-ppo', (c) => (c.period = { end: '2026-05-31' }));
      await p.change<Account>('Account', 'dana-prescott-alder-street', (a) => {
        a.coverage = [{ coverage: { reference: 'Coverage/dana-prescott-ppo' }, priority: 1 }];
      });
    },
    faults: [['coverage-not-active', 'Account.coverage[0]']],
  },
  {
    name: 'a price of 10.005',
    story: 'story-01',
    spoil: (p) =>
      p.change<ChargeItemDefinition>('ChargeItemDefinition', 'charge-t1015', (d) => {
        d.propertyGroup = [
          { priceComponent: [{ type: 'base', amount: { value: 10.005, currency: 'USD' } }] },
        ];
      }),
    faults: [['not-whole-cents', 'ChargeItemDefinition.propertyGroup[0].priceComponent[0].amount.value']],
  },
  {
    name: 'a price in another currency',
    story: 'story-01',
    spoil: (p) =>
      p.change<ChargeItemDefinition>('ChargeItemDefinition', 'charge-t1015', (d) => {
        d.propertyGroup = [{ priceComponent: [{ type: 'base', amount: { value: 10, currency: 'EUR' } }] }];
      }),
    faults: [['currency', 'ChargeItemDefinition.propertyGroup[0].priceComponent[0].amount.currency']],
  },
];

describe('what is unfit for billing is refused through HTTP, and the store is as before', () => {
  test.each(bad)('$name', async ({ story, spoil, faults }) => {
    const practice = await demoPractice();
    await spoil(practice);
    const before = await practice.state();
    const { status, body } = await request(createApp(practice.context)).post(
      `/fhir/Encounter/${story}/$generate-claim`,
    );
    const issues = (
      body as {
        issue: { severity: string; expression?: string[]; details: { coding: { code: string }[] } }[];
      }
    ).issue;
    expect(status).toBe(422);
    expect(
      issues.filter((i) => i.severity === 'error').map((i) => [i.details.coding[0]?.code, i.expression?.[0]]),
    ).toEqual(faults);
    expect(await practice.state()).toBe(before);
  });

  test('a type-level call without encounter, and one with an unknown claim type, are 400', async () => {
    const app = createApp((await demoPractice()).context);
    const none = await request(app)
      .post('/fhir/Encounter/$generate-claim')
      .send({ resourceType: 'Parameters' });
    expect(none.status).toBe(400);
    const parameter = [{ name: 'type', valueCode: 'oral' }];
    const oral = await request(app)
      .post('/fhir/Encounter/story-01/$generate-claim')
      .send({ resourceType: 'Parameters', parameter });
    expect(oral.status).toBe(400);
    const unknown = await request(app).post('/fhir/Encounter/nobody/$generate-claim');
    expect(unknown.status).toBe(404);
  });
});
