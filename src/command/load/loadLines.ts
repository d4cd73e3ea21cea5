import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { linesOf } from '../../interaction/import/lines.ts';
import type { Client } from './client.ts';
import { resourceIn } from './input.ts';
import { firstReason } from './road.ts';

/** What lines brought in. */
export interface LoadedLines {
  readonly resources: number;
  readonly patients: number;
  readonly visits: number;
  readonly faults: readonly string[];
}

/** The beginning of a resource with an id, as bulk exports write it: known without reading the rest. */
const named = /^\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"\s*,\s*"id"\s*:\s*"[A-Za-z0-9.-]{1,64}"/;
const utf8 = new TextDecoder();

/**
 * True when a file can stream in as it is: no line is a Bundle, or a resource without an id, which a second load would
 * create anew. What is no resource at all is refused where it is imported, by its number.
 */
export async function isPlain(file: string): Promise<boolean> {
  for await (const lines of linesOf(bytesOf(file)))
    for (const { bytes } of lines) if (typeOf(bytes) === undefined && needsKey(bytes)) return false;
  return true;
}

/** Whether a line holds what only a Bundle under a key of its content brings in once. */
function needsKey(bytes: Uint8Array | undefined): boolean {
  const resource = resourceOf(bytes);
  return resource !== undefined && (resource.resourceType === 'Bundle' || resource.id === undefined);
}

/** Streams a file of lines in, as it is, through `$import`. */
export async function loadLines(client: Client, file: string): Promise<LoadedLines> {
  const counts = new Map<string, number>();
  const { status, resource } = await client.import(counted(file, counts));
  const count = (type: string): number => counts.get(type) ?? 0;
  const [patients, visits] = [count('Patient'), count('Encounter')];
  if (status !== 200 || resource?.resourceType !== 'Parameters')
    return { resources: 0, patients: 0, visits: 0, faults: [firstReason({ status, resource }).text] };
  return { resources: importedOf(resource), patients, visits, faults: faultsOf(resource) };
}

async function* counted(file: string, counts: Map<string, number>): AsyncGenerator<Uint8Array> {
  let no = 1;
  for await (const lines of linesOf(bytesOf(file))) {
    const parts: Uint8Array[] = [];
    for (const line of lines) {
      const type = typeOf(line.bytes) ?? resourceOf(line.bytes)?.resourceType ?? '';
      counts.set(type, (counts.get(type) ?? 0) + 1);
      parts.push(Buffer.alloc(line.no - no, '\n'), line.bytes ?? new Uint8Array(), newline); // empty lines count
      no = line.no + 1;
    }
    yield Buffer.concat(parts);
  }
}
const newline = Buffer.from('\n');

function bytesOf(file: string): AsyncIterable<Uint8Array> {
  const raw = createReadStream(file, { highWaterMark: 1 << 18 });
  return file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
}

function typeOf(bytes: Uint8Array | undefined): Resource['resourceType'] | undefined {
  const type = bytes && named.exec(utf8.decode(bytes.subarray(0, 300)))?.[1];
  return type !== undefined && type !== 'Bundle' && isResourceType(type) ? type : undefined;
}

const resourceOf = (bytes: Uint8Array | undefined): Resource | undefined =>
  bytes && resourceIn(utf8.decode(bytes));

const importedOf = ({ parameter = [] }: Parameters): number =>
  parameter.find(({ name }) => name === 'imported')?.valueInteger ?? 0;

function faultsOf({ parameter = [] }: Parameters): string[] {
  const outcome = parameter.find(({ name }) => name === 'outcome')?.resource as OperationOutcome | undefined;
  const refused = parameter.find(({ name }) => name === 'refused')?.valueInteger ?? 0;
  return refused === 0 ? [] : (outcome?.issue ?? []).map(({ details }) => details?.text ?? 'refused');
}
