import type { Figures, Load } from '../measure.ts';
import type { Running } from '../server.ts';

/** A row of the yardstick: what two other servers needed for it on a machine of this kind (2026-11-22), and our goal. */
export interface Row {
  readonly name: string; // for the command line
  readonly what: string;
  readonly hapi?: string;
  readonly medplum?: string;
  readonly goalCpu?: number; // milliseconds of processor time for each that is done, on SQLite
  readonly betterCpu?: number; // what the better of the two others takes; the goal on MongoDB is a third of it
  readonly goalP95?: number; // milliseconds at 16 clients, on SQLite
  run(server: Running, load: Load): Promise<Figures>;
}
