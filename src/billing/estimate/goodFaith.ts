import type { Claim, CodeableConcept, Coding, Reference } from '@medplum/fhirtypes';
import { sum, toMoney, type Cents } from '../../datatypes/cents.ts';
import { concept, has } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';

/** A service that is expected, with its price of the charge master. */
export interface ExpectedItem {
  readonly code: CodeableConcept;
  readonly date: string;
  readonly units: number;
  readonly charge: Cents;
}

/** Whom an estimate expects to pay a part: the first payer of the patient. */
export interface Insured {
  readonly coverage: string; // Coverage/1
  readonly insurer: string; // Organization/1
}

/** What an estimate says: a good-faith one, or one of what an insured patient will owe. */
export interface GoodFaith {
  readonly id: string;
  readonly number: string;
  readonly on: string; // the day it is given
  readonly patient: string; // Patient/1
  readonly practice: string; // Organization/1
  readonly provider?: Reference | undefined; // the clinician
  readonly appointment?: string | undefined; // Appointment/1
  readonly labels: readonly Coding[];
  readonly diagnoses: readonly Coding[];
  readonly items: readonly ExpectedItem[];
  readonly insured?: Insured | undefined; // none: no insurance pays
}

export const totalOf = (items: readonly ExpectedItem[]): Cents => sum(items.map((i) => i.charge));

/** The estimate as a Claim of use predetermination: what will be charged. */
export function goodFaithClaim(estimate: GoodFaith): Claim & { id: string } {
  const { id, number, on, patient, practice, provider, appointment, labels, diagnoses, items, insured } =
    estimate;
  const days = items.map((i) => i.date).sort();
  const [first, last] = [days[0], days.at(-1)];
  const period = first === undefined || last === undefined ? {} : { start: first, end: last };
  return {
    resourceType: 'Claim',
    id,
    ...(labels.length > 0 ? { meta: { security: [...labels] } } : {}),
    identifier: [{ system: system.documentNumber, value: number }],
    status: 'active',
    type: concept(system.claimType, 'professional'),
    use: 'predetermination',
    patient: { reference: patient },
    billablePeriod: period,
    created: on,
    provider: { reference: practice },
    priority: concept(system.processPriority, 'normal'),
    ...(provider ? { careTeam: [{ sequence: 1, provider: partyOf(provider) }] } : {}),
    ...(appointment === undefined
      ? {}
      : {
          supportingInfo: [
            {
              sequence: 1,
              category: concept(system.supportingInfo, 'appointment'),
              valueReference: { reference: appointment },
            },
          ],
        }),
    ...(diagnoses.length === 0
      ? {}
      : {
          diagnosis: diagnoses.map((d, i) => ({
            sequence: i + 1,
            diagnosisCodeableConcept: { coding: [d] },
          })),
        }),
    ...(insured ? { insurer: { reference: insured.insurer } } : {}),
    insurance: [
      {
        sequence: 1,
        focal: true,
        coverage: insured ? { reference: insured.coverage } : { display: 'Pays without insurance' },
      },
    ],
    item: items.map(({ code, date, units, charge }, i) => ({
      sequence: i + 1,
      ...(provider ? { careTeamSequence: [1] } : {}),
      ...(diagnoses.length > 0 ? { diagnosisSequence: diagnoses.map((_, d) => d + 1) } : {}),
      productOrService: code,
      servicedDate: date,
      quantity: { value: units },
      net: toMoney(charge),
    })),
    total: toMoney(totalOf(items)),
  };
}

/** Whether an estimate is a good-faith one: it names no Coverage. */
export const isGoodFaith = ({ use, insurance }: Claim): boolean =>
  use === 'predetermination' && insurance.every(({ coverage }) => coverage.reference === undefined);

/** The Appointment that an estimate is for: Appointment/1. */
export const appointmentOf = ({ supportingInfo = [] }: Claim): string | undefined =>
  supportingInfo.find(({ category }) => has(category, system.supportingInfo, 'appointment'))?.valueReference
    ?.reference;

const partyOf = ({ reference, display }: Reference): { reference?: string; display?: string } => ({
  ...(reference === undefined ? {} : { reference }),
  ...(display === undefined ? {} : { display }),
});
