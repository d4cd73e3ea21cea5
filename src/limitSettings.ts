import { defaultLimits, type Limits } from './interaction/limits.ts';

/** The settings that bound what one request may ask for: CLAIMWRIGHT_MAX_… each. */
export const limitSettings: Readonly<Record<string, keyof Limits>> = {
  MAX_BUNDLE_ENTRIES: 'bundleEntries',
  MAX_PARAMETERS: 'parameters',
  MAX_PATCH_OPERATIONS: 'patchOperations',
  MAX_JSON_VALUES: 'jsonNodes',
  MAX_RESOURCE_VALUES: 'resourceNodes',
  MAX_LIST_ITEMS: 'listItems',
  MAX_INDEX_ENTRIES: 'indexEntries',
  MAX_SORT_KEYS: 'sortKeys',
  MAX_ISSUES: 'issuesTold',
  MAX_UNPACKED_RATIO: 'unpackedRatio',
  MAX_ANSWERED_BYTES: 'answeredBytes',
  MAX_ASYNC_REQUESTS: 'asyncAtWork',
  MAX_ASYNC_BYTES: 'asyncBytes',
};

/** The limits that settings ask for, the defaults for the rest; none where no setting is there.  `refuse` is told of one that is no whole number. */
export function limitsFrom(
  setting: (name: string) => string | undefined,
  refuse: (name: string) => never,
): Limits | undefined {
  const given: [keyof Limits, number][] = [];
  for (const [name, limit] of Object.entries(limitSettings)) {
    const value = setting(name);
    if (value === undefined) continue;
    if (!/^[1-9]\d{0,11}$/.test(value)) refuse(name);
    given.push([limit, Number(value)]);
  }
  return given.length === 0 ? undefined : { ...defaultLimits, ...Object.fromEntries(given) };
}
