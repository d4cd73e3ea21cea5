import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import { allowedWord, bannedName, door, homeOf, lists, mayImport, pure } from './mayImport.ts';

const root = new URL('../../src/', import.meta.url).pathname;
const files = globSync('**/*.ts', { cwd: root }).sort();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const imports = (file: string): string[] =>
  [...read(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, path = '']) => path);

const crossesStores = (part: string, toPart: string): boolean =>
  ['sqlite', 'mongodb'].includes(part) && ['sqlite', 'mongodb'].includes(toPart) && part !== toPart;

/** What an import of a file breaks; undefined when it keeps to its layer. */
function importFault(file: string, path: string): string | undefined {
  const [folder = '', part = ''] = file.split('/');
  const home = homeOf[path];
  if (home && !home.test(file)) return `${file}: ${path} is imported only in ${home.source}`;
  if (!path.startsWith('.')) return undefined;
  if (!path.endsWith('.ts')) return `${file}: ${path} must end in .ts`;
  if (!file.includes('/') || folder === 'command') return undefined; // wiring and entry points import all
  const target = normalize(join(dirname(file), path));
  const [to = '', toPart = ''] = target.split('/');
  if (to !== folder && mayImport[folder]?.includes(to) !== true)
    return `${file}: ${folder} may not import ${target}`;
  if (to === folder && folder === 'billing' && toPart !== part)
    return `${file}: a stage may not import ${target}`;
  if (to === folder && folder === 'store' && crossesStores(part, toPart))
    return `${file}: ${target} is another store`;
  const only = door[`${folder} > ${to}`];
  return only && !only.test(target) ? `${file}: ${target} is not the door of ${to}` : undefined;
}

describe('each file', () => {
  test.each(files)('%s imports only what its layer may', (file) => {
    expect(imports(file).flatMap((path) => importFault(file, path) ?? [])).toEqual([]);
  });

  test.each(files)('%s has at most 300 lines', (file) => {
    expect(read(file).trimEnd().split('\n').length).toBeLessThanOrEqual(300);
  });

  test.each(files)('%s has no function above 70 lines', (file) => {
    const code = stripTypeScriptTypes(read(file)); // types become blanks, so lines stay where they were
    const long: string[] = [];
    full(parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true }), (node) => {
      if (!node.type.includes('Function') || !node.loc) return;
      const { start, end } = node.loc;
      if (end.line - start.line + 1 > 70) long.push(`${file}:${start.line}`);
    });
    expect(long).toEqual([]);
  });

  test.each(files)('%s has no name that says nothing', (file) => {
    expect(file.replace(allowedWord, '')).not.toMatch(bannedName);
    const declared = [
      ...read(file).matchAll(/\b(?:function|const|let|class|interface|type)\s+([A-Za-z0-9_$]+)/g),
    ];
    const names = declared.map(([, name = '']) => name.replace(allowedWord, ''));
    expect(names.filter((name) => bannedName.test(name))).toEqual([]);
  });
});

test('only the entry points touch process.env', () => {
  const touching = files.filter((file) => read(file).includes('process.env'));
  expect(touching.filter((file) => file !== 'main.ts' && !file.startsWith('command/'))).toEqual([]);
});

test('pure folders know no clock, no chance and no process', () => {
  const impure = /Date\.now|new Date\(\)|Math\.random|\bprocess\.|randomUUID/;
  expect(files.filter((file) => pure.test(file) && impure.test(read(file)))).toEqual([]);
});

test('money is scaled by 100 in cents.ts only', () => {
  const scaled = /[*/] 100(?![\d_])|toFixed\(/;
  const money = files.filter((file) => /^(billing|payer|operation|command|datatypes)\//.test(file));
  expect(money.filter((file) => file !== 'datatypes/cents.ts' && scaled.test(read(file)))).toEqual([]);
});

test('a resource is written or deleted by interaction/repository.ts only', () => {
  const writing = files.filter((file) => /\b(?:tx|transaction)\.(?:put|delete)\(|\.put\(/.test(read(file)));
  expect(writing.filter((file) => !/^(?:store\/|interaction\/repository\.ts$)/.test(file))).toEqual([]);
});

test('unique keys are taken, asked for and freed by operation/uniqueKey.ts only', () => {
  const keyed = files.filter((file) => /\.(?:reserve|holder|release)\(/.test(read(file)));
  const allowed = /^(?:store\/|http\/|operation\/uniqueKey\.ts$|command\/seed\.ts$)/;
  expect(keyed.filter((file) => !allowed.test(file))).toEqual([]);
});

test.each(lists)('$list holds every file of $folder', ({ folder, list, besides, exported }) => {
  const members = readdirSync(join(root, folder)).filter(
    (name) => name.endsWith('.ts') && !besides.includes(name),
  );
  const body = read(list);
  if (exported === true) {
    const missing = members.filter((name) => !body.includes(`from './${name}';`));
    expect(missing).toEqual([]);
    return;
  }
  expect(members.length).toBeGreaterThan(0);
  for (const name of members) {
    const uses = body.match(new RegExp(`\\b${name.slice(0, -3)}\\b`, 'g')) ?? [];
    expect({ name, uses: uses.length >= 3 }).toEqual({ name, uses: true }); // imported by name and path, and listed
  }
});

test('no file speaks of the machine it was written on', () => {
  const top = join(root, '..');
  const places = globSync(
    [
      '{src,test,bench,script,docs,seed}/**/*.{ts,js,md,json}',
      '.ci/run',
      '*.{txt,md,js}',
      'NOTICE',
      'Dockerfile',
    ],
    { cwd: top },
  );
  const leaks = places.filter((file) => {
    const path = join(top, file);
    return existsSync(path) && /\/work\/|\/root\/|\.\.\/shared/.test(readFileSync(path, 'utf8'));
  });
  expect(leaks.filter((file) => file !== 'test/architecture/layers.test.ts')).toEqual([]);
});

test('no file imports itself by way of others, types included', () => {
  const imported = new Map(
    files.map((file) => [
      file,
      imports(file).flatMap((path) => (path.startsWith('.') ? normalize(join(dirname(file), path)) : [])),
    ]),
  );
  const reaches = (from: string): Set<string> => {
    const seen = new Set<string>();
    const left = [...(imported.get(from) ?? [])];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      left.push(...(imported.get(next) ?? []));
    }
    return seen;
  };
  expect(files.filter((file) => reaches(file).has(file))).toEqual([]);
});

describe('the layers catch what they are for', () => {
  test.each([
    ['datatypes/cents.ts', '../http/fhirRouter.ts'],
    ['billing/claim/assemble.ts', '../charge/price.ts'],
    ['operation/claimSubmit.ts', '../store/sqlite/open.ts'],
    ['payer/answer.ts', '../billing/claim/assemble.ts'],
    ['outcome/issue.ts', 'node:sqlite'],
    ['interaction/rest/read.ts', '../../billing/claim/assemble.ts'],
    ['store/sqlite/history/read.ts', '../../mongodb/history/read.ts'],
    ['search/parse.ts', './query'],
  ])('%s may not import %s', (file, path) => {
    expect(importFault(file, path)).toBeDefined();
  });

  test.each([
    ['billing/claim/assemble.ts', './item.ts'],
    ['payer/answer.ts', '../billing/adjudication/allowed.ts'],
    ['operation/claimSubmit.ts', '../store/store.ts'],
    ['command/load.ts', '../store/sqlite/open.ts'],
  ])('%s may import %s', (file, path) => {
    expect(importFault(file, path)).toBeUndefined();
  });
});
