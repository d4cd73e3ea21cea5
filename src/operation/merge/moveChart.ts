import type { Account, Encounter, Resource, ResourceType } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, same } from '../../datatypes/reference.ts';
import { parsed, updateResource } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { isApproval } from '../approval/approvalTask.ts';
import { keptBy } from '../books/keptBy.ts';
import { isMerge } from './mergeRecord.ts';
import type { Call } from '../operation.ts';
import { turned } from './turnReferences.ts';

/** So many resources may name a record that is merged: it is one transaction. */
const most = 2000;

/** What tells of the past, or is moved apart. */
const left: readonly ResourceType[] = ['Account', 'AuditEvent', 'Patient', 'Provenance'];

/**
 * Turns the references of the chart from one record to the other. What stands in the books keeps its patient. Answers
 * each that was written as it was before: Encounter/1/_history/3.
 */
export async function moveChart(
  call: Call,
  { from, to, parts }: { readonly from: string; readonly to: string; readonly parts: readonly Account[] },
): Promise<string[]> {
  const { context, tx } = call;
  const id = parseReference(from)?.id ?? '';
  const { references, total } = await tx.referrers('Patient', id, most + 1);
  if (total > most) {
    const text = `${total} resources name ${from}: at most ${most} are moved at once`;
    throw unprocessable([businessFault('merge-too-large', 'Patient', text)]);
  }
  const before: string[] = [];
  for (const reference of references) {
    const name = parseReference(reference);
    if (!name || left.includes(name.type)) continue;
    const stored = await tx.read(name.type, name.id);
    if (!stored || stored.deleted) continue;
    const resource = changed(parsed<Resource>(stored), { id: name.id });
    if (isLeft(resource) || (await keptBy(tx, resource)) !== undefined) continue;
    const moved = await withAccount(call, turned(resource, from, to), parts);
    if (contentText(moved) === contentText(resource)) continue;
    await updateResource(context, tx, moved);
    before.push(`${name.type}/${name.id}/_history/${stored.version}`);
  }
  return before;
}

/** Records of merges, and what was proposed of the record: a second person confirms it as it was said. */
const isLeft = (resource: Resource): boolean =>
  (resource.resourceType === 'Basic' && isMerge(resource)) ||
  (resource.resourceType === 'Task' && isApproval(resource));

/** A visit that was charged on an Account that goes on beside that of the record that stays names it. */
async function withAccount<T extends Resource>(
  { tx }: Call,
  resource: T,
  parts: readonly Account[],
): Promise<T> {
  if (resource.resourceType !== 'Encounter') return resource;
  const visit: Encounter = resource;
  const own = parts.find(({ owner }) => same(owner, visit.serviceProvider));
  if (own === undefined) return resource;
  const reference = `Account/${own.id ?? ''}`;
  const journal = await tx.journal(reference);
  const isOn = journal.some((e) => e.postings.some((p) => p.encounter === `Encounter/${visit.id ?? ''}`));
  return isOn ? changed(resource, { account: [{ reference }] }) : resource;
}
