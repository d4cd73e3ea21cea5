import type { Entry } from '../../datatypes/entry.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Call } from '../operation.ts';

/**
 * The entries of a journal that are about nothing hidden from the caller: neither a visit nor a charge, claim or Invoice
 * that is of a type they see and is not seen itself, as one that is labelled sensitive.
 */
export async function seenJournal(
  { context, view }: Pick<Call, 'context' | 'view'>,
  journal: readonly Entry[],
): Promise<readonly Entry[]> {
  if (!view) return journal;
  const known = new Map<string, Promise<boolean>>();
  const isHidden = (name: string): Promise<boolean> => {
    const is = known.get(name) ?? look(name);
    known.set(name, is);
    return is;
  };
  const look = async (name: string): Promise<boolean> => {
    const target = parseReference(name);
    if (!target || context.access?.types.get(target.type)?.see === undefined) return false;
    return (await view.read(target.type, target.id)) === undefined;
  };
  const seen: Entry[] = [];
  for (const entry of journal) {
    const names = entry.postings.flatMap((p) => [p.encounter, p.charge, p.claim, p.invoice]);
    const about = new Set(names.filter((name) => name !== undefined));
    let hidden = false;
    for (const name of about) hidden ||= await isHidden(name);
    if (!hidden) seen.push(entry);
  }
  return seen;
}
