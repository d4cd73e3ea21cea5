import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, ChargeItem, Claim } from '@medplum/fhirtypes';
import { centsOf, sum, zero } from '../../src/datatypes/cents.ts';
import { extensionsOf } from '../../src/datatypes/extension.ts';
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
