import type { Appointment, Encounter, Resource } from '@medplum/fhirtypes';
import type { Gap } from '../../billing/charge/gap.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { parsed } from '../../interaction/repository.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { parsePairs } from '../../search/parse.ts';
import type { Reader } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { practiceOfBooked, reconcileAppointment, reconcileVisit, type Reconciled } from './reconcile.ts';
import type { FollowUpSettings } from './settings.ts';
import { kept } from './visitFacts.ts';

/** Which visits are asked for. */
export interface AskedGaps {
  readonly practice: string; // Organization/1
  readonly start: string;
  readonly end: string;
  readonly provider: string | undefined; // Practitioner/1 or PractitionerRole/1
  readonly kinds: readonly string[]; // none: every one
  readonly today: string;
  readonly settings: FollowUpSettings;
  readonly count: number;
  readonly after: string | undefined;
}

/** A gap with what it is of. */
export interface GapRow extends Gap, Omit<Reconciled, 'gaps' | 'practice'> {
  readonly of: Appointment | Encounter;
  readonly name: string; // Encounter/1 or Appointment/1
}

/** How many are read at a time. */
const pageOf = 100;
const types = ['Appointment', 'Encounter'] as const;

interface Place {
  readonly type: (typeof types)[number];
  readonly cursor: string; // of the page; empty: the first one
  readonly last: string; // what was given last of it
}

/** Reads what was answered as `next`; 400 for anything else. */
function placeOf(after: string | undefined): Place {
  if (after === undefined) return { type: 'Appointment', cursor: '', last: '' };
  const [name = '', ...rest] = after.split('|');
  const type = types.find((one) => one === name);
  const last = rest.at(-1) ?? '';
  if (type && rest.length > 1 && (last === '' || parseReference(last)?.type === type))
    return { type, cursor: rest.slice(0, -1).join('|'), last };
  const at = "Parameters.parameter.where(name='after').value";
  throw badRequest('malformed-value', 'after is what the page before gave as next', at);
}

/** Every gap that is asked for, a page of them by day; `reader` says which visits are seen, `server` what became of them. */
export async function listGaps(
  context: OperationContext,
  { reader, server }: { readonly reader: Reader; readonly server: Reader },
  asked: AskedGaps,
): Promise<{ readonly rows: readonly GapRow[]; readonly next: string | undefined }> {
  const rows: GapRow[] = [];
  let place: Place | undefined = placeOf(asked.after);
  while (place) {
    const { type, cursor, last }: Place = place;
    const query = parsePairs(type, pairsOf(type, asked));
    const page = await reader.search(cursor === '' ? query : { ...query, cursor });
    const behind = page.matches.findIndex(({ id }) => `${type}/${id}` === last) + 1;
    for (const match of page.matches.slice(behind)) {
      const of = parsed<Appointment | Encounter>(match);
      const name = referenceText(of);
      rows.push(...(await rowsOf(context, server, asked, of)));
      if (rows.length >= asked.count) return { rows, next: `${type}|${cursor}|${name}` };
    }
    if (page.next !== undefined) place = { type, cursor: page.next, last: '' };
    else place = type === 'Appointment' ? { type: 'Encounter', cursor: '', last: '' } : undefined;
  }
  return { rows, next: undefined };
}

const pairsOf = (type: Resource['resourceType'], asked: AskedGaps): (readonly [string, string])[] => [
  ['date', `ge${asked.start}`],
  ['date', `le${asked.end}`],
  ...(type === 'Appointment'
    ? ([['status', kept.join(',')]] as const)
    : ([['service-provider', asked.practice]] as const)),
  ...(asked.provider === undefined
    ? []
    : ([[type === 'Appointment' ? 'actor' : 'participant', asked.provider]] as const)),
  ['_sort', 'date'],
  ['_count', String(pageOf)],
];

async function rowsOf(
  context: OperationContext,
  server: Reader,
  asked: AskedGaps,
  of: Appointment | Encounter,
): Promise<GapRow[]> {
  const by = { allowed: asked.settings, today: asked.today };
  const isVisit = of.resourceType === 'Encounter';
  if (!isVisit && (await practiceOfBooked(server, of)) !== asked.practice) return [];
  const found = isVisit
    ? await reconcileVisit(context, server, of, by)
    : await reconcileAppointment(context, server, of, by);
  if (!found || found.day < asked.start || found.day > asked.end) return [];
  const { patient, day } = found;
  return found.gaps
    .filter(({ kind }) => asked.kinds.length === 0 || asked.kinds.includes(kind))
    .map((gap) => ({ ...gap, patient, day, of, name: referenceText(of) }));
}
