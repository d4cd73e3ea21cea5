import { describe, expect, test } from '@jest/globals';
import type {
  CodeableConcept,
  Coverage,
  ExplanationOfBenefit,
  ExplanationOfBenefitSupportingInfo,
  Location,
  Organization,
} from '@medplum/fhirtypes';
import { moneyFaults } from '../c4bbMoney.ts';
import { c4bb } from '../profile/guide.ts';
import { inValueSet } from '../profile/value.ts';
import { ofForm } from './carinProfiles.ts';
import type { Asked } from './conformancePractice.ts';

type Eob = ExplanationOfBenefit;

const codes = (of: CodeableConcept | undefined): string[] =>
  of?.coding?.flatMap(({ code }) => code ?? []) ?? [];
const info = (e: Eob, ...categories: string[]): ExplanationOfBenefitSupportingInfo[] =>
  (e.supportingInfo ?? []).filter(({ category }) => codes(category).some((c) => categories.includes(c)));
const institutional = (e: Eob): boolean => codes(e.type).includes('institutional');
const inpatient = (e: Eob): boolean => codes(e.subType).includes('inpatient');
const amountSet = c4bb().valueSets.get('http://hl7.org/fhir/us/carin-bb/ValueSet/C4BBAdjudication') ?? {};
const isAmount = ({ category }: { category: CodeableConcept }): boolean => inValueSet(category, amountSet);
const holder = (e: Eob, code: string): boolean =>
  (e.adjudication ?? []).some(
    ({ category, reason }) => codes(category).includes(code) && codes(reason).length > 0,
  );
const transport = [
  ...['patientweight', 'ambulancetransportreason', 'transportationdistance', 'roudtrippurpose'],
  ...['stretcherpurpose', 'pickuplocation', 'dropofflocation'],
];
const uc = ({ identifier = [] }: Eob): string | undefined =>
  identifier.find(({ type }) => codes(type).includes('uc'))?.value;

