import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WriteConcern } from 'mongodb';
import type { Shared, Within } from './mongoState.ts';
import { busy, isUnknownCommit } from './transient.ts';

/** A transaction of the database, at one of the places for writers of this server. */
export class Begun {
  readonly view: Within;
  /** What it leaves in the generations, and where. */
  readonly slot: { readonly id: string; readonly mark: string };
  readonly #place: number;

  private constructor(shared: Shared, place: number) {
    const session = shared.client.startSession();
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority', undefined, true),
    });
    this.view = { shared, session };
    this.slot = { id: `${shared.part}.${place}`, mark: randomBytes(6).toString('base64url') };
    this.#place = place;
  }

  static async begin(shared: Shared): Promise<Begun> {
    return new Begun(shared, await shared.places.take());
  }

  /** Commits, and asks again while nobody knows whether it was done: a commit that was is done once all the same. */
  async commit(deadline: number): Promise<void> {
    for (;;) {
      try {
        await this.view.session.commitTransaction();
        return;
      } catch (error) {
        if (!isUnknownCommit(error)) throw error;
        if (performance.now() > deadline) throw busy();
        await pause(50);
      }
    }
  }

  /** Takes back what was not committed, and lets the place go. */
  async end(): Promise<void> {
    const { session, shared } = this.view;
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    await session.endSession();
    shared.places.letGo(this.#place);
  }
}
