import type {
  Claim,
  ClaimDiagnosis,
  ClaimItem,
  ClaimSupportingInfo,
  CodeableConcept,
  Coding,
  ExplanationOfBenefit,
  ExplanationOfBenefitCareTeam,
  ExplanationOfBenefitDiagnosis,
  ExplanationOfBenefitItem,
  ExplanationOfBenefitSupportingInfo,
  Reference,
} from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { dateOf } from '../../datatypes/date.ts';
import { changed, without } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { system } from '../../terminology/system.ts';
import type { Profile } from './profile.ts';

/** The care team with the roles the profile knows; each member a Practitioner or Organization. */
export function careTeam(claim: Claim, profile: Profile): Pick<ExplanationOfBenefit, 'careTeam'> {
  const members = (claim.careTeam ?? []).flatMap((member): ExplanationOfBenefitCareTeam[] => {
    const role = (member.role?.coding ?? []).find((c) => roleSystem(profile, c) !== undefined);
    const type = parseReference(member.provider.reference)?.type;
    if (!role?.code || (type !== 'Practitioner' && type !== 'Organization')) return [];
    const taxonomy = member.qualification?.coding?.filter((c) => c.system === system.taxonomy) ?? [];
    return [
      {
        sequence: member.sequence,
        provider: member.provider,
        ...(member.responsible === undefined ? {} : { responsible: member.responsible }),
        role: concept(roleSystem(profile, role) ?? '', role.code),
        ...(taxonomy.length > 0 ? { qualification: { coding: taxonomy } } : {}),
      },
    ];
  });
  return members.length === 0 ? {} : { careTeam: members };
}

const roleSystem = (profile: Profile, { code }: Coding): string | undefined =>
  profile.careTeamRoles[code ?? ''];

const hasCategory = (kept: readonly ClaimSupportingInfo[], code: string): boolean =>
  kept.some((s) => has(s.category, system.c4bbSupportingInfo, code));

/** What the profile takes over of the supporting information; the day the claim came in; and whose place it was. */
export function supportingInfo(
  claim: Claim,
  profile: Profile,
  facility?: Reference,
): ExplanationOfBenefitSupportingInfo[] {
  const kept = keptSupport(claim, profile);
  const category = (code: string): CodeableConcept => concept(system.c4bbSupportingInfo, code);
  const added = [
    ...(hasCategory(kept, 'clmrecvddate')
      ? []
      : [{ category: category('clmrecvddate'), timingDate: dateOf(claim.created) }]),
    ...(facility === undefined ||
    hasCategory(kept, 'servicefacility') ||
    !profile.supportingInfo.has('servicefacility')
      ? []
      : [{ category: category('servicefacility'), valueReference: facility }]),
  ];
  const last = Math.max(0, ...(claim.supportingInfo ?? []).map((s) => s.sequence));
  return [...kept.map(asExplained), ...added.map((one, i) => changed(one, { sequence: last + 1 + i }))];
}

/** A reason is a CodeableConcept on a claim and a Coding on an explanation. */
function asExplained(of: ClaimSupportingInfo): ExplanationOfBenefitSupportingInfo {
  const [reason] = of.reason?.coding ?? [];
  return changed(without(of, 'reason'), reason ? { reason } : {});
}

const keptSupport = (claim: Claim, profile: Profile): ClaimSupportingInfo[] =>
  (claim.supportingInfo ?? []).filter((s) =>
    s.category.coding?.some(
      (c) => c.system === system.c4bbSupportingInfo && profile.supportingInfo.has(c.code ?? ''),
    ),
  );

/** Which of the information that is taken over a line points to. */
function pointed(
  { informationSequence }: ClaimItem,
  claim: Claim,
  profile: Profile,
): Pick<ExplanationOfBenefitItem, 'informationSequence'> {
  const shown = new Set(keptSupport(claim, profile).map((s) => s.sequence));
  const kept = informationSequence?.filter((s) => shown.has(s)) ?? [];
  return kept.length === 0 ? {} : { informationSequence: kept };
}

/** Each diagnosis with one type the profile knows; one that has two (principal and admitting) is listed twice. */
export function diagnoses(claim: Claim, profile: Profile): ExplanationOfBenefitDiagnosis[] {
  const all = claim.diagnosis ?? [];
  const principal = all.find((d) => typeCodes(d).includes('principal')) ?? all[0];
  let next = Math.max(0, ...all.map((d) => d.sequence));
  const first: ExplanationOfBenefitDiagnosis[] = [];
  const further: ExplanationOfBenefitDiagnosis[] = [];
  for (const d of all) {
    const types = knownTypes(d, profile, d === principal);
    types.forEach((type, i) => {
      const sequence = i === 0 ? d.sequence : ++next;
      (i === 0 ? first : further).push({ sequence, ...explainedDiagnosis(d, profile), type: [type] });
    });
  }
  return [...first, ...further];
}

