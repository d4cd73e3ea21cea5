import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import Client from 'ssh2-sftp-client';
import { allowedUrl, isPrivateKey, secretOf } from './allowed.ts';
import { inTime } from './inTime.ts';
import {
  checkName,
  freeNames,
  isFinished,
  stagedName,
  TransportFault,
  type Allowed,
  type FaultCode,
  type Folder,
  type Place,
  type Transport,
  type Waiting,
  type Way,
} from './transport.ts';

const patienceUsually = 60_000;
const nothing = (): void => undefined;

/** Folders of a partner's SSH server. One connection serves until it is closed. */
export async function openSftp(way: Way, allowed: Allowed): Promise<Transport> {
  const url = allowedUrl(way, ['sftp:'], allowed);
  const secret = await secretOf(way, allowed);
  const within = allowed.patience ?? patienceUsually;
  const client = new Client('claims', { error: nothing, end: nothing, close: nothing });
  const end = (): void => {
    void client.end().catch(nothing);
  };
  const isPinned = pinned(way.hostKeys);
  let isStranger = false;
  const step = <T>(work: () => Promise<T>): Promise<T> =>
    inTime(work(), within, end).catch((error: unknown) => {
      throw isStranger ? strangerFault() : faultOf(error);
    });
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port === '' ? 22 : url.port);
  // each question of SFTP waits for its answer: held back by TCP, small ones would cost 40 ms each
  const sock = connect({ host, port, noDelay: true });
  await step(() =>
    client.connect({
      sock,
      username: decodeURIComponent(url.username),
      ...(isPrivateKey(secret) ? { privateKey: secret } : { password: secret }),
      readyTimeout: within,
      keepaliveInterval: 10_000,
      hostVerifier: (key: Buffer) => {
        isStranger = !isPinned(key);
        return !isStranger;
      },
    }),
  );
  const path = pathsOf(url, way);
  const remote: Remote = { client, path, step };
  return {
    stage: (name, bytes) => stage(remote, name, bytes),
    handOver: (name, bytes) => release(remote, name, bytes),
    look: (name, bytes) => look(remote, name, bytes),
    list: () => list(remote),
    fetch: (name) => fetchFile(remote, name, within),
    archive: (name) => putAway(remote, name, 'archive'),
    fail: (name) => putAway(remote, name, 'failed'),
    close: () => inTime(client.end(), within, nothing).then(nothing, nothing),
  };
}

