/**
 * A store may run the work of a transaction again. What a run writes into the resources that came in (ids, resolved
 * references) is taken back before the next one, which may choose otherwise.
 */
const edits = new WeakMap<object, (() => void)[]>();

/** Notes how an edit of a resource is taken back. */
export function noteEdit(resource: object, back: () => void): void {
  const known = edits.get(resource);
  if (known) known.push(back);
  else edits.set(resource, [back]);
}

/** Takes back what an earlier run wrote into a resource. */
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
