import type {
  Claim,
  ClaimCareTeam,
  ClaimDiagnosis,
  ClaimItem,
  ClaimSupportingInfo,
  CodeableConcept,
} from '@medplum/fhirtypes';
import { codeOf, concept, has } from '../../datatypes/coding.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import { lineSystems } from '../../terminology/serviceCode.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Clinician } from './assemble.ts';
import { editableElement, type ClaimEdit, type EditedLine, type EditName, type EditValue } from './edit.ts';

type Draft = Omit<Claim, 'created'>;

/** What edits are laid with: the sources of the charges, and who a named provider is. */
export interface EditSetting {
  readonly sources: ReadonlyMap<string, string>; // ChargeItem/1 → Procedure/1
  readonly clinician: (reference: string) => Clinician;
}

export const chargesOfLine = (item: ClaimItem): string[] =>
  extensionsOf(item, extension.chargeItem).flatMap((e) => e.valueReference?.reference ?? []);

/** The code of the service of a line. */
export const serviceOf = (item: ClaimItem): string | undefined =>
  codeOf(item.productOrService, ...lineSystems);

/** Where the line of an edit stands in a claim; -1 when it is gone. */
function placeOf(
  { item = [] }: Pick<Draft, 'item'>,
  line: EditedLine,
  sources: EditSetting['sources'],
): number {
  const same = item.findIndex((i) => chargesOfLine(i).includes(line.charge));
  if (same >= 0 || line.source === undefined) return same;
  const isAnew = (i: ClaimItem): boolean =>
    serviceOf(i) === line.service && chargesOfLine(i).some((c) => sources.get(c) === line.source);
  return item.findIndex(isAnew);
}

/** A draft with the edits of its biller laid over what the chart gives; what no longer fits is named, not dropped. */
export function layEdits<T extends Draft>(
  claim: T,
  edits: readonly ClaimEdit[],
  setting: EditSetting,
): { readonly claim: T; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  let laid = claim;
  // The order of diagnoses first, for lines point to it; what is said of a line wins over what is said of the claim.
  const rank = ({ element, line }: ClaimEdit): number => (element === 'diagnosis-order' ? 0 : line ? 2 : 1);
  for (const edit of edits.toSorted((a, b) => rank(a) - rank(b))) {
    const at = edit.line ? placeOf(laid, edit.line, setting.sources) : undefined;
    if (at === -1) issues.push(withoutLine(edit));
    else laid = changed(laid, laying(laid, edit, { at, setting, issues }));
  }
  return { claim: laid, issues };
}

/** An edit whose line is gone: it waits for it, and says so. */
export const withoutLine = ({ element, line }: ClaimEdit): Issue =>
  warning(
    'edit-without-line',
    'Claim.item',
    `the edit of ${element} is for ${line?.charge ?? 'the claim'}, which is on no line of this claim any more`,
  );

interface Laid {
  readonly at: number | undefined; // of the line
  readonly setting: EditSetting;
  readonly issues: Issue[];
}

/** The elements of a claim that one edit changes. */
function laying(claim: Draft, edit: ClaimEdit, { at, setting, issues }: Laid): Partial<Draft> {
  const { element, values } = edit;
  switch (editableElement(element).kind) {
    case 'modifier': {
      const modifier = values.flatMap((v) => v.valueCode ?? []).map((m) => concept(system.hcpcs, m));
      return { item: withLine(claim, at, (item) => changed(item, { modifier })) };
    }
    case 'diagnosis':
      return element === 'diagnosis-order'
        ? inOrder(claim, edit, issues)
        : pointed(claim, edit, { at, issues });
    case 'provider':
      return withMember(claim, edit, { at, setting });
    case 'number':
      return withNumber(claim, element, values[0]?.valueString ?? '');
    case 'hold': {
      const others = (claim.extension ?? []).filter((e) => e.url !== extension.claimHold);
      return { extension: [...others, { url: extension.claimHold, valueBoolean: true }] };
    }
    default:
      return withSupport(claim, edit, at);
  }
}

