/** What a profile asks of one element or slice, as script/makeC4bb.ts writes it. */
export interface Row {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: unknown;
  readonly by?: readonly string[]; // what tells its slices apart: 'pattern:category'
  readonly types?: readonly string[]; // of a [x]
  readonly targets?: readonly string[]; // of a Reference
  readonly extension?: string; // its URL
  readonly valueSet?: string; // of a required binding
}

/** Per code system its codes, or true where any code of it will do. */
export type ValueSets = Readonly<Record<string, Readonly<Record<string, readonly string[] | true>>>>;

/** An element of a profile with its slices and children. */
export interface Node extends Row {
  readonly name: string;
  readonly children: Map<string, Node>;
  readonly slices: Map<string, Node>;
}

type Holder = Readonly<Record<string, unknown>>;

const isHolder = (value: unknown): value is Holder =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Makes the rows of a snapshot, keyed by element id, a tree. */
export function treeOf(rows: Readonly<Record<string, Row>>): Node {
  const node = (name: string, row: Row = {}): Node => ({
    ...row,
    name,
    children: new Map(),
    slices: new Map(),
  });
  const root = node('');
  for (const [id, row] of Object.entries(rows)) {
    let at = root;
    const steps = id.split('.').slice(1);
    for (const [i, step] of steps.entries()) {
      const [name = '', slice] = step.split(':');
      const own = i === steps.length - 1;
      const element = at.children.get(name) ?? node(name, own && slice === undefined ? row : {});
      at.children.set(name, element);
      at = element;
      if (slice === undefined) continue;
      const part = element.slices.get(slice) ?? node(name, own ? row : {});
      element.slices.set(slice, part);
      at = part;
    }
  }
  return root;
}

/** True when the value has everything the pattern has. */
function fits(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((p) => value.some((v: unknown) => fits(v, p)));
  if (!isHolder(pattern)) return value === pattern;
  return isHolder(value) && Object.entries(pattern).every(([key, p]) => fits(value[key], p));
}

/** True when a coding of the concept is in the value set. */
export function inValueSet(
  concept: unknown,
  valueSet: Readonly<Record<string, readonly string[] | true>>,
): boolean {
  const coding: unknown = isHolder(concept) ? concept['coding'] : undefined;
  if (!Array.isArray(coding)) return false;
  return coding.some((c: unknown) => {
    if (!isHolder(c) || typeof c['system'] !== 'string' || typeof c['code'] !== 'string') return false;
    const codes = valueSet[c['system']];
    return codes === true || (codes?.includes(c['code']) ?? false);
  });
}

interface Found {
  readonly value: unknown;
  readonly type: string | undefined; // of a choice
}

const capital = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1);

/** The values of an element in its parent: of a list each, of a [x] the one that is there with its type. */
function valuesOf(parent: unknown, name: string): Found[] {
  if (!isHolder(parent)) return [];
  if (name.endsWith('[x]')) {
    const plain = name.slice(0, -3);
    return Object.entries(parent).flatMap(([key, value]) =>
      key.startsWith(plain) && /^[A-Z]/.test(key.slice(plain.length))
        ? [{ value, type: key.slice(plain.length) }]
        : [],
    );
  }
  const value = parent[name];
  if (value === undefined) return [];
  return Array.isArray(value)
    ? value.map((v: unknown) => ({ value: v, type: undefined }))
    : [{ value, type: undefined }];
}

/** Tells what breaks a profile, a line each, with the path and what was asked. */
export function profileFaults(resource: unknown, root: Node, valueSets: ValueSets): string[] {
  const faults: string[] = [];

  /** Whether a value belongs to a slice, by the discriminators of the sliced element. */
  const belongs = (
    found: Found,
    slice: Node,
    [sliceName, by]: readonly [string, readonly string[]],
  ): boolean =>
    by.every((discriminator) => {
      const [kind, path = ''] = discriminator.split(':');
      if (kind === 'type') return sliceName === slice.name.replace('[x]', found.type ?? '');
      if (path === 'url') return isHolder(found.value) && found.value['url'] === slice.extension;
      const [node, values] =
        path === '$this' ? [slice, [found]] : [slice.children.get(path), valuesOf(found.value, path)];
      if (node?.pattern !== undefined) return values.some((v) => fits(v.value, node.pattern));
      const codes = node?.valueSet === undefined ? undefined : valueSets[node.valueSet];
      return codes !== undefined && values.some((v) => inValueSet(v.value, codes));
    });

  const count = (path: string, node: Node, length: number): void => {
    if (length < (node.min ?? 0)) faults.push(`${path}: ${length}, at least ${node.min ?? 0}`);
    if (node.max !== undefined && length > node.max) faults.push(`${path}: ${length}, at most ${node.max}`);
  };

  const one = (path: string, node: Node, found: Found): void => {
    const { value, type } = found;
    if (node.pattern !== undefined && !fits(value, node.pattern))
      faults.push(`${path}: must be ${JSON.stringify(node.pattern)}`);
    if (type !== undefined && node.types && !node.types.some((t) => capital(t) === type))
      faults.push(`${path}: must be ${node.types.join(' or ')}`);
    const codes = node.valueSet === undefined ? undefined : valueSets[node.valueSet];
    if (codes && !inValueSet(value, codes))
      faults.push(`${path}: must have a code of ${node.valueSet ?? ''}`);
    if (node.targets && !pointsTo(value, node.targets))
      faults.push(`${path}: must point to ${node.targets.join(' or ')}`);
    for (const child of node.children.values()) element(path, child, value);
  };

  const element = (parentPath: string, node: Node, parent: unknown): void => {
    const path = `${parentPath}.${node.name.replace('[x]', '')}`;
    const values = valuesOf(parent, node.name);
    count(path, node, values.length);
    for (const found of values) one(path, node, found);
    for (const [sliceName, slice] of node.slices) {
      const own = values.filter((found) => belongs(found, slice, [sliceName, node.by ?? []]));
      count(`${path}:${sliceName}`, slice, own.length);
      for (const found of own) one(`${path}:${sliceName}`, slice, found);
    }
  };

  const type =
    isHolder(resource) && typeof resource['resourceType'] === 'string' ? resource['resourceType'] : '?';
  for (const child of root.children.values()) element(type, child, resource);
  return [...new Set(faults)];
}

/** A literal reference of another type is wrong; what is no literal reference cannot be told. */
function pointsTo(value: unknown, targets: readonly string[]): boolean {
  const reference = isHolder(value) ? value['reference'] : undefined;
  const type =
    typeof reference === 'string' ? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(reference)?.[1] : undefined;
  return type === undefined || targets.includes(type);
}
