import { readFile } from 'node:fs/promises';
import { request as overHttp } from 'node:http';
import { request as overTls, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { TransportFault, type Allowed, type Way } from './transport.ts';

export interface Called {
  readonly status: number;
  readonly type: string; // Content-Type
  readonly body: Buffer;
}

const answerBytesMax = 64 * 1024 * 1024;
const patienceUsually = 60_000;

/** What a call says, and what ends it. No redirect is followed: only the host that the settings name is called. */
export interface Asking {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Calls a partner's server; certificates are checked, against `<secret>.ca` where that file is there. */
export async function callPartner(url: URL, asking: Asking, way: Way, allowed: Allowed): Promise<Called> {
  const options: RequestOptions = {
    method: asking.method,
    headers: {
      ...asking.headers,
      ...(asking.body ? { 'content-length': String(asking.body.length) } : {}),
    },
    signal: AbortSignal.timeout(allowed.patience ?? patienceUsually),
    agent: false,
    ...(await authorityOf(way, allowed)),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(faultOf(error));
    };
    const request = (url.protocol === 'http:' ? overHttp : overTls)(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on('error', fail);
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > answerBytesMax)
          request.destroy(new TransportFault('refused', 'the answer of the partner is too long'));
      });
      answer.on('end', () => {
        if (!answer.complete) return;
        const type = answer.headers['content-type'] ?? '';
        resolve({ status: answer.statusCode ?? 0, type, body: Buffer.concat(chunks) });
      });
    });
    request.on('error', fail);
    request.end(asking.body);
  });
}

async function authorityOf({ secret }: Way, { secrets }: Allowed): Promise<{ readonly ca?: string }> {
  if (secret === undefined || secrets === undefined) return {};
  const ca = await readFile(join(secrets, `${secret}.ca`), 'utf8').catch(() => undefined);
  return ca === undefined ? {} : { ca };
}

/** A fault for an answer that is no success. */
export function refuseStatus({ status }: Called): void {
  if (status >= 200 && status < 300) return;
  if (status === 401 || status === 403)
    throw new TransportFault('login', 'the server does not accept the login');
  throw new TransportFault('refused', `the server of the partner answered ${status}`);
}

function faultOf(error: Error): TransportFault {
  if (error instanceof TransportFault) return error;
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return new TransportFault('too-slow', 'the partner did not answer in time', error);
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code))
    return new TransportFault('host-key', 'the certificate of the server is not trusted', error);
  return new TransportFault('unreachable', 'the server cannot be reached or has ended the connection', error);
}
