/**
 * A store may run the work of a transaction again. The changes that a run makes to the resources of the request (ids,
 * resolved references) are undone before the next run, which may choose others.
 */
const edits = new WeakMap<object, (() => void)[]>();

/** Registers how an edit of a resource is undone. */
export function noteEdit(resource: object, back: () => void): void {
  const known = edits.get(resource);
  if (known) known.push(back);
  else edits.set(resource, [back]);
}

/** Undoes the edits that an earlier run made to a resource. */
export function retryUndo(resource: object): void {
  const known = edits.get(resource);
  if (!known) return;
  for (const back of known.reverse()) back();
  edits.delete(resource);
}

/** Gives a resource its id. */
export function withId<T extends { id?: string }>(resource: T, id: string): T & { id: string } {
  const { id: before } = resource;
  noteEdit(resource, () => {
    if (before === undefined) delete resource.id;
    else resource.id = before;
  });
  return Object.assign(resource, { id });
}

const freshIds = new WeakMap<object, string>();

/**
 * The new id of a resource of a Bundle, the same in each run: work that is begun anew because it awaited something
 * outside finds what was awaited only where the references are the same.
 */
export function freshId(resource: object, newId: () => string): string {
  const id = freshIds.get(resource) ?? newId();
  freshIds.set(resource, id);
  return id;
}
