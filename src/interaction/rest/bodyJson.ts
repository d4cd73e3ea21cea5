import { parsedWithin } from '../../datatypes/json.ts';
import { afterOthers, breather } from '../breather.ts';
import type { Limits } from '../limits.ts';
import { JsonScan, tooMany, type RootList } from './jsonScan.ts';
import { readJson } from './strictJson.ts';

/** Bytes that are scanned at a time. */
const step = 1024 * 1024;
/** Least bytes of a value in a list with its comma: a shorter body cannot have too many values. */
const bytesOfValue = 2;

/**
 * Reads the JSON of a body. A large one is scanned first (413 where it has too many values) and, where it is a long list
 * of entries, is parsed entry by entry, so that other requests are served between entries.
 */
export async function readBodyJson(bytes: Uint8Array, limits: Limits): Promise<unknown> {
  const value = await readLarge(bytes, limits);
  if (Array.isArray(value)) refuseMore(value, limits.patchOperations, 'operations of a patch');
  else if (typeof value === 'object' && value !== null && 'resourceType' in value) {
    if (value.resourceType === 'Bundle' && 'entry' in value)
      refuseMore(value.entry, limits.bundleEntries, 'entries of a Bundle');
    if (value.resourceType === 'Parameters' && 'parameter' in value)
      refuseMore(value.parameter, limits.parameters, 'parameters');
  }
  return value;
}

async function readLarge(bytes: Uint8Array, limits: Limits): Promise<unknown> {
  const { jsonNodes, resourceNodes, listItems } = limits;
  if (bytes.length < bytesOfValue * Math.min(jsonNodes, resourceNodes, listItems)) return readJson(bytes);
  const scan = new JsonScan(bytes, limits);
  while (scan.step(step)) await afterOthers();
  if (bytes.length < step || !scan.list) return readJson(bytes);
  return readParts(bytes, scan.list);
}

function refuseMore(list: unknown, max: number, what: string): void {
  if (Array.isArray(list) && list.length > max) throw tooMany(max, what);
}

async function readParts(bytes: Uint8Array, { key, start, ends }: RootList): Promise<unknown> {
  const breathe = breather();
  const end = ends.at(-1) ?? start;
  const shell = readJson(Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]));
  const items: unknown[] = [];
  let from = start;
  for (const to of ends) {
    items.push(readJson(bytes.subarray(from, to)));
    from = to + 1;
    await breathe();
  }
  return parsedWithin(shell, key, items);
}
