import { readFileSync } from 'node:fs';
import type {
  ExplanationOfBenefit,
  ExplanationOfBenefitCareTeam,
  ExplanationOfBenefitInsurance,
  Resource,
} from '@medplum/fhirtypes';
import { has } from '../../src/datatypes/coding.ts';
import { system } from '../../src/terminology/system.ts';
import { moneyFaults } from './c4bbMoney.ts';
import { inValueSet, profileFaults, treeOf, type Node, type Row, type ValueSets } from './profile.ts';

/** What is checked may lack what R4 requires. */
type Partly<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** CARIN Blue Button 2.0.0 as its own StructureDefinitions say, made by script/makeC4bb.ts. */
interface Fixture {
  readonly [profile: string]: Readonly<Record<string, Row>>;
}
const fixture = JSON.parse(
  readFileSync(new URL('../fixture/c4bb-2.0.0.json', import.meta.url), 'utf8'),
) as Fixture & { readonly valueSets: ValueSets };

const { valueSets } = fixture;
const canonical = 'http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-';
const amounts = valueSets['http://hl7.org/fhir/us/carin-bb/ValueSet/C4BBAdjudication'] ?? {};

const trees = new Map<string, Node>();
function tree(profile: string): Node | undefined {
  const rows = fixture[profile];
  const known = trees.get(profile) ?? (rows && treeOf(rows));
  if (known) trees.set(profile, known);
  return known;
}

/**
 * The profile that a resource must keep to: by its type; an ExplanationOfBenefit by
 * the kind of claim, or the profile it names where that is not told.
 */
export function c4bbProfile(resource: Resource): string | undefined {
  if (resource.resourceType !== 'ExplanationOfBenefit') return resource.resourceType;
  const { type, subType }: Partly<ExplanationOfBenefit> = resource;
  if (has(type, system.claimType, 'professional') || has(type, system.claimType, 'vision'))
    return 'ExplanationOfBenefit-Professional-NonClinician';
  if (!has(type, system.claimType, 'institutional'))
    return resource.meta?.profile
      ?.find((p) => p.startsWith(canonical))
      ?.slice(canonical.length)
      .split('|')[0];
  const outpatient = has(subType, system.c4bbInstitutionalSubType, 'outpatient');
  return `ExplanationOfBenefit-${outpatient ? 'Outpatient' : 'Inpatient'}-Institutional`;
}

const hasAmount = (adjudication: readonly { category?: unknown }[] | undefined): boolean =>
  adjudication?.some((a) => inValueSet(a.category, amounts)) ?? false;

/** The transportation categories; their sequences must stand in item.informationSequence. */
const transport = [
  'patientweight',
  'ambulancetransportreason',
  'transportationdistance',
  'roudtrippurpose',
  'stretcherpurpose',
  'pickuplocation',
  'dropofflocation',
];

/** The invariants of the institutional profiles, as they are meant. */
function institutional(eob: Partly<ExplanationOfBenefit>): string[] {
  const faults: string[] = [];
  const lines = eob.item ?? [];
  const header = hasAmount(eob.adjudication);
  if (header === lines.some((i) => hasAmount(i.adjudication)))
    faults.push(
      'EOB-institutional-item-or-header-adjudication: amounts in the header or in the lines, not both',
    );
  for (const { sequence, adjudication } of lines)
    if (adjudication && !hasAmount(adjudication))
      faults.push(`adjudication-has-amount-type-slice: line ${sequence}`);
  const information = eob.supportingInfo ?? [];
  const newborn = information.some((s) => has(s.code, system.admissionType, '4'));
  const admitted = information.some((s) => s.code?.coding?.some((c) => c.system === system.admissionType));
  const origin = (uri: string): boolean =>
    information.some((s) => s.code?.coding?.some((c) => c.system === uri));
  if (admitted && origin(newborn ? system.pointOfOrigin : system.pointOfOriginNewborn))
    faults.push('EOB-inst-pointoforigin: newborns, and only they, have a point of origin of newborns');
  return faults;
}

