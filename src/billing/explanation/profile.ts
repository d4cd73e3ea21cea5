import type { Claim } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';

/** What a C4BB 2.0.0 profile takes over from a claim. See https://hl7.org/fhir/us/carin-bb/STU2/ */
export interface Profile {
  readonly canonical: string;
  readonly form: 'professional' | 'outpatient' | 'inpatient' | 'oral' | 'pharmacy';
  readonly careTeamRoles: Readonly<Record<string, string>>; // code → its system
  readonly diagnosisTypes: Readonly<Record<string, string>>; // code → its system
  readonly supportingInfo: ReadonlySet<string>;
}

const canonical = (name: string): string =>
  `http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-${name}|2.0.0`;

const ofStay = [
  'typeofbill',
  'pointoforigin',
  'admtype',
  'discharge-status',
  'medicalrecordnumber',
  'patientaccountnumber',
  'clmrecvddate',
];
const institutionalRoles = {
  primary: system.claimCareTeamRole,
  attending: system.c4bbCareTeamRole,
  referring: system.c4bbCareTeamRole,
  operating: system.c4bbCareTeamRole,
  otheroperating: system.c4bbCareTeamRole,
  rendering: system.c4bbCareTeamRole,
};

export const professional: Profile = {
  canonical: canonical('Professional-NonClinician'),
  form: 'professional',
  careTeamRoles: {
    primary: system.claimCareTeamRole,
    supervisor: system.claimCareTeamRole,
    rendering: system.c4bbCareTeamRole,
    purchasedservice: system.c4bbCareTeamRole,
    referring: system.c4bbCareTeamRole,
  },
  diagnosisTypes: { principal: system.diagnosisType, secondary: system.c4bbDiagnosisType },
  supportingInfo: new Set([
    'clmrecvddate',
    'servicefacility',
    'medicalrecordnumber',
    'patientaccountnumber',
    'patientweight',
    'ambulancetransportreason',
    'transportationdistance',
    'roudtrippurpose',
    'stretcherpurpose',
    'pickuplocation',
    'dropofflocation',
  ]),
};

export const outpatient: Profile = {
  canonical: canonical('Outpatient-Institutional'),
  form: 'outpatient',
  careTeamRoles: institutionalRoles,
  diagnosisTypes: {
    principal: system.diagnosisType,
    other: system.c4bbDiagnosisType,
    externalcauseofinjury: system.c4bbDiagnosisType,
    patientreasonforvisit: system.c4bbDiagnosisType,
  },
  supportingInfo: new Set(ofStay),
};

export const inpatient: Profile = {
  canonical: canonical('Inpatient-Institutional'),
  form: 'inpatient',
  careTeamRoles: institutionalRoles,
  diagnosisTypes: {
    principal: system.diagnosisType,
    admitting: system.diagnosisType,
    other: system.c4bbDiagnosisType,
    externalcauseofinjury: system.c4bbDiagnosisType,
  },
  supportingInfo: new Set([...ofStay, 'admissionperiod', 'drg']),
};

export const oral: Profile = {
  canonical: canonical('Oral'),
  form: 'oral',
  careTeamRoles: professional.careTeamRoles,
  diagnosisTypes: professional.diagnosisTypes,
  supportingInfo: new Set([
    'clmrecvddate',
    'servicefacility',
    'orthodontics',
    'prosthesis',
    'additionalbodysite',
    'missingtoothnumber',
    'medicalrecordnumber',
    'patientaccountnumber',
  ]),
};

export const pharmacy: Profile = {
  canonical: canonical('Pharmacy'),
  form: 'pharmacy',
  careTeamRoles: { primary: system.claimCareTeamRole, prescribing: system.c4bbCareTeamRole },
  diagnosisTypes: {},
  supportingInfo: new Set([
    'dayssupply',
    'dawcode',
    'refillnum',
    'refillsauthorized',
    'brandgenericindicator',
    'rxorigincode',
    'clmrecvddate',
    'compoundcode',
  ]),
};

/** The profile that an explanation of the claim follows. */
export function profileOf({ type, subType }: Claim): Profile {
  if (has(type, system.claimType, 'oral')) return oral;
  if (has(type, system.claimType, 'pharmacy')) return pharmacy;
  if (!has(type, system.claimType, 'institutional')) return professional;
  return has(subType, system.c4bbInstitutionalSubType, 'inpatient') ? inpatient : outpatient;
}
