import type {
  Account,
  Consent,
  ConsentProvision,
  Organization,
  Patient,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { ageOn, dateOf } from '../datatypes/date.ts';
import { extensionOf, extensionsOf } from '../datatypes/extension.ts';
import { parseReference } from '../datatypes/reference.ts';
import type { Reader } from '../store/store.ts';
import { extension, system } from '../terminology/system.ts';
import { current, found } from './reading.ts';

/** Age of majority where no practice says otherwise; years. */
const usually = 18;
/** States where it is another by law, by their postal code. */
const byState: Readonly<Partial<Record<string, number>>> = { AL: 19, NE: 19 };

/** Relationships by which somebody acts for a minor: parents of any kind, grandparents, guardians (v3-RoleCode). */
const raising: ReadonlySet<string> = new Set([
  ...['PRN', 'FTH', 'MTH', 'NPRN', 'NFTH', 'NMTH', 'ADOPTP', 'ADOPTF', 'ADOPTM', 'PRNFOST', 'FTHFOST'],
  ...['MTHFOST', 'STPPRN', 'STPFTH', 'STPMTH', 'GESTM', 'GRPRN', 'GRFTH', 'GRMTH', 'MGRPRN'],
  ...['PGRPRN', 'MGRFTH', 'MGRMTH', 'PGRFTH', 'PGRMTH', 'GUARD', 'GUADLTM'],
]);

/** Who acts for a patient, and what may say that they go on to. */
export interface Acting {
  readonly related: RelatedPerson;
  readonly user: string; // RelatedPerson/1
  readonly child: Patient;
  readonly consents: readonly Consent[]; // active ones of the patient
  readonly today: string;
}

/**
 * Whether somebody acts no longer for a patient who has come of age. That is so of parents and guardians, and where no
 * relationship is told; others, as a spouse, go on. A Consent of the grown patient, or one that lasts beyond that day
 * (as of a court), lets who it names go on.
 */
export async function endedByAge(
  reader: Reader,
  { related, user, child, consents, today }: Acting,
): Promise<boolean> {
  const { birthDate } = child;
  if (birthDate === undefined || !isOfMinor(related)) return false;
  const years = await ageOfMajority(reader, child);
  if (ageOn(birthDate, today) < years) return false;
  const since = `${Number(birthDate.slice(0, 4)) + years}${birthDate.slice(4)}`;
  return !consents.some((consent) => goesOn(consent, { user, since, today }));
}

function isOfMinor({ relationship = [] }: RelatedPerson): boolean {
  const codes = relationship
    .flatMap(({ coding = [] }) => coding)
    .flatMap((coding) => (coding.system === system.roleCode ? (coding.code ?? []) : []));
  return codes.length === 0 || codes.some((code) => raising.has(code));
}

/** The lowest of what the practices of a patient say, each for the state the patient lives in, else for all. */
async function ageOfMajority(reader: Reader, child: Patient): Promise<number> {
  const state = child.address?.find(({ state: of }) => of !== undefined)?.state?.toUpperCase();
  const accounts = await found<Account>(reader, 'Account', { patient: `Patient/${child.id ?? ''}` });
  const practices = [child.managingOrganization, ...accounts.map(({ owner }) => owner)];
  const names = new Set(practices.flatMap((practice) => practice?.reference ?? []));
  const ages: number[] = [];
  for (const name of names) {
    if (parseReference(name)?.type !== 'Organization') continue;
    const practice = await current<Organization>(reader, 'Organization', name);
    if (practice) ages.push(ageBy(practice, state));
  }
  return ages.length > 0 ? Math.min(...ages) : lawOf(state);
}

const lawOf = (state: string | undefined): number => byState[state ?? ''] ?? usually;

function ageBy(practice: Organization, state: string | undefined): number {
  const said = extensionsOf(practice, extension.ageOfMajority).map((one) => ({
    state: extensionOf(one, 'state')?.valueCode?.toUpperCase(),
    age: extensionOf(one, 'age')?.valuePositiveInt,
  }));
  const own =
    said.find((one) => one.state !== undefined && one.state === state) ?? said.find((one) => !one.state);
  return own?.age ?? lawOf(state);
}

interface Going {
  readonly user: string;
  readonly since: string; // the day of majority
  readonly today: string;
}

function goesOn({ dateTime, provision }: Consent, going: Going): boolean {
  if (!provision) return false;
  return provisions(provision, []).some(({ type, actors, period }) => {
    if (type !== 'permit' || !actors.includes(going.user)) return false;
    const { start, end } = period ?? {};
    if (start !== undefined && dateOf(start) > going.today) return false;
    if (end !== undefined && dateOf(end) < going.today) return false;
    return [dateTime, start, end].some((day) => day !== undefined && dateOf(day) >= going.since);
  });
}

interface Said {
  readonly type: ConsentProvision['type'];
  readonly actors: readonly string[];
  readonly period: ConsentProvision['period'];
}

/** A provision and those inside of it, which take from it whom they do not name themselves. */
function provisions(
  { type, actor, period, provision = [] }: ConsentProvision,
  outer: readonly string[],
): Said[] {
  const actors = actor?.flatMap(({ reference }) => reference.reference ?? []) ?? outer;
  return [{ type, actors, period }, ...provision.flatMap((inner) => provisions(inner, actors))];
}