const withLine = (
  { item = [] }: Draft,
  at: number | undefined,
  change: (item: ClaimItem) => ClaimItem,
): ClaimItem[] => item.map((line, i) => (i === at ? change(line) : line));

const furtherTypes = ['secondary', 'other', 'externalcauseofinjury'];

/** Whether a diagnosis is a further one: not the principal, the admitting one or a reason for the visit. */
export const isFurther = ({ type = [] }: ClaimDiagnosis): boolean =>
  type.some((t) => furtherTypes.some((code) => has(t, system.c4bbDiagnosisType, code)));

export const icdOf = (d: ClaimDiagnosis): string | undefined =>
  codeOf(d.diagnosisCodeableConcept, system.icd10cm);

const missingDiagnosis = (expression: string, { element }: ClaimEdit): Issue =>
  warning(
    'edit-without-diagnosis',
    expression,
    `the edit of ${element} names a diagnosis that is no longer on the claim`,
  );

/** Further diagnoses in the order of the edit, those it does not name after them; lines point where they did. */
function inOrder(claim: Draft, edit: ClaimEdit, issues: Issue[]): Partial<Draft> {
  const { diagnosis: all = [], item = [] } = claim;
  const further = all.filter(isFurther);
  const wanted = edit.values.flatMap((v) => v.valueCode ?? []);
  const named = wanted.flatMap((code) => further.find((d) => icdOf(d) === code) ?? []);
  if (named.length < wanted.length) issues.push(missingDiagnosis('Claim.diagnosis', edit));
  const ordered = [...named, ...further.filter((d) => !named.includes(d))];
  const moved = new Map<number, number>();
  const diagnosis = all.map((d) => {
    const now = isFurther(d) ? (ordered.shift() ?? d) : d;
    moved.set(now.sequence, d.sequence);
    return changed(now, { sequence: d.sequence });
  });
  const repointed = item.map((line) =>
    line.diagnosisSequence
      ? changed(line, { diagnosisSequence: line.diagnosisSequence.map((s) => moved.get(s) ?? s) })
      : line,
  );
  return { diagnosis, item: repointed };
}

/** A line points at the diagnoses of the edit; where none of them is left, at those of the chart. */
function pointed(claim: Draft, edit: ClaimEdit, { at, issues }: Omit<Laid, 'setting'>): Partial<Draft> {
  const wanted = edit.values.flatMap((v) => v.valueCode ?? []);
  const found = wanted.flatMap((code) => claim.diagnosis?.find((d) => icdOf(d) === code)?.sequence ?? []);
  if (found.length < wanted.length) {
    issues.push(missingDiagnosis(`Claim.item[${(at ?? 0).toString()}].diagnosisSequence`, edit));
  }
  if (found.length === 0) return {};
  return { item: withLine(claim, at, (line) => changed(line, { diagnosisSequence: found })) };
}

const roles: Partial<Record<EditName, CodeableConcept>> = {
  'referring-provider': concept(system.c4bbCareTeamRole, 'referring'),
  'supervising-provider': concept(system.c4bbCareTeamRole, 'supervising'),
  'ordering-provider': concept(system.careTeamRole, 'ordering'),
};

/** The care team with a member of the role of the edit; of a line, its own one, else the only one of the claim. */
function withMember(
  claim: Draft,
  { element, values }: ClaimEdit,
  { at, setting }: Omit<Laid, 'issues'>,
): Partial<Draft> {
  const { careTeam = [] } = claim;
  const { reference, taxonomy } = setting.clinician(values[0]?.valueReference?.reference ?? '');
  const role = roles[element];
  const isOfRole = (m: ClaimCareTeam): boolean =>
    m.role?.coding?.[0]?.code === role?.coding?.[0]?.code &&
    m.role?.coding?.[0]?.system === role?.coding?.[0]?.system;
  const next = Math.max(0, ...careTeam.map((m) => m.sequence)) + 1;
  const line = at === undefined ? undefined : claim.item?.[at];
  const before = careTeam.find(
    (m) => isOfRole(m) && (at === undefined || line?.careTeamSequence?.includes(m.sequence) === true),
  );
  const sequence = before?.sequence ?? next;
  const member: ClaimCareTeam = {
    sequence,
    provider: { reference },
    ...(role ? { role } : {}),
    ...(taxonomy ? { qualification: taxonomy } : {}),
  };
  const team = before ? careTeam.map((m) => (m === before ? member : m)) : [...careTeam, member];
  if (at === undefined) return { careTeam: team };
  const pointing = (item: ClaimItem): ClaimItem =>
    changed(item, { careTeamSequence: [...new Set([...(item.careTeamSequence ?? []), sequence])] });
  return { careTeam: team, item: withLine(claim, at, pointing) };
}

