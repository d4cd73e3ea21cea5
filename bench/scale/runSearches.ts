import type { Bundle } from '@medplum/fhirtypes';
import { chanceOf } from '../generate/chance.ts';
import { measure, type Figures } from '../measure.ts';
import type { Running } from '../server.ts';
import { typicalSearches } from './searches.ts';

/** How a search was answered: its figures, or why not. */
export interface Answered {
  readonly what: string;
  readonly figures?: Figures;
  /** Resources an answer carries, as a mean. */
  readonly entries?: number;
  readonly refusal?: string;
}

const sampled = 40;

/** How many resources an answer carries, of some asked one after another. */
async function meanEntries(base: string, path: (no: number) => string, patients: number): Promise<number> {
  let entries = 0;
  for (let no = 0; no < sampled; no += 1) {
    const answer = await fetch(`${base}/${path(Math.floor(chanceOf(no)() * patients))}`);
    entries += ((await answer.json()) as Bundle).entry?.length ?? 0;
  }
  return entries / sampled;
}

/** Runs each of the typical searches alone, with 16 clients, for patients up to a number. */
export async function runSearches(
  server: Running,
  patients: number,
  seconds: number,
  say: (text: string) => void,
): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const { what, path } of typicalSearches) {
    const load = { clients: 16, seconds };
    try {
      const figures = await measure(server, load, (no) => {
        const chance = chanceOf(no);
        return async (ask) => {
          await ask('GET', `/${path(Math.floor(chance() * patients))}`);
          return 1;
        };
      });
      answered.push({ what, figures, entries: await meanEntries(server.base, path, patients) });
      say(
        `${what}: p50 ${figures.p50.toFixed(1)}, p95 ${figures.p95.toFixed(1)} ms, CPU ${figures.cpu.toFixed(3)} ms`,
      );
    } catch (error) {
      const refusal =
        error instanceof Error
          ? error.message.replace(/^\S+ \S+: (\d+)[^]*$/, 'refused: $1').slice(0, 100)
          : String(error);
      answered.push({ what, refusal });
      say(`${what}: ${refusal}`);
    }
  }
  return answered;
}
