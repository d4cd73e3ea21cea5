import type {
  Claim,
  ClaimCareTeam,
  ClaimDiagnosis,
  ClaimInsurance,
  ClaimSupportingInfo,
  Coverage,
  Organization,
  Patient,
  Practitioner,
  PractitionerRole,
} from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';
import { typeOfBill, type TypeOfBill, isInpatientBill } from '../../terminology/typeOfBill.ts';
import { isExternalCause } from '../../terminology/icd10cm.ts';
import { dayOf, linesOf, type Line } from './line.ts';
import { servedOf, type Served } from './earlier.ts';
import { knownAs, type ScrubInput } from './input.ts';

/** What a claim is: its Claim.type, as far as it is billed here. */
export type ClaimForm = (typeof claimForms)[number];
const claimForms = ['professional', 'institutional', 'oral', 'pharmacy'] as const;

/** A diagnosis of the claim, read apart. */
export interface Diagnosis {
  readonly element: ClaimDiagnosis;
  readonly at: string;
  readonly code: string | undefined; // ICD-10-CM
  readonly types: ReadonlySet<string>; // principal, admitting, other, externalcauseofinjury …
  readonly external: boolean; // by its type or its chapter
}

export interface Insurance {
  readonly element: ClaimInsurance;
  readonly at: string;
  readonly coverage: Coverage | undefined;
}

export type Provider = Organization | Practitioner;

export interface Member {
  readonly element: ClaimCareTeam;
  readonly at: string;
  readonly provider: Provider | undefined;
  readonly roles: ReadonlySet<string>; // rendering, attending, referring …
}

/** A claim with what the rules ask of it again and again, read once. */
export interface ClaimView extends ScrubInput {
  readonly form: ClaimForm | undefined;
  readonly lines: readonly Line[];
  readonly diagnoses: readonly Diagnosis[];
  readonly insurances: readonly Insurance[];
  readonly focal: Insurance | undefined;
  readonly team: readonly Member[];
  readonly patient: Patient | undefined;
  readonly biller: Provider | undefined;
  readonly billCode: string | undefined; // as it stands on the claim
  readonly bill: TypeOfBill | undefined;
  readonly inpatient: boolean;
  readonly created: string; // FHIR date
  /** Its lines and those of earlier claims that stand; read only where there are tables to hold them against. */
  readonly served: readonly Served[];
  readonly start: string | undefined; // of the billable period, else the first service
  readonly end: string | undefined;
}

const diagnosisOf = (element: ClaimDiagnosis, i: number): Diagnosis => {
  const code = codeOf(element.diagnosisCodeableConcept, system.icd10cm, system.icd10);
  const types = new Set((element.type ?? []).flatMap((t) => (t.coding ?? []).flatMap((c) => c.code ?? [])));
  const external = types.has('externalcauseofinjury') || (code !== undefined && isExternalCause(code));
  return { element, at: `Claim.diagnosis[${i}]`, code, types, external };
};

/** Who a provider reference means: an organisation, a person, or the person of a role. */
function providerOf(
  known: ScrubInput['known'],
  reference: { reference?: string } | undefined,
): Provider | undefined {
  const role = knownAs<PractitionerRole>(known, 'PractitionerRole', reference);
  if (role) return knownAs<Practitioner>(known, 'Practitioner', role.practitioner);
  return (
    knownAs<Organization>(known, 'Organization', reference) ??
    knownAs<Practitioner>(known, 'Practitioner', reference)
  );
}

/** The supporting information of a category, with its place. */
export const supporting = (claim: Claim, category: string): { element: ClaimSupportingInfo; at: string }[] =>
  (claim.supportingInfo ?? []).flatMap((element, i) =>
    element.category.coding?.some((c) => c.code === category)
      ? [{ element, at: `Claim.supportingInfo[${i}]` }]
      : [],
  );

/** Whether a claim says that a service fits the patient whatever their sex on file: condition code 45, or KX on a line. */
export const saysSexIsRight = (claim: Claim): boolean =>
  supporting(claim, 'condition-code').some(({ element }) => element.code?.coding?.[0]?.code === '45') ||
  (claim.item ?? []).some((i) => i.modifier?.some((m) => m.coding?.[0]?.code === 'KX'));

/** Whether a patient is known to be of the other sex than one that something is for. */
export const otherSex = (patient: Patient | undefined, only: 'female' | 'male'): boolean =>
  patient?.gender === (only === 'female' ? 'male' : 'female');

function formOf(claim: Claim): ClaimView['form'] {
  const code = codeOf(claim.type, system.claimType);
  return claimForms.find((form) => form === code);
}

/** Reads a claim once for all rules. */
export function viewOf(input: ScrubInput): ClaimView {
  const { claim, known } = input;
  const lines = linesOf(claim, known);
  const insurances = claim.insurance.map((element, i) => ({
    element,
    at: `Claim.insurance[${i}]`,
    coverage: knownAs<Coverage>(known, 'Coverage', element.coverage),
  }));
  const billCode = supporting(claim, 'typeofbill')[0]?.element.code?.coding?.[0]?.code;
  const bill = billCode === undefined ? undefined : typeOfBill(billCode);
  const days = lines.flatMap((l) => [l.from ?? [], l.through ?? []].flat()).sort();
  return {
    ...input,
    form: formOf(claim),
    lines,
    diagnoses: (claim.diagnosis ?? []).map(diagnosisOf),
    insurances,
    focal: insurances.find((i) => i.element.focal),
    team: (claim.careTeam ?? []).map((element, i) => ({
      element,
      at: `Claim.careTeam[${i}]`,
      provider: providerOf(known, element.provider),
      roles: new Set((element.role?.coding ?? []).flatMap((c) => c.code ?? [])),
    })),
    patient: knownAs<Patient>(known, 'Patient', claim.patient),
    biller: providerOf(known, claim.provider),
    billCode,
    bill,
    inpatient: bill
      ? isInpatientBill(bill.kind)
      : (claim.subType?.coding?.some((c) => c.code === 'inpatient') ?? false),
    served: input.tables ? servedOf(input, lines) : [],
    created: dayOf(claim.created) ?? input.on,
    start: dayOf(claim.billablePeriod?.start) ?? days[0],
    end: dayOf(claim.billablePeriod?.end) ?? days.at(-1),
  };
}
