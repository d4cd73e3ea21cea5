/** One line of the log is one JSON object. No query string, no body, no header: nothing that may tell of a patient. */
export interface Log {
  error(line: Line): void;
  info(line: Line): void;
  debug(line: Line): void;
  wants(level: Level): boolean;
  /** Writes what is still waiting. */
  flush(): void;
}

export type Line = Readonly<Record<string, string | number | boolean | undefined>>;
export type Level = 'silent' | 'error' | 'info' | 'debug';

const ranks: Readonly<Record<Level, number>> = { silent: 0, error: 1, info: 2, debug: 3 };
const waitMs = 100;
const waitingMax = 64 * 1024; // characters

/** A log of JSON lines; lines wait a tenth of a second so that many are written at once, errors do not wait. */
export function createLog(level: Level, now: () => string, write: (text: string) => void): Log {
  const rank = ranks[level];
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    write(text);
  };
  const add = (name: Level, line: Line): void => {
    if (ranks[name] > rank) return;
    waiting += `${JSON.stringify({ time: now(), level: name, ...line })}\n`;
    if (name === 'error' || waiting.length > waitingMax) flush();
    else timer ??= setTimeout(flush, waitMs).unref();
  };
  return {
    error: (line) => {
      add('error', line);
    },
    info: (line) => {
      add('info', line);
    },
    debug: (line) => {
      add('debug', line);
    },
    wants: (name) => ranks[name] <= rank,
    flush,
  };
}

/** A log that keeps nothing. */
export const silentLog: Log = createLog(
  'silent',
  () => '',
  () => undefined,
);
