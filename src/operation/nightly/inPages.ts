import type { ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../search/parse.ts';
import type { NightlyWork } from './nightly.ts';

/** What parts an item from the page it was found on: Account/1|<cursor>. */
const mark = '|';

/** The reference of an item of `inPages`, or of any that begins with one. */
export const referenceOf = (item: string): string => item.split(mark)[0] ?? item;

/**
 * Goes through what a search finds, in its own order, a page at a time: nothing is read twice and nothing is kept in
 * memory. An item is a reference and the page that it was found on. Where the last item is found no more, its page is
 * gone through again: work has to bear that.
 */
export const inPages =
  (type: ResourceType, ...parameters: readonly (readonly [string, string])[]): NightlyWork['next'] =>
  async ({ store }, _night, { after, count }) => {
    const query = parsePairs(type, [...parameters, ['_count', String(count)]]);
    const page = async (cursor: string): Promise<{ names: string[]; next: string | undefined }> => {
      const found = await store.search(cursor === '' ? query : { ...query, cursor });
      return { names: found.matches.map(({ id }) => `${type}/${id}`), next: found.next };
    };
    const [last = '', cursor = ''] = (after ?? '').split(mark);
    const here = await page(cursor);
    const rest = here.names.slice(here.names.indexOf(last) + 1);
    if (rest.length > 0) return rest.map((name) => `${name}${mark}${cursor}`);
    const { next } = here;
    return next === undefined ? [] : (await page(next)).names.map((name) => `${name}${mark}${next}`);
  };
