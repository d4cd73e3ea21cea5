import type { ResourceType } from '@medplum/fhirtypes';
import type { FullText, Phrase } from '../../../search/query.ts';
import { never, type Condition } from './condition.ts';
import { sqlFragment } from './sqlFragment.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';

const column = { text: 'narrative', content: 'content' } as const;

const phrase = ({ words, prefix }: Phrase): string =>
  `"${words.join(' ').replaceAll('"', '""')}"${prefix ? ' *' : ''}`;

/** Words as a condition on the index of words; store/sqlite/index/words.ts has filled it before. */
export function fullText(state: SqliteState, type: ResourceType, { op, alternatives }: FullText): Condition {
  if (alternatives.length === 0) return never;
  const all = alternatives.map((phrases) => `(${phrases.map(phrase).join(' AND ')})`).join(' OR ');
  const from = state.names.type(type) * typeSpan;
  const sql = 'SELECT rowid AS rid FROM word WHERE word MATCH ? AND rowid > ? AND rowid < ?';
  const values = [`{${column[op]}} : (${all})`, from, from + typeSpan] as const;
  return {
    accessPaths: [{ from: sqlFragment(`(${sql}) d`, ...values), where: sqlFragment('1'), ordered: false }],
    test: (at) => sqlFragment(`${at} IN (${sql})`, ...values),
    cost: 2,
  };
}
