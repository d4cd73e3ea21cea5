import type { FilterValue } from '../../../search/query.ts';
import type { FilterContext, MongoKind } from '../kind.ts';
import { any, type Match } from './match.ts';
import type { Place } from './place.ts';

/** A filter that asks for each value in each place by itself. */
export const byValue =
  (one: (context: FilterContext, place: Place, value: FilterValue) => Match): MongoKind['filter'] =>
  (context, values) =>
    any(values.map((value) => any(context.places.map((place) => one(context, place, value)))));

/** What comes after every text that starts with this one. */
export const beyond = (text: string): string => `${text}\u{10ffff}`;