/** The number of an authorisation stands with the payer the claim goes to, that of a referral with the referral. */
function withNumber({ insurance, referral }: Draft, element: EditName, value: string): Partial<Draft> {
  if (element === 'referral-number') return { referral: changed(referral ?? {}, { identifier: { value } }) };
  return { insurance: insurance.map((i) => (i.focal ? changed(i, { preAuthRef: [value] }) : i)) };
}

const ofEdit = 'edit-'; // how the ids of elements begin that an edit wrote

/** Whether an edit wrote this. */
export const isOfEdit = ({ id }: ClaimSupportingInfo): boolean => id?.startsWith(ofEdit) === true;

/** What a claim says beside its lines; of a line, the line points at it. */
function withSupport(claim: Draft, edit: ClaimEdit, at: number | undefined): Partial<Draft> {
  const { supportingInfo = [], item = [] } = claim;
  const ofLines = new Set(item.flatMap((i) => i.informationSequence ?? []));
  const ofLine = new Set(at === undefined ? [] : item[at]?.informationSequence);
  const isReplaced = (s: ClaimSupportingInfo): boolean =>
    has(s.category, system.supportingInfo, edit.element) &&
    (edit.code === undefined || s.code?.coding?.[0]?.code === edit.code) &&
    (at === undefined ? !ofLines.has(s.sequence) : ofLine.has(s.sequence));
  const gone = new Set(supportingInfo.filter(isReplaced).map((s) => s.sequence));
  const last = Math.max(0, ...supportingInfo.map((s) => s.sequence));
  const added = edit.values.map((value, i) => {
    const sequence = last + 1 + i;
    return changed(supportOf(edit, value), { id: `${ofEdit}${sequence.toString()}`, sequence });
  });
  const laid = [...supportingInfo.filter((s) => !gone.has(s.sequence)), ...added];
  if (at === undefined) return { supportingInfo: laid };
  const pointing = (line: ClaimItem): ClaimItem =>
    changed(line, {
      informationSequence: [
        ...(line.informationSequence ?? []).filter((s) => !gone.has(s)),
        ...added.map((s) => s.sequence),
      ],
    });
  return { supportingInfo: laid, item: withLine(claim, at, pointing) };
}

const codeSystems: Partial<Record<EditName, string>> = {
  'condition-code': system.conditionCode,
  'occurrence-code': system.occurrenceCode,
  'value-code': system.valueCode,
  'delay-reason': system.delayReason,
};

function supportOf({ element, code }: ClaimEdit, value: EditValue): Omit<ClaimSupportingInfo, 'sequence'> {
  const { valueDate, valuePeriod, valueCode, valueString, valueQuantity, valueReference, valueAttachment } =
    value;
  const coded = code ?? valueCode;
  const uri = codeSystems[element];
  return {
    category: concept(system.supportingInfo, element),
    ...(coded !== undefined && uri !== undefined ? { code: concept(uri, coded) } : {}),
    ...(valueDate === undefined ? {} : { timingDate: valueDate }),
    ...(valuePeriod === undefined ? {} : { timingPeriod: valuePeriod }),
    ...(valueString === undefined ? {} : { valueString }),
    ...(valueQuantity === undefined ? {} : { valueQuantity }),
    ...(valueReference === undefined ? {} : { valueReference }),
    ...(valueAttachment === undefined ? {} : { valueAttachment }),
  };
}
