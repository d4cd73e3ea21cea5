export type Match = Readonly<Record<string, unknown>>;

export const never: Match = { _id: { $in: [] } };
export const always: Match = {};

/** Any of the matches, as short as possible. */
export const any = (matches: readonly Match[]): Match => {
  const left = matches.filter((m) => m !== never);
  const [only] = left;
  if (!only) return never;
  return left.length === 1 ? only : { $or: left };
};
export const all = (matches: readonly Match[]): Match => {
  if (matches.includes(never)) return never;
  const left = matches.filter((m) => m !== always);
  const [only] = left;
  if (!only) return always;
  return left.length === 1 ? only : { $and: left };
};
/** The resources of these ids. */
export const idsMatch = (ids: readonly string[]): Match => (ids.length === 0 ? never : { _id: { $in: ids } });
export const not = (match: Match): Match => (match === never ? always : { $nor: [match] });

export const among = (texts: readonly string[]): Match => ({
  ['x']: texts.length === 1 ? texts[0] : { $in: texts },
});

/** An element of a list that meets a match. */
export const element = (field: string, match: Match): Match => ({ [field]: { $elemMatch: match } });

/** How entry texts are looked up, and whether strings are also found by prefix keys. */
export interface KeyLookup {
  readonly among: (texts: readonly string[]) => Match;
  readonly byPrefixKey: boolean;
}
