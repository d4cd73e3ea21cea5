import type {
  ChargeItemDefinition,
  CodeableConcept,
  Coverage,
  Extension,
  InsurancePlan,
  MedicationDispense,
  MedicationRequest,
  Procedure,
} from '@medplum/fhirtypes';
import { coded, coverage, own, patient, rule, visit } from '../firm/visit.ts';
import type { Office } from '../firm/office.ts';

type Stored<T> = T & { id: string };

export const cdt = 'http://www.ada.org/cdt';
export const ndc = 'http://hl7.org/fhir/sid/ndc';
export const tooth = 'http://terminology.hl7.org/CodeSystem/ADAUniversalToothDesignationSystem';
export const area = 'http://terminology.hl7.org/CodeSystem/ADAAreaOralCavitySystem';
export const surface = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSurfaceCodes';
export const compound = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBCompoundLiteral';
const ncpdp = (name: string): string => `http://terminology.hl7.org/CodeSystem/NCPDP${name}`;
const money = (value: number) => ({ value, currency: 'USD' as const });
const usd = (value: number) => ({ value, system: 'urn:iso:std:iso:4217', code: 'USD' });
const percent = (value: number) => ({ value, system: 'http://unitsofmeasure.org', code: '%', unit: '%' });

/** A line of the charge master: a price per unit, of a drug with what handing it over costs. */
const priced = (
  uri: string,
  code: string,
  value: number,
  extension: readonly Extension[] = [],
): Stored<ChargeItemDefinition> => ({
  resourceType: 'ChargeItemDefinition',
  id: `price-${code.toLowerCase()}`,
  url: `https://practice.example/price/${code}`,
  status: 'active',
  code: coded(uri, code),
  ...(extension.length > 0 ? { extension: [...extension] } : {}),
  propertyGroup: [{ priceComponent: [{ type: 'base', amount: money(value) }] }],
});

const fee = (value: number): Extension => ({ url: own('dispensing-fee'), valueMoney: money(value) });

export const prices: readonly Stored<ChargeItemDefinition>[] = [
  priced(cdt, 'D0120', 52),
  priced(cdt, 'D1110', 98),
  priced(cdt, 'D2392', 215.5),
  priced(cdt, 'D2740', 1240),
  priced(ndc, '55111-0682-05', 1.35, [fee(9.75)]), // a tablet, generic
  priced(ndc, '00071-0155-23', 11.2, [fee(9.75)]), // a tablet, brand
  priced(ndc, '00054-3721-44', 0.32), // a millilitre
  priced(compound, 'compound', 22.5),
];

const cost = (type: string, value: ReturnType<typeof usd> | ReturnType<typeof percent>) => ({
  type: rule(type),
  value,
});
const benefit = (type: CodeableConcept, ...costs: ReturnType<typeof cost>[]) => ({
  type,
  cost: costs,
});

type Plan = NonNullable<InsurancePlan['plan']>[number];

/** A dental plan with fees by CDT number and 20 % of all that has no rate of its own. */
const planOf = (
  id: string,
  owner: string,
  fees: Readonly<Record<string, readonly [fee: number, rate?: number]>>,
  more: Partial<InsurancePlan> & { readonly generalCost?: Plan['generalCost'] } = {},
): Stored<InsurancePlan> => {
  const { generalCost, ...rest } = more;
  return {
    resourceType: 'InsurancePlan',
    id,
    status: 'active',
    identifier: [{ system: 'https://claimwright.example/fhir/sid/plan-id', value: id }],
    ownedBy: { reference: owner },
    ...rest,
    plan: [
      {
        ...(generalCost ? { generalCost } : {}),
        specificCost: [
          {
            category: rule('fee-schedule'),
            benefit: [
              ...Object.entries(fees).map(([code, [value, rate]]) =>
                benefit(
                  coded(cdt, code),
                  cost('fee', usd(value)),
                  ...(rate === undefined ? [] : [cost('coinsurance', percent(rate))]),
                ),
              ),
              benefit(rule('any'), cost('coinsurance', percent(20))),
            ],
          },
        ],
      },
    ],
  };
};

/** Deductible 50.00, 20 % of what is not preventive, 50 % of crowns, at most 600.00 a year. */
export const dentalPlan = planOf(
  'juniper-dental',
  'Organization/juniper-ridge',
  { D0120: [38], D1110: [74.5], D2392: [168.25], D2740: [905, 50] },
  {
    coverage: [
      { type: rule('preventive'), benefit: ['D0120', 'D1110'].map((code) => ({ type: coded(cdt, code) })) },
    ],
    generalCost: [
      { type: rule('deductible'), cost: money(50) },
      { type: rule('benefit-maximum'), cost: money(600) },
    ],
  },
);

