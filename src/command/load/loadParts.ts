import type { Bundle } from '@medplum/fhirtypes';
import type { Client } from './client.ts';
import { inputFiles, partsOf } from './input.ts';
import type { Progress } from './progress.ts';
import { firstReason } from './road.ts';
import { chartedIn, loadedFrom, type LoadedPatient } from './visit.ts';

/** What a load brought in. */
export interface Loaded {
  readonly files: number;
  readonly resources: number;
  readonly patients: readonly LoadedPatient[];
  readonly faults: readonly string[]; // what was refused: file, entry, reason
}

/** Posts every file's Bundles, each once under the key of its content, those that others refer to first. */
export async function loadParts(
  client: Client,
  paths: readonly string[],
  progress: Progress,
): Promise<Loaded> {
  const files = await inputFiles(paths);
  const patients: LoadedPatient[] = [];
  const faults: string[] = [];
  let resources = 0;
  for (const [i, file] of files.entries()) {
    progress.step(i, files.length, 'files');
    for await (const { bundle, key } of partsOf(file)) {
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
  return { files: files.length, resources, patients, faults };
}

const refusedEntries = ({ entry = [] }: Bundle): string[] =>
  entry.flatMap(({ response }, i) => {
    if (response === undefined || /^[23]/.test(response.status)) return [];
    const { resource, status } = { resource: response.outcome, status: Number(response.status.slice(0, 3)) };
    return [`entry ${i}: ${firstReason({ status, resource }).text}`];
  });
