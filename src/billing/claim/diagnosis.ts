import type { ClaimDiagnosis, CodeableConcept } from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import { icd10cm, isExternalCause } from '../../terminology/icd10cm.ts';
import { exemptFromPoa } from '../../terminology/presentOnAdmission.ts';
import { system } from '../../terminology/system.ts';
import { limits, type Part } from './split.ts';

/** What the visit was for, as the chart says. */
export interface ChartedDiagnoses {
  readonly diagnoses: readonly { readonly code: string; readonly onAdmission?: CodeableConcept }[];
  readonly admitting?: string;
  readonly reasonsForVisit: readonly string[];
}

type Listed = ChartedDiagnoses['diagnoses'][number];

/**
 * The diagnoses of one part: those of the visit, then what its lines are for. A part of another billing provider takes
 * only what its own lines are for. What no line points to gives way to the limit.
 */
function listed(part: Part, charted: ChartedDiagnoses, main: boolean, issues: Issue[]): Listed[] {
  const reasons = [...new Set(part.lines.flatMap((l) => l.reasons))];
  const known = new Map(charted.diagnoses.map((d) => [d.code, d]));
  const visit = main || reasons.length === 0 ? charted.diagnoses : [];
  const first = main ? [] : charted.diagnoses.filter((d) => reasons.includes(d.code));
  const added = reasons.map((code) => known.get(code) ?? { code });
  const all = [...new Map([...visit, ...first, ...added].map((d) => [d.code, d])).values()];
  const ordered = [
    ...all.filter((d) => !isExternalCause(d.code)),
    ...all.filter((d) => isExternalCause(d.code)),
  ];
  const { diagnoses: limit } = limits[part.form];
  if (ordered.length <= limit) return ordered;
  const needed = new Set([...reasons, ...ordered.slice(0, 1).map((d) => d.code)]);
  const kept = new Set(
    [...ordered.filter((d) => needed.has(d.code)), ...ordered.filter((d) => !needed.has(d.code))].slice(
      0,
      limit,
    ),
  );
  for (const { code } of ordered.filter((d) => !kept.has(d))) {
    issues.push(
      decided('diagnosis-limit', 'Claim.diagnosis', `${code} is left out: a claim takes ${limit.toString()}`),
    );
  }
  return ordered.filter((d) => kept.has(d));
}

const c4bb = (code: string): CodeableConcept => concept(system.c4bbDiagnosisType, code);
const hl7 = (code: string): CodeableConcept => concept(system.diagnosisType, code);

/** Professional: the first is principal, the others secondary, external causes last (837P loop 2300, HI). */
export function professionalDiagnoses(
  part: Part,
  charted: ChartedDiagnoses,
  { main, issues }: { readonly main: boolean; readonly issues: Issue[] },
): ClaimDiagnosis[] {
  return listed(part, charted, main, issues).map(({ code }, i) => ({
    sequence: i + 1,
    diagnosisCodeableConcept: concept(system.icd10cm, code),
    type: [i === 0 ? hl7('principal') : c4bb('secondary')],
  }));
}

/**
 * Institutional: principal, others and external causes, with the present-on-admission indicator on a stay; then the
 * admitting diagnosis of a stay, or the reasons of an outpatient visit (837I loop 2300, HI).
 */
export function institutionalDiagnoses(
  part: Part,
  charted: ChartedDiagnoses,
  {
    main,
    inpatient,
    on,
    issues,
  }: {
    readonly main: boolean;
    readonly inpatient: boolean;
    readonly on: string;
    readonly issues: Issue[];
  },
): ClaimDiagnosis[] {
  const all = listed(part, charted, main, issues);
  const diagnoses = all.map((d, i) => {
    const external = isExternalCause(d.code);
    const poa = inpatient ? onAdmission(d, on) : undefined;
    return {
      type: [i === 0 ? hl7('principal') : c4bb(external ? 'externalcauseofinjury' : 'other')],
      diagnosisCodeableConcept: concept(system.icd10cm, d.code),
      ...(poa ? { onAdmission: poa } : {}),
    };
  });
  const [principal] = all;
  const admitting = charted.admitting ?? principal?.code;
  const also = inpatient
    ? (admitting === undefined ? [] : [admitting]).map((code) => ({ code, type: hl7('admitting') }))
    : charted.reasonsForVisit.slice(0, 3).map((code) => ({ code, type: c4bb('patientreasonforvisit') }));
  return [
    ...diagnoses,
    ...also.map(({ code, type }) => ({
      type: [type],
      diagnosisCodeableConcept: concept(system.icd10cm, code),
    })),
  ].map((d, i) => ({ sequence: i + 1, ...d }));
}

/** As charted, else exempt where the code is (billing rule 22). */
function onAdmission({ code, onAdmission: charted }: Listed, on: string): CodeableConcept | undefined {
  if (charted) return charted;
  const exempt = icd10cm(code, on)?.poaExempt === true;
  return exempt ? concept(system.presentOnAdmission, exemptFromPoa) : undefined;
}
