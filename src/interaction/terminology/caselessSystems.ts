import type { CodeSystem } from '@medplum/fhirtypes';
import { parsePairs } from '../../search/parse.ts';
import type { CaselessSystems } from '../../search/anyCase.ts';
import type { Reader } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { parsed } from '../stored.ts';
import { typeCache } from '../typeCache.ts';

/**
 * The code systems whose codes are found in any case: the CodeSystems, stored or brought along, that say that they are
 * not case sensitive. A stored one decides about the system that it names.
 */
export const caselessSystems = (context: Context, reader: Reader): Promise<CaselessSystems> =>
  typeCache(context, reader, {
    key: 'caseless systems',
    types: ['CodeSystem'],
    build: async (server) => {
      const { builtIn } = context;
      const said = new Map<string, boolean>();
      if (builtIn?.ids.has('CodeSystem')) await addTo(said, await builtIn.reader());
      await addTo(said, server);
      return new Set([...said].flatMap(([url, isCaseless]) => (isCaseless ? [url] : [])));
    },
  });

async function addTo(said: Map<string, boolean>, reader: Reader): Promise<void> {
  const query = parsePairs('CodeSystem', [['_count', '1000']]);
  for (let cursor: string | undefined; ;) {
    const page = await reader.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    for (const row of page.matches) {
      const { url, caseSensitive } = parsed<CodeSystem>(row);
      if (url !== undefined && caseSensitive !== undefined) said.set(url, !caseSensitive);
    }
    cursor = page.next;
    if (cursor === undefined) return;
  }
}
