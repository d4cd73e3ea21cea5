import type { NightlyWork } from '../nightly/nightly.ts';

type Way = NightlyWork['next'];

/** What parts an item from the name of its way: Task/1|<cursor>|open. */
const mark = '|';

/** The name of the way that an item was found on. */
export const wayOf = (item: string): string => item.slice(item.lastIndexOf(mark) + 1);

/** Goes through several kinds of items, one kind after the other. */
export const oneBehindAnother =
  (...ways: readonly (readonly [name: string, way: (date: string) => Way])[]): Way =>
  async (context, night, { after, count }) => {
    const from = after === undefined ? 0 : ways.findIndex(([name]) => name === wayOf(after));
    for (const [i, [name, way]] of ways.entries()) {
      if (i < from) continue;
      const last = i === from ? after?.slice(0, after.lastIndexOf(mark)) : undefined;
      const items = await way(night.date)(context, night, { after: last, count });
      if (items.length > 0) return items.map((item) => `${item}${mark}${name}`);
    }
    return [];
  };
