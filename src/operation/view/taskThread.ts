import { Worker } from 'node:worker_threads';

/** Why a task was stopped: it went on too long at one step, or took too much memory. */
export class TaskStopped extends Error {
  readonly why: 'time' | 'memory';

  constructor(why: TaskStopped['why']) {
    super('the task was stopped');
    this.why = why;
  }
}

export interface ThreadOptions {
  /** Milliseconds after which a task that took no further step is stopped. */
  readonly stuckAfter: number;
  readonly megabytes: number; // of the heap of the thread
}

/** What the thread is given: the task, and a counter that it raises at each step. */
export interface Given {
  readonly id: number;
  readonly task: unknown;
  readonly steps: Int32Array;
}

/** What it answers; no result where the task failed in a way that nobody foresaw. */
export interface Made {
  readonly id: number;
  readonly result?: unknown;
}

interface Waiting {
  readonly task: unknown;
  readonly transfer: readonly ArrayBuffer[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How often it is looked whether a task still takes steps, and how long a thread may take to start. Milliseconds. */
const look = 250;
const startingMax = 60_000;

/**
 * One thread that does tasks one after another, none of which the server waits for. A task that does not end is stopped
 * with its thread; the next has a new one.
 */
export class TaskThread {
  readonly #url: URL;
  readonly #options: ThreadOptions;
  readonly #steps = new Int32Array(new SharedArrayBuffer(4));
  readonly #queue: Waiting[] = [];
  #worker: Worker | undefined;
  #current: Waiting | undefined;
  #id = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(url: URL, options: ThreadOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** Does a task and resolves with what its thread answers; TaskStopped where it was stopped. */
  run(task: unknown, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, transfer, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#current) return;
    const next = this.#queue.shift();
    if (!next) {
      this.#worker?.unref(); // an idle thread keeps no process alive
      return;
    }
    this.#current = next;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#id += 1;
    const given: Given = { id: this.#id, task: next.task, steps: this.#steps };
    this.#worker.postMessage(given, [...next.transfer]);
    this.#watchOver(this.#worker);
  }

  #start(): Worker {
    const worker = new Worker(this.#url, {
      stdout: true, // what is printed there would be of a chart: nobody reads it
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.megabytes, maxYoungGenerationSizeMb: 32 },
    });
    worker.on('message', ({ id, result }: Made) => {
      if (worker !== this.#worker || id !== this.#id) return;
      if (result === undefined)
        this.#end((task) => {
          task.reject(new Error('a task of a thread failed'));
        });
      else
        this.#end((task) => {
          task.resolve(result);
        });
    });
    worker.on('error', (error: Error & { readonly code?: string }) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#lose(worker, isFull ? new TaskStopped('memory') : new Error('a thread ended', { cause: error }));
    });
    worker.on('exit', () => {
      this.#lose(worker, new Error('a thread ended'));
    });
    return worker;
  }

  /** Stops the task at work once it took no step for too long. Before its first step its thread may be starting. */
  #watchOver(worker: Worker): void {
    const first = Atomics.load(this.#steps, 0);
    let seen = first;
    let since = performance.now();
    clearInterval(this.#watch);
    this.#watch = setInterval(() => {
      const steps = Atomics.load(this.#steps, 0);
      if (steps !== seen) [seen, since] = [steps, performance.now()];
      else if (performance.now() - since > (seen === first ? startingMax : this.#options.stuckAfter))
        this.#lose(worker, new TaskStopped('time'));
    }, look);
  }

  #lose(worker: Worker, error: Error): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    worker.terminate().catch(() => undefined);
    this.#end((task) => {
      task.reject(error);
    });
  }

  #end(tell: (task: Waiting) => void): void {
    clearInterval(this.#watch);
    const done = this.#current;
    this.#current = undefined;
    if (done) tell(done);
    this.#next();
  }
}
