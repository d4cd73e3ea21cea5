import { createServer } from 'node:net';

/** Below the ports that Linux gives to whoever names none: nobody else gets one of these by chance. */
const [lowest, many] = [12_000, 20_000];
const given = new Set<number>();

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });

/** A port of 127.0.0.1 that nobody has, for a process that is started next. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * many);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}
