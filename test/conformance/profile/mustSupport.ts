import { readFileSync } from 'node:fs';
import type { Resource } from '@medplum/fhirtypes';
import type { Guide, Node } from './guide.ts';
import { belongs } from './slice.ts';
import { targetOf, valuesOf, type Found } from './value.ts';

/** What a suite asks to see of a profile of US Core; adds7: from 7.0.0 on. */
interface UsCoreList {
  readonly list: readonly string[];
  readonly either: readonly (readonly string[])[]; // one of each is enough
  readonly adds7: readonly string[];
  readonly from?: string;
}

interface Lists {
  readonly c4bb: Readonly<Record<string, readonly string[]>>;
  readonly usCore: Readonly<Record<string, UsCoreList>>;
}

/** The lists as the public suites hold them. */
export const suiteLists = JSON.parse(
  readFileSync(new URL('../../fixture/profile/mustSupport.json', import.meta.url), 'utf8'),
) as Lists;

interface At {
  readonly node: Node | undefined;
  readonly found: Found;
}

function step(guide: Guide, at: At, name: string): At[] {
  const [element = '', slice] = name.split(':');
  const child = at.node?.children.get(element);
  const values = valuesOf(at.found.value, element, child?.type);
  if (slice === undefined) return values.map((found) => ({ node: child, found }));
  const part = child?.slices.get(slice);
  if (!child?.slicing || !part) throw new Error(`${guide.name} has no slice ${name}`);
  const { slicing } = child;
  const sorter = { valueSets: guide.valueSets, conforms: () => true };
  return values
    .filter((found) => belongs(found, part, slicing, sorter))
    .map((found) => ({ node: part, found }));
}

/** One row of a list: a path, and what must stand there: name.use = old, payor → us-core-organization. */
function isSeen(guide: Guide, root: Node, row: string, resource: Resource): boolean {
  const [path = '', wanted] = row.split(/ = | → /);
  let at: At[] = [{ node: root, found: { value: resource } }];
  for (const name of path.split('.')) at = at.flatMap((a) => step(guide, a, name));
  if (wanted === undefined || path.split('.').at(-1)?.includes(':')) return at.length > 0;
  if (row.includes(' = ')) return at.some((a) => a.found.value === wanted);
  const types = wanted
    .split(' or ')
    .map((name) => guide.profiles.get(`http://hl7.org/fhir/us/core/StructureDefinition/${name}`)?.type);
  return at.some((a) => types.includes(targetOf(a.found.value)));
}

/** Which rows no resource of a set carries; of those that stand for each other, only where none is seen. */
export function notSeen(
  guide: Guide,
  url: string,
  rows: readonly string[],
  resources: readonly Resource[],
  either: readonly (readonly string[])[] = [],
): string[] {
  const root = guide.profiles.get(url)?.root;
  if (!root) throw new Error(`${guide.name} has no profile ${url}`);
  const seen = new Set(rows.filter((row) => resources.some((r) => isSeen(guide, root, row, r))));
  const path = (row: string): string => row.split(/ = | → /)[0] ?? '';
  const excused = (row: string): boolean =>
    either.some(
      (group) => group.includes(path(row)) && rows.some((r) => group.includes(path(r)) && seen.has(r)),
    );
  return rows.filter((row) => !seen.has(row) && !excused(row));
}

/** The rows that a profile itself marks as must-support. */
export function markedRows(guide: Guide, url: string): string[] {
  const rows: string[] = [];
  const visit = (node: Node, path: string): void => {
    for (const child of node.children.values()) {
      const at = path === '' ? child.name : `${path}.${child.name}`;
      if (child.mustSupport === true) rows.push(at);
      visit(child, at);
      for (const [name, slice] of child.slices) {
        if (slice.mustSupport === true) rows.push(`${at}:${name}`);
        visit(slice, `${at}:${name}`);
      }
    }
  };
  const root = guide.profiles.get(url)?.root;
  if (root) visit(root, '');
  return rows;
}
