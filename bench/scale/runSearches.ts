import { chanceOf } from '../generate/chance.ts';
import { measure, type Figures } from '../measure.ts';
import type { Running } from '../server.ts';
import { typicalSearches } from './searches.ts';

/** How a search was answered: its figures, or why not. */
export interface Answered {
  readonly what: string;
  readonly figures?: Figures;
  readonly refusal?: string;
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
      answered.push({ what, figures });
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
