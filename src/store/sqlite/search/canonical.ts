import type { CanonicalLink } from '../../../search/registry.ts';
import type { Compiling } from './compiling.ts';
import type { AccessPath } from './condition.ts';
import { found } from './found.ts';
import { glued, join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { placesOf } from './place.ts';
import type { Plan } from './plan.ts';

/** How candidates are found from the other end of a reference, and how one of them is tested. */
export interface Way {
  readonly accessPath: AccessPath;
  readonly exists: (at: string) => SqlFragment;
}

/** The candidates name one of the other end by its canonical URL. */
export const namingByCanonical = (compiling: Compiling, { from, to }: CanonicalLink, other: Plan): Way =>
  meeting(compiling, { here: from, there: to }, other);

/** One of the other end names the candidates by their canonical URL. */
export const namedByCanonical = (compiling: Compiling, { from, to }: CanonicalLink, other: Plan): Way =>
  meeting(compiling, { here: to, there: from }, other);

interface Sides {
  readonly here: CanonicalLink['from']; // of the candidates
  readonly there: CanonicalLink['from'];
}

/** Rows of both ends with the same key. */
function meeting({ state: { names }, alias }: Compiling, sides: Sides, other: Plan): Way {
  const [row, theirs, own] = [alias(), alias(), alias()];
  const among = (of: string, side: CanonicalLink['from']): SqlFragment => {
    const numbers = placesOf(names, side).map(({ no }) => no);
    return sqlFragment(`${of}.parameter IN (${numbers.map(() => '?').join(', ')})`, ...numbers);
  };
  const from = glued(
    [
      sqlFragment('('),
      other.isNever ? sqlFragment('SELECT 0 AS rid') : found(other, 'DISTINCT d.rid AS rid'),
      sqlFragment(
        `) ${row} CROSS JOIN reference ${theirs} INDEXED BY reference_rid ON ${theirs}.rid = ${row}.rid AND`,
      ),
      among(theirs, sides.there),
      sqlFragment(`CROSS JOIN reference d ON d.target = ${theirs}.target AND`),
      among('d', sides.here),
    ],
    ' ',
  );
  return {
    accessPath: { from, where: sqlFragment('1'), ordered: false, hasSignature: true },
    exists: (at) =>
      glued(
        [
          sqlFragment(`EXISTS (SELECT 1 FROM reference ${own} INDEXED BY reference_rid`),
          sqlFragment(`CROSS JOIN reference ${theirs} ON ${theirs}.target = ${own}.target AND`),
          among(theirs, sides.there),
          sqlFragment(`WHERE ${own}.rid = ${at} AND`),
          among(own, sides.here),
          sqlFragment('AND'),
          join(
            other.all.map((c) => c.test(`${theirs}.rid`, 1)),
            ' AND ',
            '1',
          ),
          sqlFragment(')'),
        ],
        ' ',
      ),
  };
}
