import type {
  CodeableConcept,
  ExplanationOfBenefit,
  ExplanationOfBenefitSupportingInfo,
} from '@medplum/fhirtypes';
import { moneyFaults } from '../c4bbMoney.ts';
import { c4bb } from '../profile/guide.ts';
import { inValueSet } from '../profile/value.ts';

export type Eob = ExplanationOfBenefit;

export const codes = (of: CodeableConcept | undefined): string[] =>
  of?.coding?.flatMap(({ code }) => code ?? []) ?? [];
export const info = (e: Eob, ...categories: string[]): ExplanationOfBenefitSupportingInfo[] =>
  (e.supportingInfo ?? []).filter(({ category }) => codes(category).some((c) => categories.includes(c)));
export const institutional = (e: Eob): boolean => codes(e.type).includes('institutional');
const isOfType =
  (type: string) =>
  (e: Eob): boolean =>
    codes(e.type).includes(type);
export const [professional, oral, pharmacy] = [
  isOfType('professional'),
  isOfType('oral'),
  isOfType('pharmacy'),
];
const inpatient = (e: Eob): boolean => codes(e.subType).includes('inpatient');
const amountSet = c4bb().valueSets.get('http://hl7.org/fhir/us/carin-bb/ValueSet/C4BBAdjudication') ?? {};
export const isAmount = ({ category }: { category: CodeableConcept }): boolean =>
  inValueSet(category, amountSet);
const holder = (e: Eob, code: string): boolean =>
  (e.adjudication ?? []).some(
    ({ category, reason }) => codes(category).includes(code) && codes(reason).length > 0,
  );
const transport = [
  ...['patientweight', 'ambulancetransportreason', 'transportationdistance', 'roudtrippurpose'],
  ...['stretcherpurpose', 'pickuplocation', 'dropofflocation'],
];
export const uc = ({ identifier = [] }: Eob): string | undefined =>
  identifier.find(({ type }) => codes(type).includes('uc'))?.value;

/** A sentence of sections 4.5 to 4.10 that must hold of every explanation it is about. */
export const sentences: readonly (readonly [
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
    (e) => professional(e) || oral(e),
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
    (e) => professional(e) || oral(e),
    (e) =>
      (e.item ?? []).every(
        (i) =>
          (i.servicedDate ?? i.servicedPeriod) !== undefined && codes(i.locationCodeableConcept).length === 1,
      ),
  ],
  [
    '4.6.11 every professional line has amounts and its status',
    (e) => professional(e) || oral(e),
    (e) =>
      (e.item ?? []).every(
        ({ adjudication = [] }) =>
          adjudication.some(isAmount) &&
          adjudication.filter(({ category }) => codes(category).includes('benefitpaymentstatus')).length ===
            1,
      ),
  ],
  [
    '4.6.12 its payment status stands in the header, of a professional one the networks',
    () => true,
    (e) =>
      professional(e)
        ? holder(e, 'billingnetworkstatus') && holder(e, 'renderingnetworkstatus')
        : holder(e, 'benefitpaymentstatus') && (!oral(e) || holder(e, 'renderingnetworkstatus')),
  ],
  [
    '4.6.3 the provider of an oral one is a Practitioner',
    oral,
    (e) => e.provider.reference?.startsWith('Practitioner/') === true,
  ],
  [
    '4.6.6 a pharmacy one says days, product selection, refill and refills once each',
    pharmacy,
    (e) => ['dayssupply', 'dawcode', 'refillnum', 'refillsauthorized'].every((c) => info(e, c).length === 1),
  ],
  [
    '4.6.10 4.9.9 a pharmacy line has its day, a quantity, and an NDC of eleven digits or a compound',
    pharmacy,
    (e) =>
      (e.item ?? []).every(
        (i) =>
          i.servicedDate !== undefined &&
          i.quantity?.value !== undefined &&
          /^(?:\d{11}|compound)$/.test(codes(i.productOrService)[0] ?? ''),
      ),
  ],
  [
    '4.9.9 the ingredients of a compound have NDCs and quantities',
    (e) => (e.item ?? []).some((i) => codes(i.productOrService).includes('compound')),
    (e) =>
      codes(info(e, 'compoundcode')[0]?.code).includes('2') &&
      (e.item ?? []).every(
        (i) =>
          (i.detail ?? []).length > 0 &&
          (i.detail ?? []).every(
            (d) => /^\d{11}$/.test(codes(d.productOrService)[0] ?? '') && d.quantity?.value !== undefined,
          ),
      ),
  ],
  [
    '4.7.4 4.9.8 further teeth are linked to a line that has a site; surfaces have a tooth',
    (e) => info(e, 'additionalbodysite').length > 0,
    (e) =>
      info(e, 'additionalbodysite').every(({ sequence }) =>
        (e.item ?? []).some((i) => i.informationSequence?.includes(sequence) && i.bodySite !== undefined),
      ) && (e.item ?? []).every((i) => !i.subSite || i.bodySite !== undefined),
  ],
  [
    '4.9.8 an oral line has a CDT number and no revenue code',
    oral,
    (e) =>
      (e.item ?? []).every(
        (i) => i.revenue === undefined && /^D\d{4}$/.test(codes(i.productOrService)[0] ?? ''),
      ),
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
