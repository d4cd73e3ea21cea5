import type { Coding, Resource } from '@medplum/fhirtypes';
import type { Target } from '../datatypes/reference.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { isFault, wrongValue, type Issue } from '../outcome/issue.ts';
import { asServer, seesAllOf } from '../store/access/asServer.ts';
import type { Stored, Transaction } from '../store/store.ts';
import { noteMade } from './origin.ts';
import { linkReferences } from './bundle/linkReferences.ts';
import type { Change, Context, WriteHook, Writer } from './context.ts';
import { parsed } from './stored.ts';

export { find, parsed, readQuietly, readResource, readStored, resolve } from './stored.ts';

/** Creates a resource with a new id (or the one it brings): what an operation writes. */
export async function createResource<T extends Resource>(
  context: Context,
  tx: Transaction,
  resource: T,
): Promise<T & { id: string }> {
  const fresh = resource.id === undefined;
  const made = Object.assign(resource, { id: resource.id ?? context.newId() });
  await writeResource(context, tx, made, { by: 'operation', method: 'POST', isLinked: true, fresh });
  return made;
}

/** Writes the next version of a resource that has an id: what an operation writes. */
export async function updateResource<T extends Resource>(
  context: Context,
  tx: Transaction,
  resource: T & { id: string },
): Promise<T & { id: string }> {
  await writeResource(context, tx, resource, { by: 'operation', method: 'PUT', isLinked: true });
  return resource;
}

export interface WriteOptions {
  readonly by: Writer;
  readonly method: 'POST' | 'PUT';
  readonly ifMatch?: number | undefined;
  readonly fresh?: boolean; // the id was just made
  readonly isSound?: boolean; // its faults were looked for before
  readonly isLinked?: boolean; // it has no reference that must be resolved first
}

/** Everything that is wrong with a resource by itself. */
export const faultsOf = (context: Context, resource: Resource): Issue[] => [
  ...context.validate(resource).filter(isFault),
  ...subsetFaults(resource),
];

const valueSystem = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';

/**
 * A resource that a server has cut (_summary, _elements) would take away what it left out. Asked of any JSON.
 * See https://hl7.org/fhir/R4/resource.html#Meta
 */
function subsetFaults({ resourceType, meta }: Resource): Issue[] {
  const tags: unknown = meta?.tag;
  if (!Array.isArray(tags)) return [];
  const at = tags.findIndex(
    (tag: Partial<Coding> | null) => tag?.code === 'SUBSETTED' && tag.system === valueSystem,
  );
  const text = 'is a part of a resource (SUBSETTED): to write it would take away the rest';
  return at < 0 ? [] : [wrongValue('subsetted', `${resourceType}.meta.tag[${at}]`, text)];
}

/**
 * The one way a resource is written: it is judged, its references are resolved, the hooks of its type see it before and
 * after, and it is put.
 */
export async function writeResource(
  context: Context,
  tx: Transaction,
  resource: Resource & { id: string },
  { by, isSound = false, isLinked = false, ...options }: WriteOptions,
): Promise<Stored> {
  if (!isSound) {
    const faults = faultsOf(context, resource);
    if (faults.length > 0) throw unprocessable(faults);
  }
  if (!isLinked) await linkReferences(context, tx, resource);
  const { method, ifMatch, fresh = false } = options;
  const put = async (): Promise<Stored> => {
    const expected = ifMatch === undefined ? {} : { ifMatch };
    const stored = await tx.put(resource, { method, ...expected, ...(fresh ? { fresh } : {}) });
    if (by === 'operation') noteMade(tx, stored);
    return stored;
  };
  const { resourceType: type, id } = resource;
  const hooks = hooksOf(context, { type, id });
  if (hooks.length === 0) return put();
  return hooked(
    context,
    tx,
    { hooks, change: { target: { type, id }, by, after: resource }, isNew: fresh },
    put,
  );
}

/** The one way a resource is deleted: the hooks of its type see it. Undefined when there was nothing to delete. */
export async function deleteResource(
  context: Context,
  tx: Transaction,
  target: Target,
  { by, ifMatch }: Pick<WriteOptions, 'by' | 'ifMatch'>,
): Promise<Stored | undefined> {
  const { type, id } = target;
  const remove = (): Promise<Stored | undefined> =>
    tx.delete(type, id, ifMatch === undefined ? {} : { ifMatch });
  const hooks = hooksOf(context, target);
  if (hooks.length === 0) return remove();
  return hooked(context, tx, { hooks, change: { target: { type, id }, by }, isNew: false }, remove);
}

/** A shipped definition as it is, into a store of its own: it was judged when it was written. */
export const putShipped = (tx: Transaction, resource: Resource & { id: string }): Promise<Stored> =>
  tx.put(resource, { fresh: true });

/** A resource that the server makes by itself, sound as it is made, under an id that nobody else can take. */
export const putMade = (tx: Transaction, resource: Resource & { id?: string }): Promise<Stored> =>
  tx.put(Object.assign(resource, { id: resource.id ?? '' }), { method: 'POST', fresh: true });

const hooksOf = ({ hooks }: Context, { type }: Target): readonly WriteHook[] =>
  hooks.filter(({ types }) => types.includes(type));

interface Hooked {
  readonly hooks: readonly WriteHook[];
  readonly change: Omit<Change, 'before' | 'view'>;
  readonly isNew: boolean; // nothing can be there
}

async function hooked<T extends Stored | undefined>(
  context: Context,
  tx: Transaction,
  { hooks, change, isNew }: Hooked,
  write: () => Promise<T>,
): Promise<T> {
  const { type, id } = change.target;
  // Hooks say nothing of what the caller does not see: the store refuses to write it.
  if (!isNew && !seesAllOf(tx, type) && !(await tx.read(type, id))) return write();
  let known: Promise<Stored | undefined> | undefined;
  let isWritten = false;
  const before = async (): Promise<(Resource & { id: string }) | undefined> => {
    if (isNew) return undefined;
    if (!known && isWritten) throw new Error('a hook asks for what was there when it is gone');
    known ??= tx.read(type, id);
    const stored = await known;
    return stored && !stored.deleted ? Object.assign(parsed(stored), { id }) : undefined;
  };
  const seen: Change = { ...change, before, view: tx };
  const follow: NonNullable<Awaited<ReturnType<WriteHook['run']>>>[] = [];
  for (const hook of hooks) {
    const after = await hook.run(context, asServer(tx), seen);
    if (after) follow.push(after);
  }
  const written = await write();
  isWritten = true;
  if (written) for (const after of follow) await after(written);
  return written;
}
