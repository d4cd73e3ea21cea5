import type {
  Claim,
  ClaimAccident,
  ClaimCareTeam,
  ClaimDiagnosis,
  ClaimInsurance,
  CodeableConcept,
  Coverage,
  Encounter,
  Extension,
  Organization,
  Reference,
} from '@medplum/fhirtypes';
import { sum, toMoney, type Cents } from '../../datatypes/cents.ts';
import type { Coder } from '../../datatypes/chart.ts';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import { extension, system } from '../../terminology/system.ts';
import { accidentOfCase, besideCase, type EpisodeCase } from './episodeCase.ts';
import { institutionalDiagnoses, professionalDiagnoses, type ChartedDiagnoses } from './diagnosis.ts';
import type { Fill } from './fill.ts';
import { items } from './item.ts';
import { besideOralLines, furtherSites } from './oralSite.ts';
import { limits, type Part } from './split.ts';
import type { StayBill } from './stretch.ts';
import { besideLines, stayAndBill, numbered } from './supportingInfo.ts';

/** Someone of the care team, with the taxonomy that qualifies for it. */
export interface Clinician {
  readonly reference: string; // Practitioner/1
  readonly taxonomy?: CodeableConcept;
}

/** Everything a claim is made of, already read. */
export interface ClaimBasis {
  readonly encounter: Encounter & { id: string };
  readonly coder: Coder;
  readonly patient: string;
  readonly account: { readonly reference: string; readonly number: string };
  readonly practice: string;
  readonly inpatient: boolean;
  readonly period: { readonly start: string; readonly end: string }; // of the visit, FHIR dates
  readonly bill?: StayBill; // of a stay: the days that this claim is for
  readonly diagnoses: ChartedDiagnoses;
  readonly coverages: readonly Coverage[]; // in order; the claim goes to the first
  readonly organizations: ReadonlyMap<string, Organization>; // billing providers
  readonly clinician: (reference: string) => Clinician;
  readonly attending?: string;
  readonly referring?: string;
  readonly referral?: Reference;
  readonly patientPaid: Cents;
  readonly missingTeeth?: readonly string[];
  readonly ofCase?: EpisodeCase;
}

/** The draft claim of one part, without number, date and id: what the chart alone decides. */
export function assemble(basis: ClaimBasis, part: Part, issues: Issue[]): Omit<Claim, 'created'> {
  const { encounter, inpatient, coverages, practice } = basis;
  const main = part.provider === practice;
  const institutional = part.form === 'institutional';
  const diagnosis = diagnosesOf(basis, part, issues);
  const oral = part.lines.flatMap((l) => l.oral ?? []);
  const fill = part.lines.find((l) => l.fill)?.fill;
  const careTeam = careTeamOf(basis, part);
  const item = items(
    part,
    {
      encounter: `Encounter/${encounter.id}`,
      inpatient,
      diagnoses: diagnosis.map((d) => codeOf(d.diagnosisCodeableConcept, system.icd10cm) ?? ''),
      furtherSites: furtherSites(oral),
      ...(isLed(part, careTeam) ? { careTeamSequence: 1 } : {}),
    },
    issues,
  );
  const accident = accidentOf(encounter) ?? (basis.ofCase && accidentOfCase(basis.ofCase));
  const facility = part.lines.find((l) => l.facility !== undefined)?.facility;
  const [payer] = coverages;
  issues.push(...partIssues(part));
  return {
    resourceType: 'Claim',
    extension: [
      { url: extension.account, valueReference: { reference: basis.account.reference } },
      { url: extension.claimPart, valueString: part.key },
      ...signatures(basis, part.provider),
    ],
    status: 'draft',
    type: concept(system.claimType, part.form),
    ...(institutional
      ? { subType: concept(system.c4bbInstitutionalSubType, inpatient ? 'inpatient' : 'outpatient') }
      : {}),
    use: 'claim',
    patient: { reference: basis.patient },
    billablePeriod: billedPeriod(basis, part),
    insurer: { reference: payer?.payor[0]?.reference ?? '' },
    provider: { reference: part.provider },
    priority: concept(system.processPriority, 'normal'),
    payee: { type: concept(system.payeeType, 'provider'), party: { reference: part.provider } },
    ...(main && basis.referral ? { referral: basis.referral } : {}),
    ...(facility === undefined ? {} : { facility: { reference: facility } }),
    ...(careTeam.length > 0 ? { careTeam } : {}),
    ...(fill?.prescription ? { prescription: prescriptionOf(fill.prescription) } : {}),
    supportingInfo: numbered([
      ...(part.form === 'oral' ? besideOralLines(oral, basis.missingTeeth ?? []) : []),
      ...(fill?.supportingInfo ?? []),
      ...(institutional
        ? stayAndBill(encounter, basis.coder, { inpatient, ...basis.period, bill: basis.bill })
        : []),
      ...besideLines(basis.account.number, basis.patientPaid),
      ...(basis.ofCase ? besideCase(basis.ofCase, `Coverage/${payer?.id ?? ''}`) : []),
    ]),
    ...(diagnosis.length > 0 ? { diagnosis } : {}),
    insurance: insuranceOf(basis),
    ...(accident ? { accident } : {}),
    item,
    total: toMoney(sum(part.lines.map((l) => l.net))),
  } as Omit<Claim, 'created'>;
}

