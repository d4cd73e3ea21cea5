import type { Document } from 'mongodb';

/** The values of the elements of a field that are of some parameters. */
export const fieldValues = (field: string, numbers: readonly number[], value: string): Document => ({
  $map: {
    input: { $filter: { input: { $ifNull: [`$${field}`, []] }, cond: { $in: ['$$this.p', numbers] } } },
    in: `$$this.${value}`,
  },
});

/** A value of each entry in `x` that fits one of some patterns. */
export const textValues = (patterns: readonly string[], value: Document): Document => ({
  $map: {
    input: {
      $filter: {
        input: { $ifNull: ['$x', []] },
        cond: { $regexMatch: { input: '$$this', regex: patterns.join('|'), options: 's' } },
      },
    },
    in: value,
  },
});