/** A sentence of sections 4.5 to 4.10 that must hold of every explanation it is about. */
const sentences: readonly (readonly [
  text: string,
  about: (e: Eob) => boolean,
  holds: (e: Eob) => boolean,
])[] = [
  [
    '4.5.2 it has one unique claim id with a value',
    () => true,
    (e) =>
      (e.identifier ?? []).filter(({ type, value }) => codes(type).includes('uc') && value !== undefined)
        .length === 1,
  ],
  [
    '4.5.2 its use is claim, it has a patient, a period that starts, insurer and provider',
    () => true,
    (e) =>
      e.use === 'claim' &&
      [
        e.patient.reference,
        e.billablePeriod?.start,
        e.created,
        e.insurer.reference,
        e.provider.reference,
      ].every((v) => v !== undefined),
  ],
  [
    '4.5.3 at most one insurance is focal',
    () => true,
    (e) => e.insurance.filter(({ focal }) => focal).length < 2,
  ],
  [
    '4.5.3 a related claim has relationship and number',
    (e) => e.related !== undefined,
    (e) =>
      e.related?.every(
        ({ relationship, reference }) => relationship !== undefined && reference?.value !== undefined,
      ) === true,
  ],
  [
    '4.5.3 a note that a line names is there',
    (e) => (e.item ?? []).some(({ noteNumber }) => noteNumber),
    (e) =>
      (e.item ?? [])
        .flatMap(({ noteNumber = [] }) => noteNumber)
        .every((n) => e.processNote?.some(({ number }) => number === n)),
  ],
  [
    '4.6.2 an institutional one is inpatient or outpatient',
    institutional,
    (e) => /^(inpatient|outpatient)$/.test(codes(e.subType)[0] ?? ''),
  ],
  [
    '4.6.3 the provider of an institutional one is an Organization',
    institutional,
    (e) => e.provider.reference?.startsWith('Organization/') === true,
  ],
  [
    '4.6.4 every member of the care team has one role',
    () => true,
    (e) => (e.careTeam ?? []).every(({ role }) => codes(role).length === 1),
  ],
  [
    '4.6.5 who renders professionally has a taxonomy',
    (e) => !institutional(e),
    (e) =>
      (e.careTeam ?? [])
        .filter(({ role }) => codes(role).includes('rendering'))
        .every(({ qualification }) => codes(qualification).length > 0),
  ],
  [
    '4.6.6 an inpatient one has one admission period',
    inpatient,
    (e) =>
      info(e, 'admissionperiod').length === 1 &&
      info(e, 'admissionperiod')[0]?.timingPeriod?.start !== undefined,
  ],
  [
    '4.6.8 an institutional one has a diagnosis, the first of them principal',
    institutional,
    (e) => codes(e.diagnosis?.[0]?.type?.[0]).includes('principal'),
  ],
  [
    '4.6.9 a procedure of a stay has type and date',
    (e) => e.procedure !== undefined,
    (e) =>
      e.procedure?.every(({ type, date }) => codes(type?.[0]).length === 1 && date !== undefined) === true,
  ],
  [
    '4.6.10 every inpatient line has a revenue code',
    inpatient,
    (e) => (e.item ?? []).every(({ revenue }) => codes(revenue).length === 1),
  ],
  [
    '4.6.10 every outpatient line has its day',
    (e) => institutional(e) && !inpatient(e),
    (e) => (e.item ?? []).every(({ servicedDate }) => servicedDate !== undefined),
  ],
  [
    '4.6.10 every professional line has its day and its place',
    (e) => !institutional(e),
    (e) =>
      (e.item ?? []).every(
        (i) =>
          (i.servicedDate ?? i.servicedPeriod) !== undefined && codes(i.locationCodeableConcept).length === 1,
      ),
  ],
  [
    '4.6.11 every professional line has amounts and its status',
    (e) => !institutional(e),
    (e) =>
      (e.item ?? []).every(
        ({ adjudication = [] }) =>
          adjudication.some(isAmount) &&
          adjudication.filter(({ category }) => codes(category).includes('benefitpaymentstatus')).length ===
            1,
      ),
  ],
  [
    '4.6.12 an institutional one has its payment status, a professional one the networks',
    () => true,
    (e) =>
      institutional(e)
        ? holder(e, 'benefitpaymentstatus')
        : holder(e, 'billingnetworkstatus') && holder(e, 'renderingnetworkstatus'),
  ],
  ['4.6.13 4.9.5 it has totals of amounts', () => true, (e) => (e.total ?? []).some(isAmount)],
  [
    '4.7.1 amounts stand in the header or on the lines, not both',
    institutional,
    (e) =>
      (e.adjudication ?? []).some(isAmount) !==
      (e.item ?? []).some(({ adjudication = [] }) => adjudication.some(isAmount)),
  ],
  [
    '4.7.1 with amounts in the header, lines have no adjudication',
    (e) => institutional(e) && (e.adjudication ?? []).some(isAmount),
    (e) => (e.item ?? []).every(({ adjudication }) => adjudication === undefined),
  ],
  [
    '4.7.2 who attends, renders, refers or supervises is a Practitioner',
    () => true,
    (e) =>
      (e.careTeam ?? [])
        .filter(({ role }) =>
          codes(role).some((c) => /^(attending|rendering|referring|supervisor|primary)$/.test(c)),
        )
        .every(({ provider }) => provider.reference?.startsWith('Practitioner/') === true),
  ],
  [
    '4.7.3 only a newborn has an origin of newborns',
    (e) => info(e, 'pointoforigin').length > 0,
    (e) =>
      info(e, 'pointoforigin')[0]?.code?.coding?.[0]?.system?.endsWith(
        codes(info(e, 'admtype')[0]?.code).includes('4') ? 'Newborn' : 'PointOfOrigin',
      ) === true,
  ],
  [
    '4.7.4 4.9.10 what is said of transport is linked to a line',
    (e) => info(e, ...transport).length > 0,
    (e) =>
      info(e, ...transport).every(({ sequence }) =>
        (e.item ?? []).some((i) => i.informationSequence?.includes(sequence)),
      ),
  ],
  [
    '4.7.5 weight is in pounds, distance in miles',
    (e) => info(e, ...transport).length > 0,
    (e) =>
      info(e, 'patientweight')[0]?.valueQuantity?.unit === '[lb_av]' &&
      info(e, 'transportationdistance')[0]?.valueQuantity?.unit === '[mi_i]',
  ],
  ['4.8.1 its amounts agree with each other', () => true, (e) => moneyFaults(e).length === 0],
  [
    '4.9.6 lines name a service, diagnoses are numbered and pointed to',
    () => true,
    (e) =>
      (e.item ?? []).every(
        ({ productOrService, diagnosisSequence = [] }) =>
          codes(productOrService).length > 0 &&
          diagnosisSequence.every((s) => e.diagnosis?.some(({ sequence }) => sequence === s)),
      ),
  ],
];

