import { readdirSync, readFileSync } from 'node:fs';
import type { Guide } from './guide.ts';
import { readGuideTable } from './guideTable.ts';
import type { WrittenGuide } from './guideTable.ts';

const folder = new URL('guide/', import.meta.url);

/** The first line of a table names the guide; the rest is read when a set asks for it. */
const heads = new Map<string, Pick<Guide, 'id' | 'set' | 'versions'>>();
const read = new Map<string, Guide>();

function known(): typeof heads {
  if (heads.size > 0) return heads;
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const table = readFileSync(new URL(file, folder), 'utf8');
    const head = JSON.parse(`${table.slice(0, table.indexOf('\n'))}]}`) as WrittenGuide;
    heads.set(head.id, { id: head.id, set: head.set, versions: head.versions });
  }
  return heads;
}

/** The guide with this id: '005010X222A1'. */
export function guide(id: string): Guide {
  const made = read.get(id);
  if (made) return made;
  const table = JSON.parse(readFileSync(new URL(`${id}.json`, folder), 'utf8')) as WrittenGuide;
  const guideRead = readGuideTable(table);
  read.set(id, guideRead);
  return guideRead;
}

/** The guides a set may be read by: its ST01, and ST03 or GS08. A 278 has one for requests and one for responses. */
export const guidesOf = (set: string, version: string): readonly Guide[] =>
  [...known().values()]
    .filter((head) => head.set === set && head.versions.includes(version))
    .map(({ id }) => guide(id));

/** The guide a set is read by, where there is one only or the first will do. */
export const guideOf = (set: string, version: string): Guide | undefined => guidesOf(set, version)[0];

/** True where some guide reads this ST01. */
export const readsSet = (set: string): boolean => [...known().values()].some((head) => head.set === set);

/** True where some guide reads this GS08. */
export const readsVersion = (version: string): boolean =>
  [...known().values()].some((head) => head.versions.includes(version));

/** The ids of all guides, sorted. */
export const guideIds = (): readonly string[] => [...known().keys()].sort();
