import { FhirError } from '../../outcome/fhirError.ts';
import { details, type Issue } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import type { Context } from '../context.ts';
import type { Step } from './entry.ts';
import { PendingWrites } from './pendingWrites.ts';
import { refuseUnresolved, resolveReferenceSite } from './resolveReferenceSite.ts';
import { retryUndo } from './retryUndo.ts';
import { referenceSites, type ReferenceSite } from './referenceSites.ts';
import type { Write } from './transactionPlan.ts';

const urnText = 'names no entry of this transaction';

/** A resource of an entry whose references are to be resolved. */
interface Linked {
  readonly place: string; // FHIRPath of the resource
  readonly fullUrl: string | undefined;
  readonly resource: object;
}

/** Resolves references by what the entries of a transaction will be. */
export class Linker {
  readonly #context: Context;
  readonly #tx: Transaction;
  readonly #targets: ReadonlyMap<string, Write>;
  readonly #own: PendingWrites;

  constructor(context: Context, tx: Transaction, writes: readonly Write[]) {
    this.#context = context;
    this.#tx = tx;
    this.#targets = targetsOf(writes);
    this.#own = new PendingWrites(context, writes);
  }

  /** Rewrites what names an entry; gives the references that name none. */
  async rewrite({ place, fullUrl, resource }: Linked): Promise<ReferenceSite[]> {
    const open: ReferenceSite[] = [];
    const base = fullUrl === undefined ? undefined : baseOf(fullUrl);
    for (const site of referenceSites(resource, place)) {
      const { text, isReference } = site;
      const target = this.#targets.get(text);
      if (target) site.replace(`${target.type}/${target.id}`);
      else {
        const longer = await this.#longer(text, isReference ? base : undefined);
        if (longer !== undefined) site.replace(longer);
        else if (isReference) open.push(site);
      }
    }
    return open;
  }

  /** What a relative reference, or one with a version or a fragment, becomes; undefined when no entry is meant. */
  async #longer(text: string, base: string | undefined): Promise<string | undefined> {
    const [, plain = text, version, fragment = ''] = parts.exec(text) ?? [];
    const target =
      this.#targets.get(plain) ?? (base === undefined ? undefined : this.#targets.get(base + plain));
    if (!target) return undefined;
    const to = `${target.type}/${target.id}`;
    return version === undefined
      ? to + fragment
      : `${to}/_history/${await this.#versionOf(target)}${fragment}`;
  }

  /** The version that an entry will make. Which one a reference asks for is arbitrary, says R4. */
  async #versionOf({ type, id, exists, fresh }: Write): Promise<number> {
    const current = fresh ? undefined : await this.#tx.read(type, id);
    return (current?.version ?? 0) + (exists ? 0 : 1);
  }

  /** Resolves conditional references; the faults of what cannot be resolved. */
  async faults(open: readonly ReferenceSite[], remember: boolean): Promise<Issue[]> {
    const faults: Issue[] = [];
    for (const site of open) {
      const how = { remember, urnText, own: this.#own };
      faults.push(...(await resolveReferenceSite(this.#context, this.#tx, site, how)));
    }
    return faults;
  }

  /** Rewrites and resolves the references when the entries are written; refuses those that cannot be resolved. */
  async link(linked: Linked): Promise<void> {
    const faults: Issue[] = [];
    for (const site of await this.rewrite(linked)) {
      faults.push(
        ...(await resolveReferenceSite(this.#context, this.#tx, site, { remember: false, urnText })),
      );
    }
    refuseUnresolved(faults);
  }
}

interface ToLink {
  readonly writes: readonly Write[];
  readonly operations: readonly Step[];
  readonly wrote: boolean; // the transaction has written already
}

/**
 * Lets the resources of a transaction refer to each other by the ids they will have, and resolves conditional
 * references; all that resolve to nothing are refused at once. See https://hl7.org/fhir/R4/http.html#trules
 */
export async function linkEntries(
  context: Context,
  tx: Transaction,
  { writes, operations, wrote }: ToLink,
): Promise<Linker> {
  const linker = new Linker(context, tx, writes);
  const open: ReferenceSite[] = [];
  for (const write of writes) {
    if (!write.exists) open.push(...(await linker.rewrite({ ...write, place: entryPath(write.index) })));
  }
  for (const { index, fullUrl, request } of operations) {
    const { resource } = request;
    if (typeof resource !== 'object' || resource === null) continue;
    retryUndo(resource);
    open.push(...(await linker.rewrite({ place: entryPath(index), fullUrl, resource })));
  }
  refuseUnresolved(await linker.faults(open, !wrote));
  return linker;
}

const entryPath = (index: number): string => `Bundle.entry[${index}].resource`;

/** The entries that have a fullUrl, by it. */
function targetsOf(writes: readonly Write[]): Map<string, Write> {
  const targets = new Map<string, Write>();
  for (const write of writes) {
    const { index, fullUrl } = write;
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
    targets.set(fullUrl, write);
  }
  return targets;
}

/** The base of a fullUrl, 'http://other/fhir/' of 'http://other/fhir/Patient/1': relative references there start at it. */
const baseOf = (fullUrl: string): string | undefined =>
  /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[^/]+$/.exec(fullUrl)?.[1];

/** A reference in its parts: what it names, the version of that, a fragment. */
const parts = /^([^#]*?)(\/_history\/[^/#]+)?(#.*)?$/;
