import type { Filter } from '../../../search/query.ts';
import { comparable } from '../../../search/type/string.ts';
import { beyond, byResource } from './byIndex.ts';
import { never, type Condition } from './condition.ts';
import { sqlFragment } from './sqlFragment.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { spellings } from '../index/spellings.ts';

/** A criterion on a string. See https://hl7.org/fhir/R4/search.html#string */
export function string(
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
