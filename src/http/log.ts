import { pino } from 'pino';

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

/** Where lines go: whole lines, at once. */
export interface Destination {
  write(text: string): void;
  /** Writes what is still waiting. */
  flushSync?(): void;
}

const ranks: Readonly<Record<Level, number>> = { silent: 0, error: 1, info: 2, debug: 3 };
const flushEvery = 100; // milliseconds
const waitingMax = 8 * 1024; // characters

/** Fields that no line may hold, should one ever be given: credentials, and what may tell of a patient. */
const redacted = ['authorization', 'cookie', 'token', 'password', 'headers', 'query', 'body', 'url'];

/**
 * Standard error, written synchronously: lines wait a tenth of a second at most, so that many are written at once. They
 * are gathered here, for the destination of pino measures all that waits with each line.
 */
export function standardError(): Destination {
  const destination = pino.destination({ dest: 2, sync: true });
  let waiting = '';
  const flushSync = (): void => {
    if (waiting !== '') destination.write(waiting);
    waiting = '';
  };
  const write = (text: string): void => {
    waiting += text;
    if (waiting.length > waitingMax) flushSync();
  };
  return { write, flushSync };
}

/** A log of JSON lines; an error is written at once. */
export function createLog(level: Level, now: () => string, destination: Destination): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${now()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: redacted,
    },
    destination,
  );
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    destination.flushSync?.();
  };
  const flushSoon = (): void => {
    timer ??= setTimeout(flush, flushEvery).unref();
  };
  return {
    error: (line) => {
      logger.error(line);
      flush();
    },
    info: (line) => {
      logger.info(line);
      flushSoon();
    },
    debug: (line) => {
      logger.debug(line);
      flushSoon();
    },
    wants: (name) => ranks[name] <= ranks[level],
    flush,
  };
}

/** A log that keeps nothing. */
export const silentLog: Log = createLog('silent', () => '', { write: () => undefined });