const typeCodes = (d: ClaimDiagnosis): string[] =>
  d.type?.flatMap((t) => t.coding?.flatMap((c) => c.code ?? []) ?? []) ?? [];

function knownTypes(d: ClaimDiagnosis, profile: Profile, isPrincipal: boolean): CodeableConcept[] {
  const allowed = profile.diagnosisTypes;
  const known = [
    ...new Set(typeCodes(d).filter((c) => allowed[c] !== undefined && (c !== 'principal' || isPrincipal))),
  ];
  const isSingle = profile.form === 'professional' || profile.form === 'oral';
  const rest = isSingle ? 'secondary' : 'other';
  const codes = known.length > 0 ? known : [isPrincipal ? 'principal' : rest];
  const shown = isSingle ? codes.slice(0, 1) : codes;
  return shown.map((code) => concept(allowed[code] ?? '', code));
}

function explainedDiagnosis(
  d: ClaimDiagnosis,
  { form }: Profile,
): Pick<ExplanationOfBenefitDiagnosis, 'diagnosisCodeableConcept' | 'onAdmission'> {
  return {
    ...(d.diagnosisCodeableConcept ? { diagnosisCodeableConcept: d.diagnosisCodeableConcept } : {}),
    ...(form === 'inpatient' && d.onAdmission ? { onAdmission: d.onAdmission } : {}),
  };
}

/** A line as it was billed; a code of the charge master alone is said to be not applicable. */
export function explainedItem(item: ClaimItem, profile: Profile, claim: Claim): ExplanationOfBenefitItem {
  const { sequence, diagnosisSequence, modifier, revenue, quantity, unitPrice, net, encounter } = item;
  const members = new Set(careTeam(claim, profile).careTeam?.map((c) => c.sequence));
  const careTeamSequence = item.careTeamSequence?.filter((s) => members.has(s)) ?? [];
  return {
    sequence,
    ...(careTeamSequence.length > 0 ? { careTeamSequence } : {}),
    ...(diagnosisSequence ? { diagnosisSequence } : {}),
    ...pointed(item, claim, profile),
    ...(revenue ? { revenue } : {}),
    productOrService: billedCode(item),
    ...(modifier ? { modifier } : {}),
    ...served(item, profile, claim),
    ...(item.locationCodeableConcept ? { locationCodeableConcept: item.locationCodeableConcept } : {}),
    ...(quantity ? { quantity } : {}),
    ...(unitPrice ? { unitPrice } : {}),
    ...(net ? { net } : {}),
    ...(encounter ? { encounter } : {}),
    ...(profile.form === 'oral' ? mouthOf(item, claim, profile) : {}),
    ...(profile.form === 'pharmacy' && item.detail ? { detail: ingredients(item.detail) } : {}),
  };
}

/** Where in the mouth; the line points at what the explanation takes over. */
function mouthOf(
  { bodySite, subSite, informationSequence }: ClaimItem,
  claim: Claim,
  profile: Profile,
): Pick<ExplanationOfBenefitItem, 'bodySite' | 'subSite' | 'informationSequence'> {
  const shown = new Set(supportingInfo(claim, profile).map((s) => s.sequence));
  const pointed = informationSequence?.filter((s) => shown.has(s)) ?? [];
  return {
    ...(bodySite ? { bodySite } : {}),
    ...(subSite ? { subSite } : {}),
    ...(pointed.length > 0 ? { informationSequence: pointed } : {}),
  };
}

/** The ingredients of a compound drug, without what they cost. */
const ingredients = (
  detail: NonNullable<ClaimItem['detail']>,
): NonNullable<ExplanationOfBenefitItem['detail']> =>
  detail.map(({ sequence, productOrService, quantity }) => ({
    sequence,
    productOrService,
    ...(quantity ? { quantity } : {}),
  }));

const billed: readonly (string | undefined)[] = [
  ...[system.hcpcs, system.cpt, system.cdt],
  ...[system.ndc, system.c4bbCompound],
];

function billedCode({ productOrService }: ClaimItem): CodeableConcept {
  const coding = (productOrService.coding ?? [])
    .map((c) => (c.system === system.hcpcsHttp ? { ...c, system: system.hcpcs } : c))
    .filter((c) => billed.includes(c.system));
  return coding.length > 0
    ? { coding }
    : concept(system.dataAbsentReason, 'not-applicable', 'Not Applicable');
}

/** An outpatient or pharmacy line has one date (C4BB); the others a date or a period. */
function served(
  { servicedDate, servicedPeriod }: ClaimItem,
  { form }: Profile,
  { billablePeriod, created }: Claim,
): Pick<ExplanationOfBenefitItem, 'servicedDate' | 'servicedPeriod'> {
  if (servicedDate !== undefined) return { servicedDate };
  if (servicedPeriod !== undefined && form !== 'outpatient' && form !== 'pharmacy') return { servicedPeriod };
  if (form === 'inpatient') return {};
  return { servicedDate: dateOf(servicedPeriod?.start ?? billablePeriod?.start ?? created) };
}
