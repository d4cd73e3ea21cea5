import type { Document } from 'mongodb';
import type { SearchQuery } from '../../../search/query.ts';
import type { Explanation } from '../../store.ts';
import { batchesOf } from './batches.ts';
import { refuseBuilding } from '../index/building.ts';
import { compileSearch } from './compile.ts';
import { keyStages, orderOf } from './sort.ts';
import type { View } from '../connection/mongoState.ts';
import { indexOrderOf } from './indexOrderedPage.ts';
import { pipelineOf, type Compiled } from './compiled.ts';
import { never } from './match.ts';

/** How a search is answered: what is asked first, then the page, each with the plan the server chose and its indexes. */
export async function explain(view: View, query: SearchQuery): Promise<Explanation> {
  refuseBuilding(view.state, query);
  const steps: Explanation['steps'][number][] = [];
  const tell = async (what: string, compiled: Compiled, after: readonly Document[] = []): Promise<void> => {
    const pipeline = [...pipelineOf(compiled), ...after];
    const plan = await view.state.collections.resource.aggregate(pipeline).explain('queryPlanner');
    const stages = [...stagesIn(plan)];
    const names = stages.flatMap(({ indexName }) => (indexName === undefined ? [] : [indexName]));
    steps.push({
      what,
      ...(names.length > 0 ? { index: [...new Set(names)].join(', ') } : {}),
      plan: stages.map(({ stage }) => stage).join(' < '),
    });
  };
  const batches = await batchesOf(view, query);
  if (batches && batches.tests.length > 0) {
    await tell(`${query.type} in order, batch by batch`, batches.candidates, [{ $sort: { o: 1 } }]);
    for (const { type, compiled } of batches.ends)
      await tell(`${type} that may decide about them, looked at where a candidate leads`, compiled);
    return { store: 'mongodb', steps };
  }
  const compiled = await compileSearch(view, query, tell);
  const what = `${query.type} that meet all criteria`;
  if (compiled.match === never)
    return { store: 'mongodb', steps: [...steps, { what, plan: 'nothing can meet them' }] };
  await tell(what, compiled, [...orderStages(query, compiled), { $limit: query.count + 1 }]);
  return { store: 'mongodb', steps };
}

function orderStages(query: SearchQuery, compiled: Compiled): Document[] {
  const indexOrder = indexOrderOf(query, compiled);
  if (query.sort.length === 0 || indexOrder) return [{ $sort: indexOrder?.index ?? { o: 1 } }];
  return [...keyStages(query.sort), { $sort: orderOf(query.sort) }];
}

/** The stages of the winning plan, from the page down to the index. */
function* stagesIn(plan: unknown): Generator<{ readonly stage: string; readonly indexName?: string }> {
  if (typeof plan !== 'object' || plan === null) return;
  if (Array.isArray(plan)) {
    for (const one of plan as unknown[]) yield* stagesIn(one);
    return;
  }
  const { stage, indexName } = plan as { readonly stage?: unknown; readonly indexName?: unknown };
  if (typeof stage === 'string') yield { stage, ...(typeof indexName === 'string' ? { indexName } : {}) };
  for (const [key, value] of Object.entries(plan))
    if (key !== 'rejectedPlans' && key !== 'parsedQuery' && key !== 'command') yield* stagesIn(value);
}
