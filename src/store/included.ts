import type { ResourceType } from '@medplum/fhirtypes';
import { extract, type ExtractOptions } from '../search/extract.ts';
import type { Include } from '../search/query.ts';
import type { Stored } from './store.ts';
import { resourceOf } from './version.ts';

interface Wanted {
  readonly code: string | undefined; // undefined: whatever parameter
  readonly ofOrigin: ResourceType | undefined;
  readonly target: ResourceType | undefined;
}

/** The resources here that a row refers to by what _include asks for; may name one twice. */
export function referred(
  include: readonly Include[],
  row: Stored,
  options: ExtractOptions,
): { readonly type: ResourceType; readonly id: string }[] {
  const asked = include.filter(({ source }) => source === undefined || source === row.type);
  if (asked.length === 0 || row.deleted) return [];
  const wanted = asked.flatMap(({ parameter, target }): Wanted[] => {
    if (!parameter) return [{ code: undefined, ofOrigin: undefined, target }];
    const origins = parameter.from ?? [{ code: parameter.code }];
    return origins.map((origin) => ({
      code: origin.code,
      ofOrigin: 'target' in origin ? origin.target : undefined,
      target,
    }));
  });
  return extract(resourceOf(row), options).flatMap((entry) => {
    if (entry.kind !== 'reference' || !entry.type) return [];
    const { type, id, parameter } = entry;
    const isWanted = wanted.some(
      ({ code, ofOrigin, target }) =>
        (code === undefined || code === parameter.code) &&
        (ofOrigin ?? type) === type &&
        (target ?? type) === type,
    );
    return isWanted ? [{ type, id }] : [];
  });
}
