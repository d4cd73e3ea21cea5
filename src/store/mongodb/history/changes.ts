import type { HistoryPage, HistoryQuery } from '../../store.ts';
import {
  storedFields,
  storedOf,
  type ResourceDocument,
  type VersionDocument,
} from '../connection/collections.ts';
import { aboutHistory, fromCursor, toCursor } from '../search/cursor.ts';
import { within, type View } from '../connection/mongoState.ts';
import type { Match } from '../search/match.ts';

type Row = Pick<ResourceDocument, 'h' | 'u' | 'w' | 'm' | 'j' | 'b'> & {
  readonly reference: string;
  readonly v: number;
};

/** Versions of all resources (of a type), newest first, of one moment in the order they were written. */
export async function changes(view: View, query: HistoryQuery): Promise<HistoryPage> {
  const { secret } = view.state;
  const about = aboutHistory(query);
  const after = fromCursor(secret, about, query.cursor);
  const at = after && { u: Number(after.keys[0]), w: after.order };
  // The current ones first: what becomes a former version meanwhile is then found twice, never missed.
  const now = await currentRows(view, query, at);
  const then = await formerRows(view, query, at);
  const rows = new Map<number, Row>();
  for (const row of [...now, ...then]) rows.set(row.w, row);
  const ordered = [...rows.values()].sort((a, b) => b.u - a.u || b.w - a.w);
  const page = ordered.slice(0, query.count);
  const last = page.at(-1);
  const versions = page.map((row) => storedOf(row.reference, row.v, row));
  return ordered.length > query.count && last
    ? { versions, next: toCursor(secret, about, { keys: [last.u], order: last.w }) }
    : { versions };
}

interface Place {
  readonly u: number;
  readonly w: number;
}

function matchOf({ type, since, at }: HistoryQuery, place: Place | undefined): Match[] {
  return [
    ...(type ? [{ h: type }] : []),
    ...(since === undefined ? [] : [{ u: { $gte: since } }]),
    ...(at ? [{ u: { $lt: at.high } }] : []),
    ...(place ? [{ u: { $lte: place.u } }, { $or: [{ u: { $lt: place.u } }, { w: { $lt: place.w } }] }] : []),
  ];
}

const whole = (matches: readonly Match[]): Match => (matches.length === 0 ? {} : { $and: matches });
const newestFirst = { u: -1, w: -1 } as const;
const fields = { ...storedFields, w: 1 } as const;

async function currentRows(view: View, query: HistoryQuery, place: Place | undefined): Promise<Row[]> {
  const rows = await view.state.collections.resource
    .find(whole(matchOf(query, place)), { projection: fields, ...within(view) })
    .sort(newestFirst)
    .limit(query.count + 1)
    .toArray();
  return rows.map((row) => ({ ...row, reference: row._id }));
}

async function formerRows(view: View, query: HistoryQuery, place: Place | undefined): Promise<Row[]> {
  const { at } = query;
  const lasted = at ? [{ e: { $gt: at.low } }, { $expr: { $gt: ['$e', '$u'] } }] : [];
  const rows: VersionDocument[] = await view.state.collections.version
    .find(whole([...matchOf(query, place), ...lasted]), within(view))
    .sort(newestFirst)
    .limit(query.count + 1)
    .toArray();
  return rows.map((row) => ({ ...row, reference: row._id.r, v: row._id.v }));
}
