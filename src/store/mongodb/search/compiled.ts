import type { Document } from 'mongodb';
import { always, type Match } from './match.ts';

/**
 * Resources of a type that meet criteria, as an aggregation: `match`, then `stages`, which look up other resources, then
 * `late`, which tests what the stages found. Most have a match only.
 */
export interface Compiled {
  readonly match: Match;
  readonly stages: readonly Document[];
  readonly late: Match;
}

/** The stages that give what was compiled. */
export const pipelineOf = ({ match, stages, late }: Compiled): Document[] => [
  { $match: match },
  ...stages,
  ...(late === always ? [] : [{ $match: late }]),
];
