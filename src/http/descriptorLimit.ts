import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Log } from './log.ts';

/** Descriptors that stay free beside the connections, for files and for connections to others. */
const reserve = 16;
/** Milliseconds until the log says again that connections are turned away. */
const quiet = 60_000;

/** How many descriptors this process may have, and how many it has; undefined where the system does not tell. */
function descriptors(): { readonly most: number; readonly open: number } | undefined {
  try {
    const most = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
    return Number.isSafeInteger(most) ? { most, open: readdirSync('/proc/self/fd').length } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Turns connections away before the process runs out of descriptors, and says so in the log, once a minute at most: the
 * system would close them without a word, and the store could open no file. To be called when the server listens.
 */
export function limitConnections(server: Server, log: Log): void {
  const found = descriptors();
  if (!found) return;
  const connections = Math.max(1, found.most - found.open - reserve);
  server.maxConnections = connections;
  let saidAt = -Infinity;
  server.on('drop', () => {
    if (performance.now() - saidAt < quiet) return;
    saidAt = performance.now();
    log.error({
      connections: 'turned away',
      reason:
        `${connections} connections are open, which is all that the limit of ${found.most} descriptors ` +
        'of this process allows: raise it (ulimit -n, LimitNOFILE of systemd, --ulimit nofile of docker), ' +
        'or close connections that nobody uses',
    });
  });
}
