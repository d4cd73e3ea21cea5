import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * What `npm start` runs: the server. What its modules compile to is kept for the next start, beside the packages;
 * NODE_COMPILE_CACHE names another folder. Where none can be written, the start takes longer, no more.
 */
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/claimwright/', import.meta.url)));
await import('../src/main.ts'); // until it answers
flushCompileCache();
