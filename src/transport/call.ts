import { readFile } from 'node:fs/promises';
import { request as overHttp } from 'node:http';
import { request as overTls, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { isSecretName } from './allowed.ts';
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

/**
 * Calls a partner's server. Its certificate is checked, against `<secret>.ca` where that file is there; `<secret>.cert`
 * and `<secret>.key` are the certificate that we show, where it asks for one.
 */
export async function callPartner(
  url: URL,
  asking: Asking,
  way: Pick<Way, 'secret'>,
  allowed: Allowed,
): Promise<Called> {
  const options: RequestOptions = {
    method: asking.method,
    headers: {
      ...asking.headers,
      ...(asking.body ? { 'content-length': String(asking.body.length) } : {}),
    },
    signal: AbortSignal.timeout(allowed.patience ?? patienceUsually),
    agent: false,
    ...(await certificatesOf(way, allowed)),
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

interface Certificates {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

async function certificatesOf({ secret }: Pick<Way, 'secret'>, { secrets }: Allowed): Promise<Certificates> {
  if (secret === undefined || secrets === undefined || !isSecretName(secret)) return {};
  const found: Certificates[] = [];
  for (const part of ['ca', 'cert', 'key'] as const) {
    const text = await readFile(join(secrets, `${secret}.${part}`), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      // an authority that cannot be read is not the same as none: the partner would be checked against others
      throw new TransportFault('not-allowed', `the file ${secret}.${part} cannot be read`, error);
    });
    if (text !== undefined) found.push({ [part]: text });
  }
  return Object.assign({}, ...found) as Certificates;
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
  if (/^ERR_SSL.*ALERT.*(?:CERT|UNKNOWN_CA|ACCESS_DENIED)/.test(code))
    return new TransportFault('login', 'the server does not accept our certificate', error);
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code))
    return new TransportFault('host-key', 'the certificate of the server is not trusted', error);
  return new TransportFault('unreachable', 'the server cannot be reached or has ended the connection', error);
}
