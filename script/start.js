import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * What `npm start` runs: the server. What its modules compile to is kept for the next start, beside the packages;
 * NODE_COMPILE_CACHE names another folder. Where none can be written, the start takes longer, no more.
 * Under npm it checks the version of Node first, and ends when npm has ended, also when npm was killed and could tell
 * nobody: a server that outlives the command that started it would keep the store locked.
 */
const parentCheckInterval = 500; // milliseconds

/** The process that started this one and, where npm put a shell between, the one that started that shell. */
function ancestors() {
  const { ppid } = process;
  try {
    const [, parentOfParent] = readFileSync(`/proc/${ppid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return `${ppid} ${parentOfParent}`;
  } catch {
    return String(ppid); // no /proc on this system, or the parent is just ending
  }
}

function endWithNpm() {
  const atStart = ancestors();
  const watch = setInterval(() => {
    if (ancestors() === atStart) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, parentCheckInterval);
  watch.unref();
}

if (process.env.npm_lifecycle_event === 'start') {
  await import('./checkNode.js');
  endWithNpm();
}
// An older Node knows neither of these: they are asked for when the version is checked.
const { enableCompileCache, flushCompileCache } = await import('node:module');
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/claimwright/', import.meta.url)));
await import('../src/main.ts'); // until it answers
flushCompileCache();
