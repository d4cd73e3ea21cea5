import type {
  Consent,
  ConsentProvision,
  Patient,
  Person,
  PractitionerRole,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { contains } from '../datatypes/date.ts';
import { parseReference } from '../datatypes/reference.ts';
import { isEnrolment } from '../terminology/caseSystem.ts';
import type { Reader } from '../store/store.ts';
import type { Caller, OwnPatient } from './caller.ts';
import { endedByAge } from './majority.ts';
import { current, found } from './reading.ts';

/** What an account says of its holder. */
export interface Account {
  /** The name that the audit knows them by. */
  readonly name: string;
  readonly kind: Caller['kind'];
  readonly roles: readonly string[];
  /** Who they are in FHIR: fhirUser first (Patient/1, RelatedPerson/1, Practitioner/1, Person/1), then what else they are. */
  readonly users: readonly string[];
  /** The practices they work for; without them those of their PractitionerRoles. */
  readonly practices?: readonly string[];
}

/** Who an account is today, by what the store says. The reader sees everything. */
export async function resolveCaller(reader: Reader, account: Account, today: string): Promise<Caller> {
  const users = [...account.users];
  for (const user of account.users) users.push(...(await linkedTo(reader, user)));
  const patients: OwnPatient[] = [];
  const practices = [...(account.practices ?? [])];
  for (const user of new Set(users)) {
    const target = parseReference(user);
    if (target?.type === 'Patient') patients.push({ id: target.id });
    if (target?.type === 'RelatedPerson') patients.push(...(await representedBy(reader, user, today)));
    if (target?.type === 'Practitioner' && account.practices === undefined)
      practices.push(...(await practicesOf(reader, user, today)));
  }
  const { name, kind, roles } = account;
  const [user] = account.users;
  return {
    name,
    kind,
    roles,
    patients,
    practices: [...new Set(practices)],
    opened: [],
    ...(user === undefined ? {} : { user }),
  };
}

/** A Person stands for the Patients and RelatedPersons that it links. */
async function linkedTo(reader: Reader, user: string): Promise<string[]> {
  const person = await current<Person>(reader, 'Person', user);
  if (!person || person.active === false) return [];
  return (person.link ?? []).flatMap(({ target }) => target.reference ?? []);
}

/**
 * The patient that a RelatedPerson acts for, as long as it is active, its period holds, and a parent's or guardian's
 * child is a minor.
 */
async function representedBy(reader: Reader, user: string, today: string): Promise<OwnPatient[]> {
  const related = await current<RelatedPerson>(reader, 'RelatedPerson', user);
  if (!related || related.active === false || !contains(related.period, today)) return [];
  const patient = parseReference(related.patient.reference);
  if (patient?.type !== 'Patient') return [];
  const consents = await found<Consent>(reader, 'Consent', {
    patient: `Patient/${patient.id}`,
    status: 'active',
  });
  const child = await current<Patient>(reader, 'Patient', `Patient/${patient.id}`);
  if (child && (await endedByAge(reader, { related, user, child, consents, today }))) return [];
  return [{ id: patient.id, proxy: { allowed: allowedBy(consents, user, today) } }];
}

/** The sensitive labels that Consents let a proxy see: what one permits and none denies. */
function allowedBy(consents: readonly Consent[], user: string, today: string): readonly string[] {
  const said = consents.flatMap(({ provision }) => (provision ? sayings(provision, {}) : []));
  const holding = said.filter(
    ({ actors, period }) => contains(period, today) && (actors.length === 0 || actors.includes(user)),
  );
  const denied = new Set(holding.flatMap(({ type, labels }) => (type === 'deny' ? labels : [])));
  // Who is permitted is named: a Consent that permits everybody opens nothing to a proxy.
  const permitted = holding.flatMap(({ type, labels, actors }) =>
    type === 'permit' && actors.includes(user) ? labels : [],
  );
  return [...new Set(permitted)].filter((label) => !denied.has(label)).sort();
}

interface Saying {
  readonly type?: 'permit' | 'deny' | undefined;
  readonly actors: readonly string[];
  readonly labels: readonly string[];
  readonly period?: ConsentProvision['period'];
}

/** A provision and those inside of it, which take from it what they do not say themselves. */
function sayings(provision: ConsentProvision, outer: Partial<Saying>): Saying[] {
  const actors = provision.actor?.flatMap(({ reference }) => reference.reference ?? []) ?? outer.actors ?? [];
  const labels =
    provision.securityLabel?.map(({ system = '', code = '' }) => `${system}|${code}`) ?? outer.labels ?? [];
  const own: Saying = {
    type: provision.type ?? outer.type,
    actors,
    labels,
    period: provision.period ?? outer.period,
  };
  return [own, ...(provision.provision ?? []).flatMap((inner) => sayings(inner, own))];
}

async function practicesOf(reader: Reader, user: string, today: string): Promise<string[]> {
  const roles = await found<PractitionerRole>(reader, 'PractitionerRole', { practitioner: user });
  return roles
    .filter((role) => role.active !== false && contains(role.period, today) && !isEnrolment(role))
    .flatMap(({ organization }) => {
      const target = parseReference(organization?.reference);
      return target?.type === 'Organization' ? [target.id] : [];
    });
}
