import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { messageClasses } from './messages.ts';

// Their import would load all that they export, fetch and WebSocket with it.
const { createServer } = process.getBuiltinModule('node:http');

/** The PEM files of a certificate, with those that lead to its root, and of its key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Listener {
  readonly server: Server;
  readonly adopt: ReturnType<typeof messageClasses>['adopt'];
  /** Reads the certificate anew, for connections from now on; throws, and keeps the former one, where it is not sound. */
  readonly renew: () => void;
}

/** Milliseconds. */
const limits = {
  requestTimeout: 0, // an import that streams in is of any length; a body that is collected has its own (http/body.ts)
  headersTimeout: 60_000,
  // Longer than proxies and load balancers keep an idle connection (60 s by default): who closes first is the one that
  // may not send any more, and a request on a connection that the server is just closing is lost.
  keepAliveTimeout: 75_000,
};

/** An HTTP server, over TLS 1.2 or newer where it has a certificate. */
export function createListener(tls: TlsFiles | undefined): Listener {
  const { classes, adopt } = messageClasses();
  const options = { ...limits, requireHostHeader: false, ...classes };
  if (!tls) return { server: createServer(options), adopt, renew: () => undefined };
  const { createServer: createTlsServer } = process.getBuiltinModule('node:https');
  const server = createTlsServer({ ...options, ...read(tls), minVersion: 'TLSv1.2' });
  return {
    server,
    adopt,
    renew: () => {
      server.setSecureContext({ ...read(tls), minVersion: 'TLSv1.2' });
    },
  };
}

const read = ({ cert, key }: TlsFiles) => ({ cert: readFileSync(cert), key: readFileSync(key) });