/** The plan of another payer: crowns at 850.00, 20 % of everything. */
export const secondDentalPlan = planOf('senior-dental', 'Organization/federal-senior', {
  D0120: [38],
  D1110: [74.5],
  D2392: [168.25],
  D2740: [850],
});

/** Copays of 10.00 and 40.00, a dispensing fee of 1.75; millilitres without a tier of their own. */
export const drugPlan: Stored<InsurancePlan> = {
  resourceType: 'InsurancePlan',
  id: 'juniper-rx',
  status: 'active',
  identifier: [{ system: 'https://claimwright.example/fhir/sid/plan-id', value: 'juniper-rx' }],
  ownedBy: { reference: 'Organization/juniper-ridge' },
  coverage: [{ type: rule('brand-drugs'), benefit: [{ type: coded(ndc, '00071015523') }] }],
  plan: [
    {
      specificCost: [
        {
          category: rule('fee-schedule'),
          benefit: [
            benefit(coded(ndc, '55111068205'), cost('fee', usd(0.42))),
            benefit(coded(ndc, '00071015523'), cost('fee', usd(8.15))),
            benefit(coded(ndc, '00054372144'), cost('fee', usd(0.21))),
            benefit(coded(compound, 'compound'), cost('fee', usd(15))),
            benefit(rule('any'), cost('dispensing-fee', usd(1.75))),
            benefit(rule('generic-drug'), cost('copay', usd(10))),
            benefit(rule('brand-drug'), cost('copay', usd(40))),
          ],
        },
      ],
    },
  ],
};

const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** A Coverage for one benefit only, of a plan that may be another than the usual. */
type Over = Partial<Coverage> & { readonly plan?: string };
export const dental = (id: string, of: string, over: Over = {}): Stored<Coverage> =>
  coverage(id, of, { plan: 'juniper-dental', type: coded(actCode, 'DENTAL'), ...over });
export const drugs = (id: string, of: string, over: Over = {}): Stored<Coverage> =>
  coverage(id, of, { plan: 'juniper-rx', type: coded(actCode, 'DRUGPOL'), ...over });

export interface Of {
  readonly patient: string;
  readonly encounter: string;
  readonly at: string;
}

/** A dental Procedure by its CDT number, with teeth, areas and surfaces as body sites. */
export const dentalProcedure = (
  id: string,
  of: Of,
  code: string,
  over: Partial<Procedure> = {},
): Stored<Procedure> => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  code: coded(cdt, code),
  subject: { reference: `Patient/${of.patient}` },
  encounter: { reference: `Encounter/${of.encounter}` },
  performedDateTime: of.at,
  ...over,
});

/** A prescription of 30 tablets with 3 refills, sent electronically (origin 3). */
export const prescription = (
  id: string,
  of: Of,
  over: Partial<MedicationRequest> = {},
): Stored<MedicationRequest> => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: coded(ndc, '55111-0682-05'),
  subject: { reference: `Patient/${of.patient}` },
  requester: { reference: 'Practitioner/ruth-abernathy' },
  dispenseRequest: { numberOfRepeatsAllowed: 3 },
  extension: [
    { url: own('prescription-origin'), valueCodeableConcept: coded(ncpdp('PrescriptionOriginCode'), '3') },
  ],
  ...over,
});

/** The second fill of a prescription: 30 tablets for 30 days. */
export const dispense = (
  id: string,
  of: Of,
  over: Partial<MedicationDispense> = {},
): Stored<MedicationDispense> => ({
  resourceType: 'MedicationDispense',
  id,
  identifier: [{ system: 'https://pharmacy.example/rx', value: `RX-${id}` }],
  status: 'completed',
  ...(over.medicationReference ? {} : { medicationCodeableConcept: coded(ndc, '55111-0682-05') }),
  subject: { reference: `Patient/${of.patient}` },
  context: { reference: `Encounter/${of.encounter}` },
  authorizingPrescription: [{ reference: `MedicationRequest/${of.encounter}-rx` }],
  quantity: { value: 30, unit: 'tablet', system: 'http://unitsofmeasure.org', code: '{tbl}' },
  daysSupply: { value: 30, unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' },
  whenHandedOver: of.at,
  extension: [
    { url: own('fill-number'), valueUnsignedInt: 1 },
    { url: own('brand-generic'), valueCodeableConcept: coded(ncpdp('BrandGenericIndicator'), '2') },
  ],
  ...over,
});

/** A visit without a billable visit type: a dental chair, or the counter of a pharmacy. */
export const chair = (name: string, day: string) => {
  const { type: _type, ...encounter } = visit(name, name, day);
  return encounter;
};

/** Puts prices and plans of dental services and drugs into an office. */
export const openCounter = (office: Office): Promise<void> =>
  office.put(...prices, dentalPlan, secondDentalPlan, drugPlan);

export const at = (day: string, name: string): Of => ({
  patient: name,
  encounter: name,
  at: `${day}T09:15:00-04:00`,
});

export { patient };
