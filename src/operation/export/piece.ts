import type { BundleEntry, ResourceType } from '@medplum/fhirtypes';
import { shaped, type Shape } from '../../interaction/search/summary.ts';
import { patientsOf } from '../../store/access/access.ts';
import type { Store, Stored } from '../../store/store.ts';
import type { ExportRequest } from './exportRequest.ts';
import { isAssociated, isProvenanceAsked } from './provenance.ts';
import type { ExportFile, ExportPlace } from './exportState.ts';

/** Bytes of NDJSON from which a piece ends, and resources looked at, so that what a crash costs is little. */
const pieceBytes = 2_000_000;
const pieceLooks = 100_000;
/** Resources of one read. */
const pageSize = 250;

/** A file that is ready to be kept. */
export interface MadeFile extends ExportFile {
  readonly text: string;
}

/** The next files of an export, and where it goes on; no place when it has come to its end. */
export interface Piece {
  readonly files: readonly MadeFile[];
  readonly resources: number;
  readonly next?: ExportPlace;
}

/** What a piece is gathered from. */
export interface Source {
  readonly store: Store; // with the access of the caller, and within it what meets the filters
  readonly request: ExportRequest;
  readonly patients?: ReadonlySet<string> | undefined; // none: every patient
  readonly pace: () => Promise<void>;
}

/** Gathers the next piece: pages of one type after another, each version as it was at the moment of the export. */
export async function nextPiece(source: Source, { type: first, after: from }: ExportPlace): Promise<Piece> {
  const { at, since } = source.request;
  const types = typesToRead(source.request);
  const files: MadeFile[] = [];
  let [bytes, looks, resources] = [0, 0, 0];
  for (let i = first; i < types.length; i++) {
    const type = types[i];
    if (type === undefined) break;
    const lines = new Lines(source.request, type);
    // Behind the types comes what is associated with them: also where it is older than `since`.
    const isExtra = i >= source.request.types.length;
    let after = i === first ? from : undefined;
    do {
      const query = { type, at, count: pageSize, ...(since === undefined || isExtra ? {} : { since }) };
      const page = await source.store.asOf(after === undefined ? query : { ...query, after });
      for (const version of page.versions) {
        const isTaken = isExtra ? await isExtraWanted(source, version) : isWanted(source, version);
        if (isTaken) bytes += lines.add(version);
      }
      after = page.next;
      looks += pageSize;
      await source.pace();
    } while (after !== undefined && bytes < pieceBytes && looks < pieceLooks);
    files.push(...lines.files());
    resources += lines.count;
    if (after !== undefined) return { files, resources, next: { type: i, after } };
    if (bytes >= pieceBytes || looks >= pieceLooks) return { files, resources, next: { type: i + 1 } };
  }
  return { files, resources };
}

/** The types of an export, and behind them Provenance where it is asked for besides. */
export const typesToRead = (request: ExportRequest): readonly ResourceType[] =>
  isProvenanceAsked(request) ? [...request.types, 'Provenance'] : request.types;

/** Whether a Provenance belongs to what is exported, and was not exported by itself. */
async function isExtraWanted(source: Source, version: Stored): Promise<boolean> {
  const { request, store } = source;
  const isThere = request.types.includes('Provenance') && isOwnVersion(source, version);
  return !isThere && isAssociated(store, request, version, (one) => isOwnVersion(source, one));
}

/** Whether a version that is no deletion is exported by its type. */
const isOwnVersion = (source: Source, version: Stored): boolean => {
  const { since = -1 } = source.request;
  return isWanted(source, version) && Date.parse(version.lastUpdated) > since;
};

function isWanted({ request: { level, since, until }, patients }: Source, version: Stored): boolean {
  if (version.deleted && since === undefined) return false;
  if (until !== undefined && Date.parse(version.lastUpdated) >= until) return false;
  if (level === 'system') return true;
  const own = patientsOf(version);
  return patients ? own.some((id) => patients.has(id)) : own.length > 0;
}

const newline = Buffer.from('\n');

/** The lines of one type in a piece: resources, and what was deleted. */
class Lines {
  readonly #type: ResourceType;
  readonly #shape: Shape | undefined;
  readonly #resources: Uint8Array[] = [];
  readonly #deleted: BundleEntry[] = [];
  count = 0;

  constructor({ elements }: ExportRequest, type: ResourceType) {
    this.#type = type;
    const names = elements
      .filter((one) => one.type === undefined || one.type === type)
      .map(({ name }) => name);
    // Elements of other types only say nothing of this one: it is exported whole.
    this.#shape = names.length === 0 ? undefined : { elements: names };
  }

  /** Answers how many bytes were added. */
  add(version: Stored): number {
    if (version.deleted) {
      const url = `${version.type}/${version.id}`;
      this.#deleted.push({ request: { method: 'DELETE', url } });
      return url.length;
    }
    const line = this.#shape ? Buffer.from(shaped(this.#type, version.json, this.#shape)) : version.json;
    this.#resources.push(line, newline);
    this.count += 1;
    return line.length + 1;
  }

  files(): MadeFile[] {
    const made: MadeFile[] = [];
    if (this.count > 0) {
      const text = Buffer.concat(this.#resources).toString('utf8');
      made.push({ kind: 'output', type: this.#type, count: this.count, text });
    }
    if (this.#deleted.length > 0) {
      const bundles = this.#deleted.map((entry) =>
        JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [entry] }),
      );
      made.push({ kind: 'deleted', type: 'Bundle', count: bundles.length, text: `${bundles.join('\n')}\n` });
    }
    return made;
  }
}
