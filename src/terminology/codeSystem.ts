import { readFileSync } from 'node:fs';

/** A code of a shipped CodeSystem, with its name where we may ship it. */
export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly property?: readonly { readonly code: string; readonly valueBoolean?: boolean }[];
}
export type Codes = ReadonlyMap<string, Concept>;

interface Shipped {
  readonly concept: readonly Concept[];
}

/** The text of a file of profiles/terminology. */
export const shippedText = (file: string): string =>
  readFileSync(new URL(`../../profiles/terminology/${file}`, import.meta.url), 'utf8');

/** The codes of profiles/terminology/CodeSystem-<name>.json, read at the first call and kept. */
export function shippedCodes(name: string): () => Codes {
  let kept: Codes | undefined;
  return () => {
    if (kept) return kept;
    const { concept } = JSON.parse(shippedText(`CodeSystem-${name}.json`)) as Shipped;
    kept = new Map(concept.map((c) => [c.code, c]));
    return kept;
  };
}
