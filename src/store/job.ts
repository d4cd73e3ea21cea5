/** Where a piece of background work stands. `held`: it waits for a person. */
export type JobState = 'due' | 'leased' | 'sending' | 'held' | 'done' | 'failed';

/** States in which a job still has something to do by itself. */
export const openStates: readonly JobState[] = ['due', 'leased', 'sending'];

/** A piece of background work, kept with what it is about. Texts are JSON; times are epoch milliseconds. */
export interface Job {
  readonly key: string; // unique: one job a key
  readonly kind: string; // which handler does it
  readonly payload: string;
  readonly state: JobState;
  readonly due: number;
  readonly attempts: number; // since somebody made it or opened it again
  readonly result?: string;
  readonly created: number;
  readonly updated: number;
}

/** A job that this server may work at; `fence` rises with every lease, so that a former holder is recognised. */
export interface Lease {
  readonly job: Job;
  readonly owner: string;
  readonly fence: number;
}

export interface NewJob {
  readonly key: string;
  readonly kind: string;
  readonly payload: string;
  readonly due: number;
  readonly result?: string;
}

/** What becomes of a leased job. Every state but `leased` and `sending` ends the lease. */
export interface JobChange {
  readonly state: JobState;
  readonly due?: number;
  readonly attempts?: number;
  readonly result?: string;
}

/** How much there is to do, for whoever watches the server. */
export interface JobCounts {
  readonly states: Readonly<Record<Exclude<JobState, 'done'>, number>>;
  /** When the longest waiting job was due; undefined when none waits. */
  readonly oldestDue?: number;
  /** Jobs that somebody works at now. */
  readonly leases: number;
}

export interface EnqueueOptions {
  /** A job of the key that is done, held or failed begins anew. */
  readonly reopen?: boolean;
}

export interface JobReader {
  read(key: string): Promise<Job | undefined>;
  counts(): Promise<JobCounts>;
  /** Jobs that wait for a person, or were given up, the longest unchanged first. */
  list(state: 'held' | 'failed', count: number): Promise<readonly Job[]>;
}

/** Jobs inside a transaction. */
export interface JobWriter extends JobReader {
  /** True when a job was made that somebody has to take up once the transaction has landed. */
  readonly hasEnqueued: boolean;
  /** Makes a job that is taken when it is due; false when its key is taken. */
  enqueue(job: NewJob, options?: EnqueueOptions): Promise<boolean>;
  /**
   * Makes a job for whoever makes it: it is leased and `sending` at once, so that the work goes on without another
   * write. Undefined when its key is taken.
   */
  begin(job: NewJob, options?: EnqueueOptions): Promise<Lease | undefined>;
  /** Changes a job of our own; throws 409 `lease-lost` when another holds it now: nothing of the transaction lands. */
  change(lease: Lease, to: JobChange): Promise<void>;
}

/** Jobs of the store as a whole. */
export interface Jobs extends JobReader {
  /**
   * Leases jobs that are due, and those whose holder is gone (they come in the state it left them in). `key`: only
   * that one.
   */
  take(query: {
    readonly kinds: readonly string[];
    readonly count: number;
    readonly key?: string;
  }): Promise<Lease[]>;
  /** Says that this server still works at a job. */
  renew(lease: Lease): Promise<void>;
  /** Says, without a write, that this server no longer works at a job: where it is not ended, it may be taken again. */
  leave(lease: Lease): void;
}

/** A lease that nobody renews lasts so long; milliseconds. */
export const leaseLasts = 60_000;

/** The jobs that this process works at. A lease of its own that is not among them was left behind by a fault. */
export class HeldLeases {
  readonly #fences = new Map<string, number>();

  get keys(): string[] {
    return [...this.#fences.keys()];
  }
  has(key: string): boolean {
    return this.#fences.has(key);
  }
  hold(key: string, fence: number): void {
    this.#fences.set(key, fence);
  }
  leave({ job, fence }: Lease): void {
    if (this.#fences.get(job.key) === fence) this.#fences.delete(job.key);
  }
}
