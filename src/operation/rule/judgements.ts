import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Condition } from '../../billing/rule/dataRule.ts';
import type { Subject } from '../../billing/rule/subject.ts';
import { contentText } from '../../datatypes/content.ts';
import { NeedsOutside } from '../../interaction/outside.ts';
import { judgeApart, type Judged } from './judgeApart.ts';

/** What was judged, by the hash of the rules and of all that they may look at: no word of a chart is kept here. */
const kept = new LRUCache<string, readonly Judged[]>({ max: 2000 });

/**
 * What rules find in a claim. A transaction cannot wait for the thread that judges them: where it was not judged yet the
 * transaction is taken back, and its work done again once it was.
 */
export function judged(rules: readonly Condition[], subject: Subject): readonly Judged[] {
  const key = keyOf(rules, subject);
  const known = kept.get(key);
  if (known) return known;
  throw new NeedsOutside(async () => void kept.set(key, await judgeApart(rules, subject)));
}

function keyOf(rules: readonly Condition[], subject: Subject): string {
  const conditions = rules.map(({ each, when, place }) => ({ each, when, place }));
  return createHash('sha256')
    .update(contentText([conditions, settled(subject)]))
    .digest('hex');
}

/**
 * What work that is begun anew makes again under other names is left out: versions, and the id and numbers of a claim.
 * What patients, visits, payers and billers are named and marked by stays: a rule may ask for it.
 */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (typeof value !== 'object' || value === null) return value;
  const leftOut = 'resourceType' in value ? leftOutOf(value.resourceType) : ofMeta;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      if (leftOut.includes(name)) return [];
      if (name === 'reference' && typeof item === 'string' && made.test(item)) return [];
      return [[name, settled(item)] as const];
    }),
  );
}
const made = /^(?:ChargeItem|Claim|Account)\//;
const ofMeta = ['versionId', 'lastUpdated'];
const leftOutOf = (type: unknown): readonly string[] =>
  type === 'Claim' ? ['id', 'meta', 'identifier'] : ['id'];
