import type { ClaimDiagnosis, CodeableConcept } from '@medplum/fhirtypes';
import { codeOf, concept } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { segment, usualDelimiters, type Segment } from '../../../x12/segment.ts';
import type { ClaimForm, Sending } from './sending.ts';

/** Diagnoses: HI of loop 2300, each way (billing rule 19). */

const icd9 = 'http://hl7.org/fhir/sid/icd-9-cm';

/** Present on admission: the code is exempt, which a 5010 claim says by saying nothing. */
const exempt = '1';

/** A diagnosis code without its point. */
export const plain = (code: string): string => code.replace('.', '');

/** A diagnosis code with its point: after the third character, of an ICD-9 E code after the fourth. */
export function pointed(code: string, uri: string): string {
  const at = uri === icd9 && code.startsWith('E') ? 4 : 3;
  return code.length > at ? `${code.slice(0, at)}.${code.slice(at)}` : code;
}

type Kind = 'principal' | 'admitting' | 'reason' | 'external' | 'other';

/** Qualifier of ICD-10-CM and of ICD-9-CM. */
const qualifiers: Readonly<Record<Kind, readonly [string, string]>> = {
  principal: ['ABK', 'BK'],
  other: ['ABF', 'BF'],
  admitting: ['ABJ', 'BJ'],
  reason: ['APR', 'PR'],
  external: ['ABN', 'BN'],
};

function kindOf({ type = [] }: ClaimDiagnosis): Kind {
  const is = (code: string): boolean => type.some((t) => t.coding?.some((c) => c.code === code) === true);
  if (is('principal')) return 'principal';
  if (is('admitting')) return 'admitting';
  if (is('patientreasonforvisit')) return 'reason';
  return is('externalcauseofinjury') ? 'external' : 'other';
}

function partsOf(kind: Kind, diagnosis: ClaimDiagnosis): string[] | undefined {
  const ten = codeOf(diagnosis.diagnosisCodeableConcept, system.icd10cm, system.icd10);
  const nine = codeOf(diagnosis.diagnosisCodeableConcept, icd9);
  const code = ten ?? nine;
  if (code === undefined) return undefined;
  const [now, then] = qualifiers[kind];
  const onAdmission = codeOf(diagnosis.onAdmission, system.presentOnAdmission);
  const isLeftOut = onAdmission === exempt || kind === 'admitting' || kind === 'reason';
  const present = onAdmission === undefined || isLeftOut ? [] : [onAdmission];
  return [
    ten === undefined ? then : now,
    plain(code),
    ...(present.length === 0 ? [] : ['', '', '', '', '', '', ...present]),
  ];
}

/** HI segments of diagnoses: one list on a professional or oral claim, one a kind on an institutional one. */
export function diagnosisSegments({ claim, form, problems }: Sending): Segment[] {
  const all = claim.diagnosis ?? [];
  if (form !== 'institutional') {
    const parts = all.flatMap((d, n) => {
      const found = partsOf(n === 0 ? 'principal' : 'other', d);
      return found ? [found] : [];
    });
    if (parts.length > 12) tooMany(problems, 12);
    return parts.length === 0 ? [] : [segment('HI', parts.slice(0, 12))];
  }
  return (Object.keys(qualifiers) as Kind[]).flatMap((kind) => {
    const parts = all
      .filter((d) => kindOf(d) === kind)
      .flatMap((d) => {
        const found = partsOf(kind, d);
        return found ? [found] : [];
      });
    const most = { principal: 1, admitting: 1, reason: 3, external: 12, other: 24 }[kind];
    if (parts.length > most) tooMany(problems, most);
    return inSegments(parts.slice(0, most));
  });
}

function tooMany(problems: Sending['problems'], most: number): void {
  problems.push({
    expression: 'Claim.diagnosis',
    text: `an 837 takes ${most} diagnoses of a kind; the rest is left out`,
  });
}

/** HI takes twelve composites. */
export function inSegments(parts: readonly (readonly string[])[]): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < parts.length; at += 12) segments.push(segment('HI', parts.slice(at, at + 12)));
  return segments;
}

/** SV107: the places of a line's diagnoses in HI. */
export const pointersOf = ({ claim }: Sending, sequences: readonly number[] | undefined): string[] =>
  (sequences ?? []).flatMap((sequence) => {
    const at = (claim.diagnosis ?? []).findIndex((d) => d.sequence === sequence);
    return at < 0 ? [] : [String(at + 1)];
  });

// From here on: the other way.

/** The composites of an HI with their parts. */
export function compositesOf({ elements, delimiters }: Segment): string[][] {
  const mark = delimiters.component === '' ? usualDelimiters.component : delimiters.component;
  return elements.filter((value) => value !== '').map((value) => value.split(mark));
}

/** The kind of diagnosis of a qualifier; undefined where HI holds something else. */
export function diagnosisKind(qualifier: string): Kind | undefined {
  return (Object.keys(qualifiers) as Kind[]).find((kind) => qualifiers[kind].includes(qualifier));
}

const order: readonly Kind[] = ['principal', 'other', 'external', 'admitting', 'reason'];

/** Claim.diagnosis of all HI segments. */
export function readDiagnoses(segments: readonly Segment[], form: ClaimForm): ClaimDiagnosis[] {
  const all = segments.flatMap(compositesOf).flatMap((parts) => {
    const kind = diagnosisKind(parts[0] ?? '');
    return kind === undefined ? [] : [{ kind, parts }];
  });
  const listed = form === 'institutional' ? order.flatMap((kind) => all.filter((d) => d.kind === kind)) : all;
  return listed.map(({ kind, parts }, n) => {
    const uri = qualifiers[kind][0] === parts[0] ? system.icd10cm : icd9;
    const present = parts[8] ?? '';
    return {
      sequence: n + 1,
      diagnosisCodeableConcept: concept(uri, pointed(parts[1] ?? '', uri)),
      type: [typeOf(kind, form)],
      ...(present === '' ? {} : { onAdmission: concept(system.presentOnAdmission, present) }),
    };
  });
}

function typeOf(kind: Kind, form: ClaimForm): CodeableConcept {
  if (kind === 'principal' || kind === 'admitting') return concept(system.diagnosisType, kind);
  if (kind === 'reason') return concept(system.c4bbDiagnosisType, 'patientreasonforvisit');
  if (kind === 'external') return concept(system.c4bbDiagnosisType, 'externalcauseofinjury');
  return concept(system.c4bbDiagnosisType, form === 'institutional' ? 'other' : 'secondary');
}
