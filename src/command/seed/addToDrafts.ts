import type { Claim, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { system } from '../../terminology/system.ts';
import type { Client } from '../load/client.ts';
import type { AddedToDraft } from './clock.ts';

const categoryOf = ({ category }: Pick<ClaimSupportingInfo, 'category'>): string | undefined =>
  codeOf(category, system.c4bbSupportingInfo);

/** Writes on the drafts of a visit what its biller knows; on one that has it, or was sent, nothing. */
export async function addToDrafts(
  client: Client,
  drafts: readonly Claim[],
  added: readonly AddedToDraft[],
): Promise<void> {
  const entry = drafts.flatMap((draft) => {
    const forms = added.filter(({ form }) => codeOf(draft.type, system.claimType) === form);
    if (draft.status !== 'draft' || forms.length === 0) return [];
    const resource = forms.reduce(withAdded, draft);
    return [{ resource, request: { method: 'PUT' as const, url: `Claim/${draft.id ?? ''}` } }];
  });
  if (entry.length === 0) return;
  const { status } = await client.post({ resourceType: 'Bundle', type: 'transaction', entry });
  if (status !== 200) throw new Error(`a draft could not be written: ${status}`);
}

function withAdded(draft: Claim, { supportingInfo = [], linked = [], element = {} }: AddedToDraft): Claim {
  const before = draft.supportingInfo ?? [];
  const known = new Set(before.map(categoryOf));
  const last = Math.max(0, ...before.map((s) => s.sequence));
  const added = supportingInfo
    .filter((one) => !known.has(categoryOf(one)))
    .map((one, i) => changed(one, { sequence: last + 1 + i }));
  const pointed = added.filter((one) => linked.includes(categoryOf(one) ?? '')).map((one) => one.sequence);
  const item = (draft.item ?? []).map((line) =>
    pointed.length === 0
      ? line
      : changed(line, { informationSequence: [...(line.informationSequence ?? []), ...pointed] }),
  );
  return changed(changed(draft, element), { supportingInfo: [...before, ...added], item });
}
