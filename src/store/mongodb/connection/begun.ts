import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WriteConcern } from 'mongodb';
import type { MongoState, TransactionView } from './mongoState.ts';
import { busy, isUnknownCommit } from './transient.ts';

/** A database transaction, in one of the writer slots of this server. */
export class Begun {
  readonly view: TransactionView;
  /** The mark that it leaves in the generations, and the slot. */
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

  /** Commits, and repeats the commit while its outcome is unknown; the database applies it only once. */
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

  /** Rolls back what was not committed, and frees the slot. */
  async end(): Promise<void> {
    const { session, state } = this.view;
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    await session.endSession();
    state.writerSlots.letGo(this.#place);
  }
}