const partIssues = ({ key, reason, place }: Part): Issue[] => [
  decided('claim-part', 'Claim', `${key}: ${reason === '' ? 'one claim' : `apart by ${reason}`}`),
  decided('place-of-service', 'Claim.item.location', `${place} for ${key}`),
];

/** The diagnoses of a part by its form; a pharmacy claim has none. */
function diagnosesOf(basis: ClaimBasis, part: Part, issues: Issue[]): ClaimDiagnosis[] {
  const main = part.provider === basis.practice;
  if (limits[part.form].diagnoses === 0) return [];
  return part.form === 'institutional'
    ? institutionalDiagnoses(part, basis.diagnoses, {
        main,
        inpatient: basis.inpatient,
        on: basis.period.end,
        issues,
      })
    : professionalDiagnoses(part, basis.diagnoses, { main, issues });
}

/** Whether the lines of a part point at the first of its care team. */
const isLed = ({ form, rendering }: Part, careTeam: readonly ClaimCareTeam[]): boolean =>
  form === 'pharmacy' ? careTeam.length > 0 : form !== 'institutional' && rendering !== undefined;

/** The days that a claim is for: of an institutional one the visit, or its part of the stay. */
function billedPeriod({ period, bill }: ClaimBasis, { form, lines }: Part): ClaimBasis['period'] {
  const days = lines.flatMap((l) => [l.start, l.end]).sort();
  if (form === 'institutional' && bill) return { start: bill.start, end: bill.end };
  // a stay is billed from the first service on that is paid with it, which may be before the admission
  if (form === 'institutional')
    return days[0] !== undefined && days[0] < period.start ? { ...period, start: days[0] } : period;
  return { start: days[0] ?? period.start, end: days.at(-1) ?? period.end };
}

/** Every payer by sequence; the first is the destination. */
function insuranceOf({ coverages, encounter }: ClaimBasis): ClaimInsurance[] {
  return coverages.map((coverage, i) => {
    const focal = i === 0;
    const number =
      extensionOf(coverage, extension.preAuthRef)?.valueString ??
      (focal ? extensionOf(encounter, extension.preAuthRef)?.valueString : undefined);
    return {
      sequence: i + 1,
      focal,
      coverage: { reference: `Coverage/${coverage.id ?? ''}` },
      ...(number === undefined ? {} : { preAuthRef: [number] }),
    };
  });
}

/** The prescription that a fill is for, by the pharmacy's number where it has one. */
const prescriptionOf = ({
  reference,
  number,
}: NonNullable<Fill['prescription']>): NonNullable<Claim['prescription']> => ({
  reference,
  ...(number === undefined ? {} : { identifier: { value: number } }),
});

/** Who prescribed (pharmacy); rendering (professional, oral) or attending (institutional) first, then who referred. */
function careTeamOf(basis: ClaimBasis, part: Part): ClaimCareTeam[] {
  const institutional = part.form === 'institutional';
  const lead = institutional ? (basis.attending ?? part.rendering) : part.rendering;
  const prescriber = part.lines.find((l) => l.fill?.prescriber)?.fill?.prescriber;
  const members: (readonly [string, string])[] =
    part.form === 'pharmacy'
      ? prescriber === undefined
        ? []
        : [['prescribing', prescriber]]
      : [
          ...(lead === undefined ? [] : [[institutional ? 'attending' : 'rendering', lead] as const]),
          ...(basis.referring === undefined ? [] : [['referring', basis.referring] as const]),
        ];
  return members.map(([role, reference], i) => {
    const { reference: provider, taxonomy } = basis.clinician(reference);
    return {
      sequence: i + 1,
      provider: { reference: provider },
      ...(i === 0 ? { responsible: true } : {}),
      role: concept(system.c4bbCareTeamRole, role),
      ...(taxonomy ? { qualification: taxonomy } : {}),
    };
  });
}

/** Extension `accident` of the Encounter: date, type and state (837P CLM11, DTP*439). */
function accidentOf(encounter: Encounter): ClaimAccident | undefined {
  const charted = extensionOf(encounter, extension.accident);
  const date = extensionOf(charted, 'date')?.valueDate;
  if (charted === undefined || date === undefined) return undefined;
  const type = extensionOf(charted, 'type')?.valueCodeableConcept;
  const state = extensionOf(charted, 'state')?.valueString;
  return {
    date,
    ...(type ? { type } : {}),
    ...(state === undefined ? {} : { locationAddress: { state } }),
  };
}

/** Signature, assignment and release (837 CLM06 to CLM09): the default of the billing provider, else the usual one. */
const usual: readonly (readonly [string, string])[] = [
  [extension.providerSignature, 'Y'],
  [extension.assignmentOfBenefits, 'Y'],
  [extension.acceptAssignment, 'A'],
  [extension.releaseOfInformation, 'Y'],
];

function signatures({ organizations, practice, period }: ClaimBasis, provider: string): Extension[] {
  const own = organizations.get(provider);
  const parent = organizations.get(practice);
  return usual.map(([url, otherwise]) => ({
    url,
    extension: [
      {
        url: 'value',
        valueCode: extensionOf(own, url)?.valueCode ?? extensionOf(parent, url)?.valueCode ?? otherwise,
      },
      { url: 'date', valueDate: period.start },
    ],
  }));
}
