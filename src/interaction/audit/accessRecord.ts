import type { Answer } from '../rest/answer.ts';
import type { Stored } from '../../store/store.ts';

/**
 * One access or change as it is recorded: who asked what, of which patients, and what came of it. It holds ids and the
 * query as it was asked, never a value of a resource. Names are short, for there is one of each request.
 */
export interface AccessRecord {
  readonly k?: undefined;
  readonly t: number; // when, epoch milliseconds
  readonly r: string; // X-Request-Id
  readonly a?: string | undefined; // address of the client
  readonly c?: string | undefined; // the app
  readonly u?: string | undefined; // the account
  readonly f?: string | undefined; // who that is in FHIR, as Practitioner/1
  readonly o?: readonly string[] | undefined; // its roles
  readonly m: string; // method
  readonly p: string; // path below the base
  readonly q?: string | undefined; // query, also of a form
  readonly s: number; // HTTP status
  readonly v?: string | undefined; // the version that was shown or written, as Patient/1/_history/2
  readonly b?: readonly string[] | undefined; // the patients that it was about, as Patient/1
  readonly n?: ImportedCounts | undefined; // of a part of an import: how many of each type it kept
}

/** How many resources of each type a commit of an import kept. */
export type ImportedCounts = Readonly<Partial<Record<string, number>>>;

/** The record of one commit of an import. */
export const importText = (asker: Asker, asked: AskedFor, n: ImportedCounts): string =>
  JSON.stringify({ ...asked, ...asker, s: 200, n } satisfies AccessRecord);

/** Who asks, as far as it is recorded. */
export type Asker = Pick<AccessRecord, 'a' | 'c' | 'u' | 'f' | 'o'>;

/** What was asked. */
export type AskedFor = Pick<AccessRecord, 't' | 'r' | 'm' | 'p' | 'q'>;

const queryMax = 16_384;

/** The records of one request: one, and one for each entry of a batch or transaction. */
export function accessTexts(asker: Asker, asked: AskedFor, answer: Answer): string[] {
  const own = textOf(asker, asked, answer);
  if (!answer.parts) return [own];
  return [
    own,
    ...answer.parts.map(({ method, url, answer: of }) => textOf(asker, partOf(asked, method, url), of)),
  ];
}

function partOf({ t, r }: AskedFor, m: string, url: string): AskedFor {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return {
    t,
    r,
    m,
    p: path.startsWith('/') ? path : `/${path}`,
    ...(mark < 0 ? {} : { q: url.slice(mark + 1) }),
  };
}

function textOf(
  asker: Asker,
  { t, r, m, p, q }: AskedFor,
  { status, version, shown }: Pick<Answer, 'status' | 'version' | 'shown'>,
): string {
  const patients = new Set<string>();
  if (version) addPatients(patients, version);
  if (shown) for (const one of shown) addPatients(patients, one);
  const v = version && `${version.type}/${version.id}/_history/${version.version}`;
  const b = patients.size > 0 ? [...patients] : undefined;
  const asks = q === undefined || q === '' ? undefined : q.slice(0, queryMax);
  const record: AccessRecord = { t, r, ...asker, m, p, q: asks, s: status, v, b };
  return JSON.stringify(record);
}

/** The patients in whose compartment a version is, as they stand beside it. */
function addPatients(patients: Set<string>, { type, id, members }: Stored): void {
  if (type === 'Patient') patients.add(`Patient/${id}`);
  if (members === undefined || members === '') return;
  for (const member of members.split(' ')) if (member.startsWith('Patient/')) patients.add(member);
}
