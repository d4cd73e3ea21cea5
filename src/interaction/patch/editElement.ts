import { shadowKey, type Holder } from './elementNode.ts';

/** A value and, of a primitive, what stands beside it. */
export interface Content {
  readonly value: unknown;
  readonly beside: unknown;
}

const listAt = (holder: Holder, key: string): unknown[] | undefined => {
  const list = holder[key];
  return Array.isArray(list) ? (list as unknown[]) : undefined;
};

/** How many elements a list has; what a primitive list has beside it counts too. */
export const lengthOf = (holder: Holder, key: string): number =>
  Math.max(listAt(holder, key)?.length ?? 0, listAt(holder, shadowKey(key))?.length ?? 0);

/** Changes one of two lists that stand beside each other; both keep the same length. */
function edit(holder: Holder, key: string, change: (list: unknown[]) => void): void {
  const length = lengthOf(holder, key);
  for (const name of [key, shadowKey(key)]) {
    const list = listAt(holder, name);
    if (!list && name !== key) continue;
    const full = Array.from({ length }, (_, i) => list?.[i] ?? null);
    change(full);
    if (full.every((item) => item === null)) Reflect.deleteProperty(holder, name);
    else holder[name] = full;
  }
}

/** Puts an element into a list, which is made where there is none. */
export function insertAt(holder: Holder, key: string, index: number, { value, beside }: Content): void {
  const shadow = shadowKey(key);
  const before = lengthOf(holder, key);
  if (beside !== undefined && !listAt(holder, shadow)) {
    holder[shadow] = Array.from({ length: before }, () => null);
  }
  const shadows = listAt(holder, shadow);
  const values = Array.from({ length: before }, (_, i) => listAt(holder, key)?.[i] ?? null);
  values.splice(index, 0, value ?? null);
  if (values.some((item) => item !== null)) holder[key] = values;
  if (!shadows) return;
  const full = Array.from({ length: before }, (_, i) => shadows[i] ?? null);
  full.splice(index, 0, beside ?? null);
  holder[shadow] = full;
}

/** Takes an element out of a list, or the only one out of its place. */
export function removeAt(holder: Holder, key: string, index: number | undefined): void {
  if (index === undefined) {
    Reflect.deleteProperty(holder, key);
    Reflect.deleteProperty(holder, shadowKey(key));
    return;
  }
  edit(holder, key, (list) => {
    list.splice(index, 1);
  });
}

/** Moves an element of a list: it is taken out first, then put where it shall stand. */
export function moveWithin(holder: Holder, key: string, from: number, to: number): void {
  edit(holder, key, (list) => {
    list.splice(to, 0, ...list.splice(from, 1));
  });
}

/** Puts the only element of its name. */
export function setOne(holder: Holder, key: string, { value, beside }: Content): void {
  if (value !== undefined) holder[key] = value;
  if (beside !== undefined) holder[shadowKey(key)] = beside;
}
