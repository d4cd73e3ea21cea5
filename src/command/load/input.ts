import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../datatypes/json.ts';
import { UsageError } from './arguments.ts';
import { contentHash } from './contentHash.ts';

/** One Bundle to be posted, with the key that its content gives it. */
export interface Part {
  readonly file: string;
  readonly bundle: Bundle;
  readonly key: string;
  readonly faults: readonly string[]; // what was left out because it holds no resource
}

const readable = /\.(?:json|ndjson)(?:\.gz)?$/;
const linesPerPart = 500;
const unzip = promisify(gunzip);

/** The files of the paths, folders read through: those that others refer to come first. */
export async function inputFiles(paths: readonly string[]): Promise<string[]> {
  const files = (await Promise.all(paths.map(filesAt))).flat();
  const ranked = await Promise.all(
    [...new Set(files)].map(async (file) => ({ file, rank: rankOf(await beginning(file)) })),
  );
  return ranked.sort((a, b) => a.rank - b.rank || (a.file < b.file ? -1 : 1)).map(({ file }) => file);
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`there is nothing at ${path}`);
  if (!found.isDirectory()) {
    if (readable.test(path)) return [path];
    throw new UsageError(`${path} is neither .json nor .ndjson, with or without .gz`);
  }
  const inside = await readdir(path, { withFileTypes: true });
  const below = inside
    .filter((entry) => entry.isDirectory() || readable.test(entry.name))
    .map((entry) => join(path, entry.name))
    .map((name) => filesAt(name));
  return (await Promise.all(below)).flat();
}

/** Organizations and places before practitioners before the rest: what refers comes after what it refers to. */
function rankOf(text: string): number {
  const first = /"resourceType"\s*:\s*"(?!Bundle")([A-Za-z]+)"/.exec(text)?.[1] ?? '';
  if (/^(?:Organization|Location)$/.test(first)) return 0;
  return /^Practitioner(?:Role)?$/.test(first) ? 1 : 2;
}

/** The first characters of a file: enough to see what its first resource is. */
async function beginning(file: string): Promise<string> {
  const raw = createReadStream(file);
  const plain = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  let text = '';
  for await (const chunk of plain) {
    text += String(chunk);
    if (text.length > 4096) break;
  }
  raw.destroy();
  return text;
}

export const isOfLines = (file: string): boolean => /\.ndjson(?:\.gz)?$/.test(file);

/** What a file holds, one Bundle after another; lines of an .ndjson come in Bundles of a few hundred. */
export async function* partsOf(file: string): AsyncGenerator<Part> {
  if (isOfLines(file)) {
    yield* lineParts(file);
    return;
  }
  const bytes = await readFile(file);
  const plain = file.endsWith('.gz') ? await unzip(bytes) : bytes;
  const resource = resourceIn(plain.toString('utf8'));
  const key = keyOf(contentHash(plain));
  yield resource ? { file, bundle: bundleOf(resource), key, faults: [] } : noPart(file, key);
}

const noResource = 'this is no FHIR resource in JSON';
const batchOf = (entry: BundleEntry[]): Bundle => ({ resourceType: 'Bundle', type: 'batch', entry });
const noPart = (file: string, key: string): Part => ({
  file,
  bundle: batchOf([]),
  key,
  faults: [noResource],
});

async function* lineParts(file: string): AsyncGenerator<Part> {
  const raw = createReadStream(file);
  const lines = createInterface({ input: file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw });
  let [no, some, entry, faults]: [number, string[], BundleEntry[], string[]] = [0, [], [], []];
  const made = (): Part => {
    const part = { file, bundle: batchOf(entry), key: keyOf(contentHash(some.join('\n'))), faults };
    [some, entry, faults] = [[], [], []];
    return part;
  };
  for await (const line of lines) {
    no += 1;
    if (line.trim() === '') continue;
    const resource = resourceIn(line);
    if (resource) entry.push(...entriesOf(resource));
    else faults.push(`line ${no}: ${noResource}`);
    some.push(line);
    if (some.length >= linesPerPart) yield made();
  }
  if (some.length > 0) yield made();
}

const keyOf = (hash: string): string => `load sha256:${hash}`;

/** The resource that a text is; undefined where it is none. */
export function resourceIn(text: string): Resource | undefined {
  try {
    const value = parseJson(text);
    const isResource = typeof value === 'object' && value !== null && 'resourceType' in value;
    return isResource ? (value as Resource) : undefined;
  } catch {
    return undefined; // no JSON
  }
}

const bundleOf = (resource: Resource): Bundle =>
  resource.resourceType === 'Bundle' && ['batch', 'transaction'].includes(resource.type)
    ? resource
    : batchOf(entriesOf(resource));

/** Plain resources as entries: those with an id are put under it. */
function entriesOf(resource: Resource): BundleEntry[] {
  if (resource.resourceType === 'Bundle') {
    return (resource.entry ?? []).flatMap((e) => (e.resource ? entriesOf(e.resource) : []));
  }
  const { resourceType, id } = resource;
  const request =
    id === undefined
      ? ({ method: 'POST', url: resourceType } as const)
      : ({ method: 'PUT', url: `${resourceType}/${id}` } as const);
  return [{ resource, request }];
}
