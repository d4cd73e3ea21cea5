import { connect, type Socket } from 'node:net';

/** An answer: its status, the id in its Location, and its body, unread. */
export interface Reply {
  readonly status: number;
  readonly location: string;
  readonly body: Buffer;
}

interface Awaited {
  readonly isHead: boolean;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One keep-alive connection that asks one thing at a time, straight on a socket: a load generator that takes a tenth
 * of the processor time an HTTP client would, so that what is measured is the server.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #path: string;
  #received: Buffer = Buffer.alloc(0);
  #awaited: Awaited | undefined;

  /** `base` is the FHIR base of the server, http://127.0.0.1:PORT/fhir. */
  constructor(base: string) {
    const { hostname, port, host, pathname } = new URL(base);
    this.#path = pathname;
    this.#head = `Host: ${host}\r\nAccept: application/fhir+json\r\n`;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#take();
    });
    const failed = (error?: Error): void => {
      this.#awaited?.reject(error ?? new Error('the server closed the connection'));
      this.#awaited = undefined;
    };
    this.#socket.on('error', failed);
    this.#socket.on('close', () => {
      failed();
    });
  }

  /** `path` is below the base, with its slash; `headers` end in \r\n each. */
  send(method: string, path: string, body?: string | Buffer, headers = ''): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#awaited = { isHead: method === 'HEAD', resolve, reject };
      const length = body === undefined ? 0 : Buffer.byteLength(body);
      const type =
        body === undefined ? '' : `Content-Type: application/fhir+json\r\nContent-Length: ${length}\r\n`;
      const head = `${method} ${this.#path}${path} HTTP/1.1\r\n${this.#head}${type}${headers}\r\n`;
      if (body === undefined) this.#socket.write(head);
      else if (typeof body === 'string' && length < 65_536) this.#socket.write(head + body);
      else {
        this.#socket.cork();
        this.#socket.write(head);
        this.#socket.write(body);
        this.#socket.uncork();
      }
    });
  }

  /** Answers what is awaited when all of it is here. */
  #take(): void {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0 || !this.#awaited) return;
    const head = this.#received.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const isBare = this.#awaited.isHead || status === 204 || status === 304;
    const length = isBare ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head}`);
    const total = end + 4 + length;
    if (this.#received.length < total) return;
    const body = this.#received.subarray(end + 4, total);
    this.#received = this.#received.subarray(total);
    const { resolve } = this.#awaited;
    this.#awaited = undefined;
    resolve({ status, location: /\r\nlocation: ([^\r]+)/i.exec(head)?.[1] ?? '', body });
  }

  close(): void {
    this.#socket.destroy();
  }
}
