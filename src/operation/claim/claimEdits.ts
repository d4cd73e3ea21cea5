import type { Basic, ChargeItem, Claim } from '@medplum/fhirtypes';
import { orderOf, partOf } from '../../billing/claim/claimPlace.ts';
import { editableElement, recordedEdits, type ClaimEdit } from '../../billing/claim/edit.ts';
import { layEdits } from '../../billing/claim/layEdits.ts';
import { sourceOf } from '../../billing/charge/difference.ts';
import { codeOfIssue, warning, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { cliniciansOf } from '../charge/clinicians.ts';
import { claimEditKey, holderOf } from '../uniqueKey.ts';

/** Which draft of a visit: for the payer of an order, of a part. */
export interface DraftPlace {
  readonly encounter: string; // Encounter/1
  readonly order: number;
  readonly part: string;
}

/** The edits of a draft, with the resource that keeps them. */
export interface KeptEdits {
  readonly record: (Basic & { id: string }) | undefined;
  readonly edits: readonly ClaimEdit[];
  readonly issues: readonly Issue[]; // edits that nobody can read any more
}

/** The place of a draft; undefined for a claim that others made. */
export function draftPlace(claim: Claim): DraftPlace | undefined {
  const encounter = claim.item?.[0]?.encounter?.[0]?.reference;
  const part = partOf(claim);
  return part === '' || encounter === undefined ? undefined : { encounter, order: orderOf(claim), part };
}

/** What was said on the drafts of a place. */
export async function editsAt(reader: Reader, { encounter, order, part }: DraftPlace): Promise<KeptEdits> {
  const record = await holderOf(reader, claimEditKey(encounter, order, part));
  const { edits, unreadable } = recordedEdits(record);
  const text = `Basic/${record?.id ?? ''} keeps ${unreadable} edits that cannot be read: enter them again`;
  return {
    record,
    edits,
    issues: unreadable > 0 ? [warning('edit-unreadable', 'Basic.extension', text)] : [],
  };
}

/** The edits of a claim; none of a claim that others made. */
export async function editsOfClaim(reader: Reader, claim: Claim): Promise<KeptEdits> {
  const place = draftPlace(claim);
  return place ? editsAt(reader, place) : { record: undefined, edits: [], issues: [] };
}

/** A claim with what was said on the drafts of its place laid over it. */
export async function withEdits<T extends Omit<Claim, 'created'>>(
  reader: Reader,
  claim: T,
  { of, charges }: { readonly of: DraftPlace; readonly charges: readonly (ChargeItem & { id: string })[] },
): Promise<{ readonly claim: T; readonly issues: readonly Issue[] }> {
  const { edits, issues } = await editsAt(reader, of);
  if (edits.length === 0) return { claim, issues };
  const people = edits
    .filter((e) => editableElement(e.element).kind === 'provider')
    .flatMap((e) => e.values.flatMap((v) => v.valueReference?.reference ?? []));
  const sources = new Map(
    charges.flatMap((c) => {
      const source = sourceOf(c);
      return source === undefined ? [] : [[`ChargeItem/${c.id}`, source] as const];
    }),
  );
  const laid = layEdits(claim, edits, { sources, clinician: await cliniciansOf(reader, people) });
  return { claim: laid.claim, issues: [...issues, ...laid.issues] };
}

const ofEdits: readonly (string | undefined)[] = [
  'edit-without-line',
  'edit-without-diagnosis',
  'edit-unreadable',
];

/** Whether an issue tells of an edit that could not be laid over a draft. */
export const isOfEdit = (issue: Issue): boolean => ofEdits.includes(codeOfIssue(issue));
