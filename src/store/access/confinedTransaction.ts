import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../datatypes/entry.ts';
import { parseReference, type Target } from '../../datatypes/reference.ts';
import { duplicate, fhirError, notFound, type FhirError } from '../../outcome/fhirError.ts';
import type { JobWriter } from '../job.ts';
import type { Remembered, Stored, Transaction } from '../store.ts';
import { ConfinedReader, notPermitted, type Confining } from './confinedReader.ts';

const outside = (type: ResourceType): FhirError =>
  fhirError(403, 'forbidden', 'outside-access', `What you may write does not include this ${type}`);

/** The transaction of a principal with limited access: what it writes lies inside that access before and after. */
export class ConfinedTransaction extends ConfinedReader implements Transaction {
  readonly #all: Transaction;
  readonly #confining: Confining;

  constructor(all: Transaction, confining: Confining) {
    super(all, confining);
    this.#all = all;
    this.#confining = confining;
  }

  get jobs(): JobWriter {
    throw notPermitted('Background work');
  }

  readAhead(targets: readonly Target[], keys?: readonly string[]): Promise<boolean> {
    return this.#all.readAhead(targets, keys);
  }

  /**
   * A resource that is not visible cannot be replaced, nor created under a chosen id: 404 either way. A principal who
   * sees all of a type may choose ids, as what they do not find does not exist.
   */
  async put(
    resource: Resource & { id: string },
    options: { method?: 'POST' | 'PUT'; ifMatch?: number; fresh?: boolean } = {},
  ): Promise<Stored> {
    const { resourceType: type, id } = resource;
    const { judge } = this.#confining;
    const before = options.fresh === true ? undefined : await this.#all.read(type, id);
    const isSeen = before !== undefined && (await judge.sees(this.#all, before));
    const isNew = before === undefined && (options.method === 'POST' || judge.seesAll(type));
    if (!isSeen && !isNew) throw notFound(`${type}/${id}`);
    const isThere = before !== undefined && !before.deleted;
    if (isThere && !(await judge.mayChange(this.#all, before, 'update'))) throw outside(type);
    const way = isThere ? 'update' : 'create';
    if (!(await judge.mayWrite(this.#all, resource, way))) throw outside(type);
    return this.#all.put(resource, options);
  }

  async delete(
    type: ResourceType,
    id: string,
    options: { ifMatch?: number } = {},
  ): Promise<Stored | undefined> {
    const before = await this.read(type, id);
    if (!before) return undefined;
    if (!before.deleted && !(await this.#confining.judge.mayChange(this.#all, before, 'delete')))
      throw outside(type);
    return this.#all.delete(type, id, options);
  }

  lock(key: string): Promise<void> {
    return this.#all.lock(key);
  }

  /** Reports that a key is taken; names the holder only where it is visible. */
  async reserve(key: string, holder: string): Promise<void> {
    const present = await this.#all.holder(key);
    if (present !== undefined && present !== holder && (await this.holder(key)) === undefined)
      throw duplicate('key-taken', 'Another holds this business key');
    return this.#all.reserve(key, holder);
  }

  /** A key whose holder is not visible is not released. */
  async release(key: string): Promise<void> {
    if ((await this.holder(key)) !== undefined) await this.#all.release(key);
  }

  async append(entry: Entry): Promise<void> {
    const target = parseReference(entry.account);
    const account = target && (await this.read(target.type, target.id));
    if (!account || account.deleted) throw notFound(entry.account);
    return this.#all.append(entry);
  }

  remember(key: string, answer: Remembered, expires?: string): Promise<void> {
    return this.#all.remember(key, answer, expires);
  }
}
