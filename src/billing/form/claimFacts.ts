import type {
  Claim,
  ClaimCareTeam,
  ClaimInsurance,
  ClaimItem,
  ClaimResponse,
  ClaimSupportingInfo,
  Coverage,
  Organization,
  Patient,
  Practitioner,
  PractitionerRole,
  Reference,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { centsOf, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { knownAs, type Known } from '../../datatypes/known.ts';
import { coverageCodes, isMedicaid, isMedicare, typology } from '../../terminology/coverageType.ts';
import { system } from '../../terminology/system.ts';

/** What both paper forms ask of a claim and of what it refers to. */

/** A claim to be put on paper. */
export interface FormInput {
  readonly claim: Claim;
  readonly known: Known;
}

export type Person = Patient | RelatedPerson;

/** Who provided, and the taxonomy that a role or the resource names. */
export interface NamedProvider {
  readonly provider: Organization | Practitioner;
  readonly taxonomy: string;
}

export function providerOf(known: Known, reference: Reference | undefined): NamedProvider | undefined {
  const role = knownAs<PractitionerRole>(known, 'PractitionerRole', reference);
  const person = knownAs<Practitioner>(known, 'Practitioner', role ? role.practitioner : reference);
  const first = (codes: readonly (string | undefined)[]): string => codes.find((c) => c !== undefined) ?? '';
  if (person) {
    const own = (person.qualification ?? []).map((q) => codeOf(q.code, system.taxonomy));
    const ofRole = (role?.specialty ?? []).map((s) => codeOf(s, system.taxonomy));
    return { provider: person, taxonomy: first([...ofRole, ...own]) };
  }
  const organization = knownAs<Organization>(known, 'Organization', reference);
  if (!organization) return undefined;
  const types = (organization.type ?? []).map((t) => codeOf(t, system.taxonomy));
  return { provider: organization, taxonomy: first(types) };
}

/** One payer of the claim with what is known of its coverage. */
export interface Payer {
  readonly insurance: ClaimInsurance;
  readonly at: string;
  readonly coverage: Coverage | undefined;
  readonly payer: Organization | undefined;
  readonly holder: Person | undefined;
  readonly isSelf: boolean;
  readonly answer: ClaimResponse | undefined; // of a payer before
}

/** The payers of a claim in their order. */
export function payersOf({ claim, known }: FormInput): Payer[] {
  return claim.insurance
    .map((insurance, i): Payer => {
      const coverage = knownAs<Coverage>(known, 'Coverage', insurance.coverage);
      const relationship = relationshipOf(coverage);
      const isSelf = relationship === 'self';
      const own = insurance.focal ? knownAs<Organization>(known, 'Organization', claim.insurer) : undefined;
      return {
        insurance,
        at: `Claim.insurance[${i}]`,
        coverage,
        payer: own ?? knownAs<Organization>(known, 'Organization', coverage?.payor[0]),
        holder: isSelf
          ? knownAs<Patient>(known, 'Patient', claim.patient)
          : (knownAs<Patient>(known, 'Patient', coverage?.subscriber) ??
            knownAs<RelatedPerson>(known, 'RelatedPerson', coverage?.subscriber)),
        isSelf,
        answer: knownAs<ClaimResponse>(known, 'ClaimResponse', insurance.claimResponse),
      };
    })
    .sort((a, b) => a.insurance.sequence - b.insurance.sequence);
}

/** What the patient is to the insured; a Coverage that does not say is the patient's own. */
export const relationshipOf = (coverage: Coverage | undefined): string =>
  codeOf(coverage?.relationship, system.subscriberRelationship) ??
  coverage?.relationship?.coding?.[0]?.code ??
  'self';

/** The kinds of payer that a form tells apart. */
export type PayerKind = 'medicare' | 'medicaid' | 'tricare' | 'champva' | 'feca' | 'group' | 'other';

export function payerKind(coverage: Coverage): PayerKind {
  const codes = coverageCodes(coverage);
  const kind = typology(coverage);
  if (isMedicare(coverage)) return 'medicare';
  if (isMedicaid(coverage)) return 'medicaid';
  if (codes.includes('CH') || kind.startsWith('31')) return 'tricare';
  if (codes.includes('VA') || kind.startsWith('32')) return 'champva';
  if (codes.includes('WC') || kind.startsWith('95')) return kind.startsWith('951') ? 'feca' : 'other';
  return classOf(coverage, 'group') === undefined ? 'other' : 'group';
}

export const classOf = (coverage: Coverage | undefined, kind: string) =>
  coverage?.class?.find((c) => c.type.coding?.some(({ code }) => code === kind) === true);

/** Supporting information of a category, that of lines too. */
export const supportOf = (
  { supportingInfo = [] }: Pick<Claim, 'supportingInfo'>,
  category: string,
): ClaimSupportingInfo[] =>
  supportingInfo.filter((info) => info.category.coding?.some((c) => c.code === category) === true);

/** The code of the first entry of a category. */
export const supportCode = (claim: Claim, category: string): string =>
  supportOf(claim, category)[0]?.code?.coding?.[0]?.code ?? '';

/** Members of a role. A line has those that it points at before those of the whole claim. */
export const membersOf = ({ careTeam = [] }: Claim, ...roles: readonly string[]): ClaimCareTeam[] =>
  roles.flatMap((role) => careTeam.filter((m) => m.role?.coding?.some(({ code }) => code === role) === true));

export function memberOfLine(
  claim: Claim,
  item: ClaimItem,
  ...roles: readonly string[]
): ClaimCareTeam | undefined {
  const all = membersOf(claim, ...roles);
  return all.find((m) => item.careTeamSequence?.includes(m.sequence) === true) ?? all[0];
}

/** The value and day of a signature: extension with `value` and `date`. */
export function signatureOf(claim: Claim, url: string): { readonly value: string; readonly date: string } {
  const signed = extensionOf(claim, url);
  return {
    value: extensionOf(signed, 'value')?.valueCode ?? '',
    date: extensionOf(signed, 'date')?.valueDate ?? '',
  };
}

/** What a payer before paid. */
export const paidBy = ({ answer }: Payer): Cents => centsOf(answer?.payment?.amount) ?? zero;

/** The codes and modifiers of a service. */
export const procedureOf = (item: Pick<ClaimItem, 'productOrService'>): string =>
  codeOf(item.productOrService, system.hcpcs, system.hcpcsHttp, system.cpt) ?? '';

export const modifiersOf = ({ modifier = [] }: ClaimItem): string[] =>
  modifier.flatMap((m) => m.coding?.[0]?.code ?? []);
