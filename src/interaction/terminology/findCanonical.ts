import type { Resource } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { parsePairs } from '../../search/parse.ts';
import type { Reader, Stored } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { parsed } from '../stored.ts';

/**
 * The conformance resource that a canonical (`url`, `url|version`) or a reference (`ValueSet/id`) names: a stored one,
 * else one that the server brings along; of several versions the newest. Undefined where there is none.
 */
export async function findCanonical<T extends Resource & { version?: string }>(
  context: Context,
  reader: Reader,
  type: T['resourceType'],
  canonical: string,
): Promise<T | undefined> {
  const readers = [reader, ...(context.builtIn?.ids.has(type) ? [await context.builtIn.reader()] : [])];
  const local = canonical.startsWith(`${context.publicUrl}/`)
    ? canonical.slice(context.publicUrl.length + 1)
    : canonical;
  const literal = parseReference(local);
  for (const from of readers) {
    const found = literal?.type === type ? await current(from, type, literal.id) : [];
    const rows = found.length > 0 ? found : await byUrl(from, type, canonical);
    const resources = rows.map((row) => parsed<T>(row));
    const [newest] = resources.sort((a, b) => compareVersions(b.version, a.version));
    if (newest) return newest;
  }
  return undefined;
}

async function current(reader: Reader, type: Resource['resourceType'], id: string): Promise<Stored[]> {
  const row = await reader.read(type, id);
  return row && !row.deleted ? [row] : [];
}

async function byUrl(
  reader: Reader,
  type: Resource['resourceType'],
  canonical: string,
): Promise<readonly Stored[]> {
  const [url = '', version] = canonical.split('|');
  const escaped = (text: string): string => text.replace(/[\\,$|]/g, (sign) => `\\${sign}`);
  const pairs: [string, string][] = [['url', escaped(url)]];
  if (version !== undefined) pairs.push(['version', escaped(version)]);
  const { matches } = await reader.search(parsePairs(type, [...pairs, ['_count', '1000']]));
  return matches;
}

/** By their numbers where they have any: 2.10.0 is newer than 2.9.0. */
const compareVersions = (a = '', b = ''): number => a.localeCompare(b, 'en', { numeric: true });
