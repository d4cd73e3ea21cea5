import type {
  CodeableConcept,
  Coding,
  Condition,
  Device,
  DeviceUseStatement,
  DiagnosticReport,
  Encounter,
  Immunization,
  Location,
  Medication,
  MedicationAdministration,
  MedicationDispense,
  MedicationRequest,
  Observation,
  Procedure,
} from '@medplum/fhirtypes';

/** Everything charted in one encounter that billing looks at, in order of creation. See docs/model.md */
export interface Chart {
  readonly encounter: Encounter & { id: string };
  readonly conditions: readonly Condition[];
  readonly procedures: readonly Procedure[];
  readonly observations: readonly Observation[];
  readonly diagnosticReports: readonly DiagnosticReport[];
  readonly medicationAdministrations: readonly MedicationAdministration[];
  readonly medicationDispenses: readonly MedicationDispense[];
  readonly immunizations: readonly Immunization[];
  readonly deviceUseStatements: readonly DeviceUseStatement[];
  /** What the chart refers to, by reference: 'Device/1', 'Medication/1', 'MedicationRequest/1', 'Location/1'. */
  readonly devices: ReadonlyMap<string, Device>;
  readonly medications: ReadonlyMap<string, Medication>;
  /** Other dispenses of the prescriptions of this chart, in whatever visit. */
  readonly otherFills: readonly MedicationDispense[];
  readonly prescriptions: ReadonlyMap<string, MedicationRequest>;
  readonly locations: ReadonlyMap<string, Location>;
}

/** A code that can stand on a bill; `text` describes what was done where the code itself does not. */
export interface BillingCode {
  readonly system: string;
  readonly code: string;
  readonly text?: string;
}

/** What a charted concept is billed as, and how that was found. */
export interface Coded {
  readonly how: 'charted' | 'mapped' | 'not-billable' | 'no-map';
  readonly codes: readonly BillingCode[];
  readonly from?: Coding;
}

/** Turns chart codes into the codes of a bill. */
export interface Coder {
  service(concept: CodeableConcept | undefined): Coded;
  /** ICD-10-CM with dot: as charted, else through a map. */
  reasons(concept: CodeableConcept | undefined): readonly string[];
  /** HCPCS modifiers of a body site or side. */
  modifiers(concept: CodeableConcept | undefined): readonly string[];
  /** The code of one system: as charted, else through a map. */
  to(system: string, concept: CodeableConcept | undefined): string | undefined;
}