function professional(eob: Partly<ExplanationOfBenefit>): string[] {
  const linked = new Set(eob.item?.flatMap((i) => i.informationSequence ?? []));
  return (eob.supportingInfo ?? []).flatMap(({ category, sequence }) =>
    transport.some((code) => has(category, system.c4bbSupportingInfo, code)) && !linked.has(sequence)
      ? [`EOB-prof-transportation: no line refers to supportingInfo ${sequence}`]
      : [],
  );
}

/** Which roles a Practitioner must have, by the kind of claim. */
function careTeam(eob: Partly<ExplanationOfBenefit>, roles: readonly string[]): string[] {
  const members: readonly Partly<ExplanationOfBenefitCareTeam>[] = eob.careTeam ?? [];
  return members.flatMap(({ role, provider }, i) => {
    const personal = role?.coding?.some((c) => roles.includes(c.code ?? ''));
    const person = /(^|\/)Practitioner\//.test(provider?.reference ?? 'Practitioner/');
    return personal && !person ? [`EOB-careTeam-practitioner: careTeam ${i + 1} must be a Practitioner`] : [];
  });
}

function explanation(eob: Partly<ExplanationOfBenefit>, profile: string): string[] {
  const faults = profile.endsWith('Institutional') ? institutional(eob) : professional(eob);
  const own = profile.endsWith('Institutional') ? 'attending' : 'rendering';
  faults.push(...careTeam(eob, [own, 'primary', 'referring', 'supervisor']));
  const focal = (eob.insurance ?? []).filter((i) => i.focal).length;
  if (focal > 1) faults.push(`EOB-insurance-focal: ${focal} are focal, at most one`);
  if (has(eob.payee?.type, system.payeeType, 'other') && !eob.payee?.party)
    faults.push('EOB-payee-other-type-requires-party: payee.party is missing');
  if (eob.type?.coding?.some((c) => c.system === system.dataAbsentReason))
    faults.push('EOB-type-data-absent: type is never absent');
  return faults;
}

/** What the profile and its invariants find wrong; every line starts with the path or the name of the invariant. */
export function c4bbProfileFaults(resource: Resource): string[] {
  const profile = c4bbProfile(resource);
  const root = profile === undefined ? undefined : tree(profile);
  if (profile === undefined || !root) return [`no C4BB profile for ${resource.resourceType}`];
  const faults = profileFaults(resource, root, valueSets);
  if (!resource.meta?.profile?.some((p) => p.startsWith(`${canonical}${profile}|2.0.`)))
    faults.push(`meta-profile-version: ${canonical}${profile}|2.0.0 must be claimed`);
  if (resource.resourceType === 'ExplanationOfBenefit') faults.push(...explanation(resource, profile));
  if (resource.meta?.lastUpdated === undefined)
    faults.push('uncontained-requires-lastUpdated: meta.lastUpdated is missing');
  if (resource.resourceType === 'Practitioner') {
    const codes = resource.identifier?.flatMap((i) => i.type?.coding?.map((c) => c.code) ?? []);
    if (!codes?.some((c) => c === 'NPI' || c === 'TAX'))
      faults.push('Practitioner-identifier: an NPI or TAX identifier is missing');
  }
  return [...new Set(faults)];
}

/** What the public suite asks of a payer beyond the profile. */
function payerFaults({ outcome, ...eob }: Partly<ExplanationOfBenefit>): string[] {
  const insurance: readonly Partly<ExplanationOfBenefitInsurance>[] = eob.insurance ?? [];
  const faults = outcome === 'complete' ? [] : ['outcome: must be complete'];
  for (const [i, { coverage }] of insurance.entries())
    if (!coverage?.reference) faults.push(`insurance[${i}].coverage: must have a literal reference`);
  return faults;
}

/**
 * Everything wrong with a resource of ours by C4BB 2.0.0: the profile, its invariants, and for an
 * ExplanationOfBenefit its amounts, an outcome that is complete and a literal reference to each coverage.
 */
export function c4bbFaults(resource: Resource): string[] {
  const faults = c4bbProfileFaults(resource);
  if (resource.resourceType !== 'ExplanationOfBenefit') return faults;
  return [...faults, ...payerFaults(resource), ...moneyFaults(resource)];
}
