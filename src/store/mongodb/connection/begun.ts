import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WriteConcern } from 'mongodb';
import type { MongoState, TransactionView } from './mongoState.ts';
import { busy, isUnknownCommit } from './transient.ts';

/** A transaction of the database, at one of the places for writers of this server. */
export class Begun {
  readonly view: TransactionView;
  /** What it leaves in the generations, and where. */
  readonly slot: { readonly id: string; readonly mark: string };
  readonly #place: number;

  private constructor(state: MongoState, place: number) {
    const session = state.client.startSession();
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority', undefined, true),
    });
    this.view = { state, session };
    this.slot = { id: `${state.part}.${place}`, mark: randomBytes(6).toString('base64url') };
    this.#place = place;
  }

  static async begin(state: MongoState): Promise<Begun> {
    return new Begun(state, await state.writerSlots.take());
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
    const { session, state } = this.view;
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    await session.endSession();
    state.writerSlots.letGo(this.#place);
  }
}
