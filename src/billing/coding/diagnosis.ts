import type { CodeableConcept, Condition } from '@medplum/fhirtypes';
import type { Chart, Coder } from '../../datatypes/chart.ts';
import { has } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { same } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { decided, missing, warning, type Issue } from '../../outcome/issue.ts';
import { isExternalCause } from '../../terminology/icd10cm.ts';
import { extension } from '../../terminology/system.ts';

/** A diagnosis of the visit, in the order it is billed. */
export interface VisitDiagnosis {
  readonly code: string; // ICD-10-CM with dot
  readonly onAdmission?: CodeableConcept;
}

/** What the visit was for. */
export interface VisitDiagnoses {
  readonly diagnoses: readonly VisitDiagnosis[];
  readonly admitting?: string;
  /** What the patient came for, where reasonCode says so beside the diagnoses. */
  readonly reasonsForVisit: readonly string[];
  readonly issues: readonly Issue[];
}

const roles = 'http://terminology.hl7.org/CodeSystem/diagnosis-role';
const verification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

const stands = (c: Condition): boolean =>
  !['refuted', 'entered-in-error'].some((code) => has(c.verificationStatus, verification, code));

interface Candidate {
  readonly concept: CodeableConcept | undefined;
  readonly where: string;
  readonly onAdmission?: CodeableConcept;
}

const ofCondition = (c: Condition): Candidate => {
  const onAdmission = extensionOf(c, extension.presentOnAdmission)?.valueCodeableConcept;
  return { concept: c.code, where: `Condition/${c.id ?? ''}`, ...(onAdmission ? { onAdmission } : {}) };
};

/**
 * The diagnoses of a visit: Encounter.diagnosis by rank, else the encounter's Conditions, else its reasonCode, else the
 * reason a ConceptMap gives for its type. The first source that gives one is taken, and the outcome says which.
 */
export function visitDiagnoses(chart: Chart, coder: Coder): VisitDiagnoses {
  const { encounter } = chart;
  const listed = [...(encounter.diagnosis ?? [])]
    .map((d, i) => changed(d, { rank: d.rank ?? Number.MAX_SAFE_INTEGER, i }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .flatMap((d) => {
      const condition = chart.conditions.find((c) =>
        same(d.condition, { reference: `Condition/${c.id ?? ''}` }),
      );
      return condition && stands(condition) ? [{ condition, admitting: has(d.use, roles, 'AD') }] : [];
    });
  const discharge = listed.filter((d) => !d.admitting);
  const issues: Issue[] = [];
  const sources: readonly (readonly [string, readonly Candidate[]])[] = [
    ['Encounter.diagnosis', (discharge.length > 0 ? discharge : listed).map((d) => ofCondition(d.condition))],
    ['Condition', chart.conditions.filter(stands).map(ofCondition)],
    ['Encounter.reasonCode', reasons(chart)],
    ['Encounter.type', (encounter.type ?? []).map((concept) => ({ concept, where: 'Encounter.type' }))],
  ];
  const diagnoses = firstSource(sources, coder, issues);
  const admitting = listed.find((d) => d.admitting);
  const [admittingCode] = admitting ? coder.reasons(admitting.condition.code) : [];
  return {
    diagnoses,
    ...(admittingCode === undefined ? {} : { admitting: admittingCode }),
    reasonsForVisit: (encounter.reasonCode ?? []).flatMap((r) => coder.reasons(r)),
    issues,
  };
}

const reasons = ({ encounter }: Chart): Candidate[] =>
  (encounter.reasonCode ?? []).map((concept, i) => ({
    concept,
    where: `Encounter.reasonCode[${i.toString()}]`,
  }));

function firstSource(
  sources: readonly (readonly [string, readonly Candidate[]])[],
  coder: Coder,
  issues: Issue[],
): VisitDiagnosis[] {
  for (const [name, candidates] of sources) {
    const found = new Map<string, VisitDiagnosis>();
    for (const { concept, where, onAdmission } of candidates) {
      const codes = coder.reasons(concept);
      if (codes.length === 0 && name !== 'Encounter.type') {
        issues.push(
          warning('diagnosis-unmapped', where, 'has no ICD-10-CM code and no ConceptMap gives one'),
        );
      }
      for (const code of codes)
        if (!found.has(code)) found.set(code, { code, ...(onAdmission ? { onAdmission } : {}) });
    }
    if (found.size > 0) {
      issues.push(decided('diagnosis-source', name, `the diagnoses are taken from ${name}`));
      return externalCausesLast([...found.values()]);
    }
  }
  return [];
}

/** An external cause is never first-listed (billing rule 20). */
const externalCausesLast = (all: readonly VisitDiagnosis[]): VisitDiagnosis[] => [
  ...all.filter((d) => !isExternalCause(d.code)),
  ...all.filter((d) => isExternalCause(d.code)),
];

/** The fault of a visit whose chart says nowhere what it was for. */
export const diagnosisMissing: Issue = missing(
  'diagnosis-missing',
  'Encounter.diagnosis',
  'no Condition, reasonCode or mapped type says what the visit was for',
);