/** Sections 4.5 to 4.10 of our list, as far as they are about content; cardinality and bindings are the checker's. */
export function carinContent(asked: () => Asked): void {
  const all = (): Promise<Eob[]> => asked().search<Eob>('ExplanationOfBenefit?_count=200');

  describe('4.5 to 4.10 what explanations say', () => {
    test.each(sentences)('%s', async (_text, about, holds) => {
      const found = (await all()).filter(about);
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter((e) => !holds(e)).map(({ id }) => id)).toEqual([]);
    });

    test.each(['Inpatient-Institutional', 'Outpatient-Institutional'])(
      '4.3.4 10.2 %s: one explanation with amounts in the header, another with amounts on the lines',
      async (form) => {
        const inHeader = ofForm(await all(), form).map((e) => (e.adjudication ?? []).some(isAmount));
        expect(new Set(inHeader)).toEqual(new Set([true, false]));
      },
    );

    test('4.8.3 4.9.4 10.3 a payment taken back: each explanation names its neighbours by their numbers', async () => {
      const chains = Map.groupBy(
        (await all()).filter(({ related }) => related),
        (e) => e.claim?.reference,
      );
      expect(chains.size).toBeGreaterThan(2);
      for (const [paid, back, last] of chains.values()) {
        const names = (e: Eob | undefined): unknown[] =>
          (e?.related ?? []).map(({ relationship, reference }) => [codes(relationship)[0], reference?.value]);
        if (!paid || !back || !last) throw new Error('no chain of three');
        expect(new Set([uc(paid), uc(back), uc(last)]).size).toBe(3);
        expect(names(paid)).toEqual([['replacedby', uc(back)]]);
        expect(names(back)).toEqual([
          ['prior', uc(paid)],
          ['replacedby', uc(last)],
        ]);
        expect(names(last)).toEqual([['prior', uc(back)]]);
        expect(moneyFaults(back)).toEqual([]);
      }
    });

    test('4.9.3 10.3 the focal insurance is of the insurer; the other is named by its carrier', async () => {
      const several = (await all()).filter(({ insurance }) => insurance.length > 1);
      expect(several.length).toBeGreaterThan(0);
      for (const { insurer, insurance } of several)
        for (const { focal, coverage } of insurance) {
          const { payor } = await asked().read<Coverage>(coverage.reference ?? '');
          expect(payor[0]?.reference === insurer.reference).toBe(focal);
          expect(focal || coverage.display === payor[0]?.display).toBe(true);
        }
    });

    test("4.9.7 the facility is named where it is not the billing provider's own, and only there", async () => {
      const found = (await all()).filter((e) => !institutional(e));
      expect(found.some((e) => info(e, 'servicefacility').length > 0)).toBe(true);
      for (const e of found) {
        const place = e.facility && (await asked().read<Location>(e.facility.reference ?? ''));
        const owner = place?.managingOrganization?.reference;
        const named = info(e, 'servicefacility').map((s) => s.valueReference?.reference);
        expect(named).toEqual(owner === undefined || owner === e.provider.reference ? [] : [owner]);
        if (named[0] === undefined) continue;
        const facility = await asked().read<Organization>(named[0]);
        expect([
          facility.name,
          facility.address?.[0]?.postalCode,
          facility.identifier?.[0]?.value,
        ]).not.toContain(undefined);
      }
    });

    test('4.10.5 10.4 a related person is payee of an explanation that pays the provider nothing', async () => {
      const found = (await all()).filter((e) => e.payee?.party?.reference?.startsWith('RelatedPerson/'));
      expect(found.length).toBeGreaterThan(0);
      for (const { payee, payment } of found)
        expect([codes(payee?.type), payment?.amount?.value]).toEqual([['other'], 0]);
    });
  });
}
