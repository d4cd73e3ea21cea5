import { FhirError } from '../outcome/fhirError.ts';
import { codeOfIssue, details, unresolved, type Issue } from '../outcome/issue.ts';
import type { Transaction } from '../store/store.ts';
import { conditionOf, matchesOfReference } from './conditionalReference.ts';
import type { Context } from './context.ts';
import { mentions, type Mention } from './rewrite.ts';
import type { Write } from './transaction.ts';

/**
 * Lets the resources of a transaction refer to each other by the ids they will have, and resolves conditional
 * references; all that resolve to nothing are refused at once. See https://hl7.org/fhir/R4/http.html#trules
 */
export async function linkEntries(
  context: Context,
  tx: Transaction,
  writes: readonly Write[],
  remember: boolean,
): Promise<void> {
  const targets = targetsOf(writes);
  const faults: Issue[] = [];
  for (const { index, fullUrl, resource, exists } of writes) {
    if (exists) continue;
    const base = fullUrl === undefined ? undefined : baseOf(fullUrl);
    for (const mention of mentions(resource, `Bundle.entry[${index}].resource`)) {
      const target = targets.get(mention.text) ?? relativeTarget(targets, base, mention);
      if (target !== undefined) mention.replace(target);
      else if (mention.isReference) faults.push(...(await resolveOne(context, tx, mention, remember)));
    }
  }
  if (faults.length === 0) return;
  const onlySeveral = faults.every((issue) => codeOfIssue(issue) === 'multiple-matches');
  throw new FhirError(onlySeveral ? 412 : 422, faults);
}

/** fullUrl → Type/id of every entry that has one. */
function targetsOf(writes: readonly Write[]): Map<string, string> {
  const targets = new Map<string, string>();
  for (const { index, fullUrl, type, id } of writes) {
    if (fullUrl === undefined) continue;
    if (targets.has(fullUrl)) {
      const text = 'two entries have the same fullUrl';
      throw new FhirError(400, [
        {
          severity: 'error',
          code: 'invalid',
          details: details('overlapping-entries', text),
          expression: [`Bundle.entry[${index}].fullUrl`],
        },
      ]);
    }
    targets.set(fullUrl, `${type}/${id}`);
  }
  return targets;
}

/** 'http://other/fhir/' of 'http://other/fhir/Patient/1': a relative reference there means its neighbour. */
const baseOf = (fullUrl: string): string | undefined =>
  /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[^/]+$/.exec(fullUrl)?.[1];

const relativeTarget = (
  targets: ReadonlyMap<string, string>,
  base: string | undefined,
  { text, isReference }: Mention,
): string | undefined => (isReference && base !== undefined ? targets.get(base + text) : undefined);

async function resolveOne(
  context: Context,
  tx: Transaction,
  mention: Mention,
  remember: boolean,
): Promise<Issue[]> {
  const { text, place } = mention;
  if (/^urn:(?:uuid|oid):/.test(text)) {
    return [unresolved('unresolved-reference', place, 'names no entry of this transaction')];
  }
  const found = conditionOf(text);
  if (!found) return [];
  const { type, condition } = found;
  const [match, second] = await matchesOfReference(context, tx, type, condition, remember);
  if (match === undefined) return [unresolved('unresolved-reference', place, `matches no ${type}`)];
  if (second !== undefined) {
    return [
      { ...unresolved('multiple-matches', place, `matches several ${type}`), code: 'multiple-matches' },
    ];
  }
  mention.replace(`${type}/${match}`);
  return [];
}
