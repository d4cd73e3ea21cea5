import type { Claim, ClaimDiagnosis, ClaimProcedure } from '@medplum/fhirtypes';
import { exactCents, zero } from '../../datatypes/cents.ts';
import { codeOf, has } from '../../datatypes/coding.ts';
import { isExternalCause } from '../../terminology/icd10cm.ts';
import { system } from '../../terminology/system.ts';
import { supportCode, supportOf } from './claimFacts.ts';
import { tell, write, type Sheet } from './sheet.ts';
import { amount, closeDate, noPoint } from './value.ts';

/** Form locators 18 to 28, 31 to 41 and 66 to 74: the codes of the bill, diagnoses and procedures. */
export function codeBoxes(sheet: Sheet, claim: Claim): void {
  conditions(sheet, claim);
  occurrences(sheet, claim);
  values(sheet, claim);
  diagnoses(sheet, claim);
  write(sheet, '71', supportCode(claim, 'drg').slice(-4), 'Claim.supportingInfo');
  procedures(sheet, claim.procedure ?? []);
}

const codeIn = (info: ReturnType<typeof supportOf>[number]): string => info.code?.coding?.[0]?.code ?? '';
const full = (what: string, most: number): string =>
  `a UB-04 takes ${most} ${what}: the further ones do not stand on the form`;

function conditions(sheet: Sheet, claim: Claim): void {
  const all = supportOf(claim, 'condition-code');
  all.slice(0, 11).forEach((info, i) => {
    write(sheet, `condition.${i + 1}`, codeIn(info), 'Claim.supportingInfo');
  });
  if (all.length > 11) tell(sheet, 'Claim.supportingInfo', full('condition codes', 11));
}

/** Form locators 31 to 34 in two rows, and the spans 35 and 36. */
function occurrences(sheet: Sheet, claim: Claim): void {
  const all = supportOf(claim, 'occurrence-code');
  const days = all.filter((o) => o.timingPeriod === undefined);
  const spans = all.filter((o) => o.timingPeriod !== undefined);
  days.slice(0, 8).forEach((info, i) => {
    write(sheet, `occurrence.${i + 1}`, codeIn(info), 'Claim.supportingInfo');
    write(sheet, `occurrence.${i + 1}.date`, closeDate(info.timingDate), 'Claim.supportingInfo');
  });
  spans.slice(0, 4).forEach((info, i) => {
    write(sheet, `span.${i + 1}`, codeIn(info), 'Claim.supportingInfo');
    write(sheet, `span.${i + 1}.from`, closeDate(info.timingPeriod?.start), 'Claim.supportingInfo');
    write(sheet, `span.${i + 1}.through`, closeDate(info.timingPeriod?.end), 'Claim.supportingInfo');
  });
  if (days.length > 8) tell(sheet, 'Claim.supportingInfo', full('occurrence codes', 8));
  if (spans.length > 4) tell(sheet, 'Claim.supportingInfo', full('occurrence spans', 4));
}

function values(sheet: Sheet, claim: Claim): void {
  const all = supportOf(claim, 'value-code');
  all.slice(0, 12).forEach((info, i) => {
    write(sheet, `value.${i + 1}`, codeIn(info), 'Claim.supportingInfo');
    const value = exactCents(info.valueQuantity?.value ?? 0) ?? zero;
    write(sheet, `value.${i + 1}.amount`, amount(value), 'Claim.supportingInfo');
  });
  if (all.length > 12) tell(sheet, 'Claim.supportingInfo', full('value codes', 12));
}

type Kind = 'principal' | 'admitting' | 'reason' | 'external' | 'other';

function kindOf({ type = [] }: ClaimDiagnosis, code: string): Kind {
  const is = (name: string): boolean => type.some((t) => t.coding?.some((c) => c.code === name) === true);
  if (is('principal')) return 'principal';
  if (is('admitting')) return 'admitting';
  if (is('patientreasonforvisit')) return 'reason';
  return is('externalcauseofinjury') || isExternalCause(code) ? 'external' : 'other';
}

/** 66 to 72: seven characters, and beside them the indicator of presence on admission. */
function diagnoses(sheet: Sheet, { diagnosis = [] }: Claim): void {
  const all = diagnosis.flatMap((d) => {
    const code = codeOf(d.diagnosisCodeableConcept, system.icd10cm, system.icd10);
    const present = codeOf(d.onAdmission, system.presentOnAdmission) ?? '';
    if (code === undefined) return [];
    return [{ kind: kindOf(d, code), code: noPoint(code), present }];
  });
  const of = (kind: Kind) => all.filter((d) => d.kind === kind);
  const principal = of('principal')[0];
  if (all.length > 0) write(sheet, '66', '0', 'Claim.diagnosis');
  const put = (box: string, d: { code: string; present: string } | undefined): void => {
    write(sheet, box, d?.code, 'Claim.diagnosis');
    write(sheet, `${box}.poa`, d?.present, 'Claim.diagnosis');
  };
  const first = principal ?? of('other')[0];
  put('67', first);
  const others = of('other').filter((d) => d !== first);
  others.slice(0, 17).forEach((d, i) => {
    put(`67.${'ABCDEFGHIJKLMNOPQ'[i] ?? ''}`, d);
  });
  if (others.length > 17) tell(sheet, 'Claim.diagnosis', full('other diagnoses', 17));
  write(sheet, '69', of('admitting')[0]?.code, 'Claim.diagnosis');
  of('reason')
    .slice(0, 3)
    .forEach((d, i) => {
      write(sheet, `70.${'abc'[i] ?? ''}`, d.code, 'Claim.diagnosis');
    });
  of('external')
    .slice(0, 3)
    .forEach((d, i) => {
      put(`72.${'abc'[i] ?? ''}`, d);
    });
  if (of('external').length > 3) tell(sheet, 'Claim.diagnosis', full('external causes', 3));
}

/** 74: the principal procedure, then five others. */
function procedures(sheet: Sheet, all: readonly ClaimProcedure[]): void {
  const coded = all.flatMap((p) => {
    const code = codeOf(p.procedureCodeableConcept, system.icd10pcs);
    const principal = p.type?.some((t) => has(t, system.c4bbProcedureType, 'principal')) === true;
    return code === undefined ? [] : [{ code, principal, date: closeDate(p.date) }];
  });
  const first = coded.find((p) => p.principal) ?? coded[0];
  const rest = coded.filter((p) => p !== first);
  [
    ...(first ? [['74', first] as const] : []),
    ...rest.slice(0, 5).map((p, i) => [`74.${'abcde'[i] ?? ''}`, p] as const),
  ].forEach(([box, p]) => {
    write(sheet, box, p.code, 'Claim.procedure');
    write(sheet, `${box}.date`, p.date, 'Claim.procedure');
  });
  if (rest.length > 5) tell(sheet, 'Claim.procedure', full('other procedures', 5));
}
