import { readdirSync } from 'node:fs';
import { demoSeedKey } from '../../operation/uniqueKey.ts';

/** The practices that are shipped: the demo, the one that the public test suites are run on, and one with a year behind it. */
export type PracticeName = 'demo' | 'conformance' | 'year';

/** What a shipped practice is loaded from, and the keys that a store with it holds. */
export interface Practice {
  readonly files: readonly URL[]; // in their order
  readonly clock?: URL; // the days of its visits, where they are in a file
  /** Held from the first write on. All hold the key of the demo: the days of their visits lie in the past. */
  readonly begun: readonly string[];
  readonly done: string;
}

export const seedFolder = new URL('../../../seed/', import.meta.url);

const numbered = (folder: URL): URL[] =>
  readdirSync(folder)
    .filter((name) => /^\d\d-.*\.json$/.test(name))
    .sort()
    .map((name) => new URL(name, folder));

/** The files of the demo that the other practices stand on too: places, prices, maps, plans; no patient. */
const shared = /\/0(?:1-organization|2-practitioner|4-charge-master|5-concept-maps|6-insurance-plans)\.json$/;

/** A shipped practice by its name. */
export function practiceOf(name: PracticeName): Practice {
  const files = numbered(seedFolder);
  if (name === 'demo')
    return { files, clock: new URL('clock.json', seedFolder), begun: [demoSeedKey], done: 'seed|demo' };
  const ofAll = files.filter(({ pathname }) => shared.test(pathname));
  const keys = { begun: [demoSeedKey, begunAs(name)], done: `seed|${name}` };
  if (name === 'year') return { files: ofAll, ...keys };
  const own = new URL(`${name}/`, seedFolder);
  return { files: [...ofAll, ...numbered(own)], clock: new URL('clock.json', own), ...keys };
}

const begunAs = (name: PracticeName): string => `seed|begun|${name}`;

/** The practice that a store was begun to be loaded with. */
export async function begunPractice(holder: (key: string) => Promise<unknown>): Promise<PracticeName | undefined> {
  if ((await holder(demoSeedKey)) === undefined) return undefined;
  for (const name of ['conformance', 'year'] as const)
    if ((await holder(begunAs(name))) !== undefined) return name;
  return 'demo';
}
