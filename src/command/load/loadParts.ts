import type { Bundle } from '@medplum/fhirtypes';
import type { Client } from './client.ts';
import { inputFiles, isOfLines, partsOf } from './input.ts';
import { isPlain, loadLines } from './loadLines.ts';
import type { Progress } from './progress.ts';
import { firstReason } from './road.ts';
import { chartedIn, loadedFrom, type LoadedPatient } from './visit.ts';

/** What a load brought in. */
export interface Loaded {
  readonly files: number;
  readonly resources: number;
  readonly patients: readonly LoadedPatient[];
  readonly streamed: { readonly patients: number; readonly visits: number }; // by files of lines, not for billing
  readonly faults: readonly string[]; // what was refused: file, entry, reason
}

/**
 * Posts every file's Bundles, each once under the key of its content, those that others refer to first. A file whose
 * every line is a resource with an id streams in as it is, unless what it charts is to be billed.
 */
export async function loadParts(
  client: Client,
  { paths, bill }: { readonly paths: readonly string[]; readonly bill: boolean },
  progress: Progress,
): Promise<Loaded> {
  const files = await inputFiles(paths);
  const patients: LoadedPatient[] = [];
  const faults: string[] = [];
  const streamed = { patients: 0, visits: 0 };
  let resources = 0;
  for (const [i, file] of files.entries()) {
    progress.step(i, files.length, 'files');
    if (!bill && isOfLines(file) && (await isPlain(file))) {
      const lines = await loadLines(client, file);
      resources += lines.resources;
      streamed.patients += lines.patients;
      streamed.visits += lines.visits;
      faults.push(...lines.faults.map((text) => `${file}: ${text}`));
      continue;
    }
    for await (const { bundle, key, faults: unreadable } of partsOf(file)) {
      faults.push(...unreadable.map((text) => `${file}: ${text}`));
      if (bundle.entry?.length === 0) continue;
      const charted = chartedIn(bundle);
      const reply = await client.post(bundle, key);
      if (reply.status !== 200 || reply.resource?.resourceType !== 'Bundle') {
        faults.push(`${file}: ${firstReason(reply).text}`);
        continue;
      }
      const answer = reply.resource;
      patients.push(...loadedFrom(charted, answer));
      resources += answer.entry?.length ?? 0;
      faults.push(...refusedEntries(answer).map((text) => `${file}: ${text}`));
    }
  }
  progress.end();
  return { files: files.length, resources, patients, streamed, faults };
}

const refusedEntries = ({ entry = [] }: Bundle): string[] =>
  entry.flatMap(({ response }, i) => {
    if (response === undefined || /^[23]/.test(response.status)) return [];
    const { resource, status } = { resource: response.outcome, status: Number(response.status.slice(0, 3)) };
    return [`entry ${i}: ${firstReason({ status, resource }).text}`];
  });
