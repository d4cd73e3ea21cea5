import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';

/**
 * An HTTP server of a test. It never closes a connection for being idle (Node's would after five seconds): a test that
 * is at something else for that long would send its next request on a connection that is just being closed.
 */
export const httpServer = (listener?: RequestListener, options: ServerOptions = {}): Server =>
  createServer({ ...options, keepAliveTimeout: 0 }, listener);
