import { Timestamp } from 'mongodb';
import type { SearchParameter, SearchQuery } from '../../search/query.ts';
import { compileSearch, pipelineOf } from './compile.ts';
import { never } from './criterion.ts';
import { within, type Shared, type View } from './shared.ts';

/** A total that was counted, and the last write to the database that it counts. */
export interface Counted {
  readonly total: number;
  readonly moment: string;
}
/** Totals that are remembered. */
const most = 500;

/**
 * How many resources match. A total is remembered while nothing is written to the database, by whatever server: every
 * answer of a replica set names its last write, and what is counted anew counts from that write on.
 */
export async function totalOf(view: View, query: SearchQuery): Promise<number> {
  const { shared } = view;
  if (view.session || shared.isSharded) return count(view, query);
  const { operationTime } = await shared.client.db().command({ ping: 1 });
  if (!(operationTime instanceof Timestamp)) return count(view, query);
  const [key, moment] = [textOf(query), operationTime.toString()];
  const known = shared.totals.get(key);
  if (known?.moment === moment) return known.total;
  const total = await countFrom(shared, query, operationTime);
  shared.totals.delete(key);
  if (shared.totals.size >= most) shared.totals.delete(shared.totals.keys().next().value ?? '');
  shared.totals.set(key, { total, moment });
  return total;
}

/** What a search asks for, the same text for the same criteria. */
const textOf = ({ type, filters }: SearchQuery): string =>
  JSON.stringify([type, filters], (key, value: unknown) => {
    if (key !== 'parameter') return value;
    const parameter = value as SearchParameter;
    return `${parameter.type}.${parameter.code}`;
  });

/** Counts in what the majority has, that write included. */
async function countFrom(shared: Shared, query: SearchQuery, operationTime: Timestamp): Promise<number> {
  const session = shared.client.startSession({ causalConsistency: true });
  try {
    session.advanceOperationTime(operationTime);
    return await count({ shared, session }, query);
  } finally {
    await session.endSession();
  }
}

async function count(view: View, query: SearchQuery): Promise<number> {
  const compiled = await compileSearch(view, query);
  if (compiled.match === never || compiled.late === never) return 0;
  const { resource } = view.shared.collections;
  if (compiled.stages.length === 0) return resource.countDocuments(compiled.match, within(view));
  const [found] = await resource
    .aggregate<{ n: number }>([...pipelineOf(compiled), { $count: 'n' }], within(view))
    .toArray();
  return found?.n ?? 0;
}
