import { never, type Condition } from './condition.ts';
import { sqlFragment, type SqlFragment } from './sqlFragment.ts';

/** Rows whose value is in a list `v`, by their alias. */
interface Listed {
  readonly table: 'token' | 'reference' | 'resource';
  readonly list: readonly unknown[];
  readonly where: (alias: string) => SqlFragment;
}

/** Tested for each candidate where candidates and list are few, else looked up once. */
export function inList({ table, list, where }: Listed): Condition {
  if (list.length === 0) return never;
  const json = JSON.stringify(list);
  const from = (alias: string): SqlFragment =>
    sqlFragment(`json_each(?) v CROSS JOIN ${table} ${alias}`, json);
  const rows = (alias: string, more: string): SqlFragment => {
    const { sql, values } = where(alias);
    return sqlFragment(`FROM ${from(alias).sql} WHERE ${sql}${more}`, json, ...values);
  };
  return {
    accessPaths: [{ from: from('d'), where: where('d'), ordered: false, hasSignature: table !== 'resource' }],
    test: (at, candidates) => {
      const isShort = candidates * list.length < 20_000;
      const { sql, values } = rows('listed', isShort ? ` AND listed.rid = ${at}` : '');
      return isShort
        ? sqlFragment(`EXISTS (SELECT 1 ${sql})`, ...values)
        : sqlFragment(`${at} IN (SELECT listed.rid ${sql})`, ...values);
    },
    cost: 1,
  };
}
