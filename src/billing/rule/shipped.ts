import { readFileSync } from 'node:fs';
import type { Condition } from './dataRule.ts';

/** A fault of a shipped scrub rule as data: the rule has the CARC, the cure and the source (docs/scrub-rules.md). */
export interface ShippedCondition extends Condition {
  readonly rule: string; // id of the scrub rule
  readonly severity?: 'error' | 'warning'; // another than that of the rule
  readonly text: string;
}

interface Written extends Omit<ShippedCondition, 'each'> {
  readonly each?: readonly string[]; // none: the claim as a whole
}

const folder = new URL('../../../profiles/rule/', import.meta.url);

const conditionsIn = (name: string): readonly ShippedCondition[] =>
  (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as readonly Written[]).flatMap((one) =>
    (one.each ?? ['Claim']).map((each) => ({ ...one, each })),
  );

/** The shipped scrub rules that fit into conditions, one for each fault and kind of element. */
export const shippedConditions: readonly ShippedCondition[] = conditionsIn('scrub-rules.json');

/** What a coder may look at again in a claim that is drafted: level of a visit, modifiers, finer diagnoses. */
export const codingHints: readonly ShippedCondition[] = conditionsIn('coding-hints.json');
