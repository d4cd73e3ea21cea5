import type { StatementSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { Database } from '../../../../src/store/sqlite/connection/database.ts';

test('of very many statements those that were asked for last are kept, and the others closed', () => {
  const database = new Database(':memory:');
  const made: StatementSync[] = [];
  const prepare = database.connection.prepare.bind(database.connection);
  database.connection.prepare = (sql) => {
    const statement = prepare(sql);
    made.push(statement);
    return statement;
  };
  for (let i = 0; i < 1200; i++) {
    expect(database.get(`SELECT ${i}`)).toEqual([i]);
    expect(database.get('SELECT 0')).toEqual([0]);
  }
  expect(made).toHaveLength(1200); // the one that was asked for all the while was made once
  const isOpen = (statement: StatementSync): boolean => {
    try {
      statement.get();
      return true;
    } catch {
      return false;
    }
  };
  expect(made.filter(isOpen)).toHaveLength(500);
  expect(made[0] && isOpen(made[0])).toBe(true);
  expect(database.all('SELECT 1')).toEqual([[1]]); // and what was closed is made anew
  database.close();
});
