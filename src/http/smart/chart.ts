import type { Encounter, HumanName, Patient, Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../datatypes/json.ts';
import type { AccountAccess } from '../../access/accountAccess.ts';
import { asCaller } from '../../interaction/asCaller.ts';
import type { Context } from '../../interaction/context.ts';
import { parsePairs } from '../../search/parse.ts';
import type { Reader, Store } from '../../store/store.ts';
import type { Choice } from './page/pick.ts';
import type { Account } from './accounts.ts';
import { accessAccount } from './tokens.ts';

const shown = 20;
const utf8 = new TextDecoder();
const read = <T extends Resource>(json: Uint8Array): T => parseJson(utf8.decode(json)) as T;

/** What of the server is needed to see the store as an account does. */
export interface ChartServer {
  readonly access: AccountAccess;
  readonly context: Context;
}

/** The store as an account sees it, and the patients whose own record is theirs. */
export async function storeOf(
  server: ChartServer,
  account: Account,
): Promise<{ readonly store: Store; readonly own: readonly string[] }> {
  const { access, caller } = await server.access.of(accessAccount(account));
  const { store } = asCaller(server.context, { name: account.id, access });
  return { store, own: caller.patients.map(({ id }) => id) };
}

/** A patient as a list names them; undefined where they are not seen, or there is none. */
export async function patientChoice(reader: Reader, id: string): Promise<Choice | undefined> {
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return undefined;
  const stored = await reader.read('Patient', id);
  return stored && !stored.deleted ? choiceOf(read<Patient>(stored.json)) : undefined;
}

/** Patients by name, date of birth or a number; without any the first ones. */
export async function findPatients(
  reader: Reader,
  asked: string,
): Promise<{ readonly patients: readonly Choice[]; readonly hasMore: boolean }> {
  const text = asked.trim().replace(/[\\,$|]/g, (sign) => `\\${sign}`);
  const pairs: (readonly [string, string])[] = [['_count', String(shown)]];
  if (/^\d{4}(?:-\d{2}(?:-\d{2})?)?$/.test(text)) pairs.push(['birthdate', text]);
  else if (/\d/.test(text)) pairs.push(['identifier', text]);
  else for (const word of text.split(/\s+/)) if (word !== '') pairs.push(['name', word]);
  const { matches, next } = await reader.search(parsePairs('Patient', pairs));
  return { patients: matches.map(({ json }) => choiceOf(read<Patient>(json))), hasMore: next !== undefined };
}

function choiceOf({ id = '', name, birthDate }: Patient): Choice {
  const label = nameText(name) ?? id;
  return { id, label: birthDate === undefined ? label : `${label} · ${birthDate}` };
}

function nameText(names: readonly HumanName[] | undefined): string | undefined {
  const name = names?.find(({ use }) => use === 'official') ?? names?.[0];
  const text = name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
  return text === '' ? undefined : text;
}

/** The latest visits of a patient. */
export async function encountersOf(reader: Reader, patient: string): Promise<readonly Choice[]> {
  const query = parsePairs('Encounter', [
    ['patient', patient],
    ['_sort', '-date'],
    ['_count', String(shown)],
  ]);
  const { matches } = await reader.search(query);
  return matches.map(({ json }) => {
    const { id = '', period, class: kind } = read<Encounter>(json);
    return {
      id,
      label: [period?.start?.slice(0, 10), kind.display ?? kind.code].filter(Boolean).join(' · '),
    };
  });
}

/** Whether a visit is seen and is of that patient. */
export async function isEncounterOf(reader: Reader, id: string, patient: string): Promise<boolean> {
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return false;
  const stored = await reader.read('Encounter', id);
  if (!stored || stored.deleted) return false;
  return read<Encounter>(stored.json).subject?.reference === `Patient/${patient}`;
}
