import type { Filter } from '../../../search/query.ts';
import { comparable } from '../../../search/kind/string.ts';
import { beyond, byResource, hasRow } from '../search/byIndex.ts';
import { never, type Condition } from '../search/condition.ts';
import { sqlFragment } from '../search/sqlFragment.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import type { SqliteKind } from '../kind.ts';
import { isFirstOf } from '../search/indexOrder.ts';
import { bestOf } from '../search/sortValue.ts';

/** A criterion on a string. See https://hl7.org/fhir/R4/search.html#string */
function stringCondition(
  state: SqliteState,
  no: number,
  modifier: Filter['modifier'],
  text: string,
): Condition {
  const fold = comparable(text);
  switch (modifier) {
    case 'exact':
      return byResource(
        'string',
        sqlFragment('parameter = ? AND folded = ? AND exact = ?', no, fold, text),
        'string_folded',
      );
    case 'contains':
      return byResource('string', sqlFragment('parameter = ? AND instr(folded, ?) > 0', no, fold), undefined);
    case 'ends':
      return byResource(
        'string',
        sqlFragment('parameter = ? AND substr(folded, -length(?)) = ?', no, fold, fold),
        undefined,
      );
    default:
      return starting(state, no, fold);
  }
}

/** Texts beyond which they are one range of the index. */
const spellingsMax = 8;

/**
 * The texts of a parameter that begin with a text, where they are a few: the rows of each are in order of rid, those
 * of a range are not. Undefined where there are more.
 */
function spellings({ database }: SqliteState, no: number, [from, to]: readonly [string, string]) {
  const next = 'SELECT min(folded) FROM string INDEXED BY string_folded WHERE parameter = ? AND folded';
  const rows = database.all(
    `WITH RECURSIVE found (text) AS (${next} >= ? AND folded < ? UNION ALL ` +
      `SELECT (${next} > found.text AND folded < ?) FROM found WHERE found.text IS NOT NULL) ` +
      `SELECT text FROM found WHERE text IS NOT NULL LIMIT ${spellingsMax + 1}`,
    ...[no, from, to, no, to],
  );
  return rows.length > spellingsMax ? undefined : rows.map(([text]) => String(text));
}

/** What begins with a text; where few texts do, by each of them, for those rows are in order. */
function starting(state: SqliteState, no: number, fold: string): Condition {
  const range = sqlFragment('parameter = ? AND folded >= ? AND folded < ?', no, fold, beyond(fold));
  const found = byResource('string', range, 'string_folded');
  const texts = spellings(state, no, [fold, beyond(fold)]);
  if (!texts) return found;
  if (texts.length === 0) return never;
  const from = sqlFragment('string d INDEXED BY string_folded');
  return {
    ...found,
    accessPaths: texts.map((text) => ({
      from,
      where: sqlFragment('parameter = ? AND folded = ?', no, text),
      ordered: true,
      hasSignature: true,
    })),
  };
}

const inOrder = { table: 'string', column: 'folded', second: 'exact' } as const;

export const stringKind: SqliteKind = {
  encode: (entry, no, { rid, signature, rows }) => {
    if (entry.kind === 'string') rows.string.push(rid, no, entry.folded, entry.exact, ...signature);
  },
  filter: ({ state, place: { no }, modifier }, { text }) => stringCondition(state, no, modifier, text),
  present: (_, { no }, at) => hasRow('string', no, at),
  sort: (context) => bestOf(context, 'string', 'folded'),
  order: (_state, _parameter, isDescending) => ({
    ...inOrder,
    index: 'INDEXED BY string_folded',
    isFirst: isFirstOf(inOrder, isDescending),
  }),
};