interface Remote {
  readonly client: Client;
  readonly path: (folder: Folder, name: string) => string;
  readonly step: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Whether a host key is one that the Endpoint names; without a name nobody is believed. */
function pinned(hostKeys: readonly string[]): (key: Buffer) => boolean {
  const known = hostKeys.map((key) => key.replace(/=+$/, ''));
  return (key) => {
    const print = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
    return known.includes(`SHA256:${print}`);
  };
}

const strangerFault = (): TransportFault =>
  new TransportFault('host-key', 'the host key of the server is not one that the Endpoint names');

function pathsOf({ pathname }: URL, { folders }: Way): Remote['path'] {
  const base = decodeURIComponent(pathname).replace(/\/+$/, '');
  const from = base.startsWith('/~/') ? base.slice(3) : base.replace(/^\/~$/, '.');
  return (folder, name) => [from, folders[folder], name].filter((part) => part !== '').join('/');
}

/** The whole of it is there, or a fault is thrown; what is left of a broken upload is written over by the next. */
async function stage({ client, path, step }: Remote, name: string, bytes: Uint8Array): Promise<void> {
  checkName(name);
  const to = path('out', stagedName(name));
  const upload = client.put.bind(client);
  await step(() => upload(Buffer.from(bytes), to));
  const { size } = await step(() => client.stat(to));
  if (size === bytes.length) return;
  await step(() => client.delete(to, true)); // a full disk is not filled further
  throw new TransportFault('failed', 'the server has not kept the whole of a file: its disk may be full');
}

async function release(remote: Remote, name: string, bytes: Uint8Array): Promise<void> {
  checkName(name);
  const { client, path, step } = remote;
  const to = path('out', name);
  const from = path('out', stagedName(name));
  if (!(await isFree(remote, to, bytes))) {
    await step(() => client.delete(from, true));
    return;
  }
  try {
    await step(() => client.rename(from, to)); // fails where the name is taken
  } catch (error) {
    if (await isFree(remote, to, bytes)) throw error;
    await step(() => client.delete(from, true));
  }
}

/** False where the same bytes are there under the name; other bytes are a fault. */
async function isFree({ client, step }: Remote, path: string, bytes: Uint8Array): Promise<boolean> {
  const there = await step(() => client.exists(path));
  if (there === false) return true;
  if (there === '-' && (await holds({ client, step }, path, bytes))) return false;
  throw new TransportFault('taken', 'the folder has another file of the name: nothing was overwritten');
}

async function holds(
  { client, step }: Pick<Remote, 'client' | 'step'>,
  path: string,
  bytes: Uint8Array,
): Promise<boolean> {
  if ((await step(() => client.stat(path))).size !== bytes.length) return false;
  const found = await step(() => client.get(path));
  return Buffer.isBuffer(found) && found.equals(bytes);
}

async function look(remote: Remote, name: string, bytes: Uint8Array): Promise<Place> {
  checkName(name);
  const { client, path, step } = remote;
  if (!(await isFree(remote, path('out', name), bytes))) return 'released';
  const staged = path('out', stagedName(name));
  if ((await step(() => client.exists(staged))) !== '-') return 'absent';
  return (await holds(remote, staged, bytes)) ? 'staged' : 'absent';
}

async function list({ client, path, step }: Remote): Promise<Waiting[]> {
  const found = await step(() => client.list(path('in', '.')));
  return found
    .filter(({ type, name }) => type === '-' && isFinished(name))
    .map(({ name, size, modifyTime }) => ({ name, size, modified: modifyTime }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Streams a file; a server that falls silent ends it with a fault. */
async function* fetchFile(
  { client, path }: Remote,
  name: string,
  within: number,
): AsyncGenerator<Uint8Array> {
  if (!isFinished(name)) throw new TransportFault('not-allowed', 'a file has no plain name');
  const stream = client.createReadStream(path('in', name));
  const lost = (): void => {
    stream.destroy(new TransportFault('unreachable', 'the server has ended the connection'));
  };
  client.on('close', lost);
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await inTime(chunks.next(), within, lost);
      if (next.done === true) return;
      yield next.value as Uint8Array;
    }
  } catch (error) {
    throw faultOf(error);
  } finally {
    client.removeListener('close', lost);
    stream.destroy();
  }
}

async function putAway(
  { client, path, step }: Remote,
  name: string,
  to: 'archive' | 'failed',
): Promise<void> {
  if (!isFinished(name)) throw new TransportFault('not-allowed', 'a file has no plain name');
  const from = path('in', name);
  if ((await step(() => client.exists(from))) === false) return;
  for (const free of freeNames(name)) {
    if ((await step(() => client.exists(path(to, free)))) !== false) continue;
    await step(() => client.rename(from, path(to, free)));
    return;
  }
}

function faultOf(error: unknown): TransportFault {
  if (error instanceof TransportFault) return error;
  const { code = '', message = '' } = error as { readonly code?: string | number; readonly message?: string };
  const [kind, sentence] = told(String(code), message);
  return new TransportFault(kind, sentence, error);
}

function told(code: string, message: string): [FaultCode, string] {
  if (/authentication/i.test(message)) return ['login', 'the server does not accept the login'];
  if (/ENOSPC|EDQUOT|no space|quota/i.test(`${code} ${message}`))
    return ['full', 'the disk of the server is full'];
  if (/ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|EPIPE|ERR_NOT_CONNECTED/.test(`${code} ${message}`))
    return ['unreachable', 'the server cannot be reached'];
  if (/closed|ended|end of|unexpected (?:end|close)|handshake|hang up/i.test(message))
    return ['unreachable', 'the server has ended the connection'];
  if (/EACCES|permission/i.test(`${code} ${message}`)) return ['refused', 'the server does not permit it'];
  if (/ENOENT|no such file/i.test(`${code} ${message}`))
    return ['refused', 'a folder or file is not there on the server'];
  return ['failed', 'the server could not do it'];
}
