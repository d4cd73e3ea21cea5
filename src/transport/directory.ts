import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { join, sep } from 'node:path';
import {
  checkName,
  freeNames,
  isFinished,
  stagedName,
  TransportFault,
  type Allowed,
  type Folder,
  type Place,
  type Transport,
  type Waiting,
  type Way,
} from './transport.ts';

const folderName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A folder of this machine that a partner, or a program of the clearinghouse, takes files from and puts files into. */
export async function openDirectory(way: Way, allowed: Allowed): Promise<Transport> {
  const folders = await foldersOf(way, allowed);
  const at = (folder: Folder, name: string): string => join(folders[folder], name);
  return {
    stage: (name, bytes) => told(() => stage(folders.out, name, bytes)),
    handOver: (name, bytes) => told(() => release(folders.out, name, bytes)),
    look: (name, bytes) => told(() => look(folders.out, name, bytes)),
    list: () => told(() => list(folders.in)),
    fetch: (name) => fetchFile(at('in', name)),
    archive: (name) => told(() => putAway(folders, name, 'archive')),
    fail: (name) => told(() => putAway(folders, name, 'failed')),
    close: () => Promise.resolve(),
  };
}

/** The folders of a way, made where they are missing; all lie below the root that the settings name, links followed. */
async function foldersOf(
  { address, folders }: Way,
  { root }: Allowed,
): Promise<Readonly<Record<Folder, string>>> {
  if (root === undefined)
    throw new TransportFault('not-allowed', 'CLAIMWRIGHT_TRANSPORT_ROOT names no folder for directories');
  const parts = partsOf(address);
  const top = await realpath(root).catch((error: unknown) => {
    throw new TransportFault('not-allowed', 'the folder of CLAIMWRIGHT_TRANSPORT_ROOT is not there', error);
  });
  const one = (name: string): Promise<string> => below(top, [...parts, name]);
  return {
    out: await one(folders.out),
    in: await one(folders.in),
    archive: await one(folders.archive),
    failed: await one(folders.failed),
  };
}

/** file:///acme/claims is the folder acme/claims below the root. */
function partsOf(address: string): string[] {
  const path = /^file:\/\/\/(.+)$/.exec(address)?.[1] ?? '';
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.length === 0 || !parts.every((part) => folderName.test(part)))
    throw new TransportFault('not-allowed', 'the address of the Endpoint is no plain folder: file:///name');
  return parts;
}

async function below(top: string, parts: readonly string[]): Promise<string> {
  let path = top;
  for (const part of parts) {
    if (!folderName.test(part)) throw new TransportFault('not-allowed', 'a folder has no plain name');
    const next = join(path, part);
    await mkdir(next).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw faultOf(error);
    });
    path = await realpath(next).catch((error: unknown) => {
      throw faultOf(error);
    });
    if (!path.startsWith(top.endsWith(sep) ? top : top + sep))
      throw new TransportFault(
        'not-allowed',
        'a folder of the Endpoint leads out of CLAIMWRIGHT_TRANSPORT_ROOT',
      );
  }
  return path;
}

async function stage(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  checkName(name);
  const path = join(folder, stagedName(name));
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o660);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await unlink(path).catch(() => undefined); // a full disk is not filled further
    throw error;
  }
  await file.close();
  await flush(folder);
}

/** A second name is given to the staged file, which fails where the name is taken; then the first name is removed. */
async function release(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  checkName(name);
  const from = join(folder, stagedName(name));
  const to = join(folder, name);
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') await refuseOther(to, bytes);
    else if (isWithoutLinks(error)) await renameUnlessTaken(from, to, bytes);
    else throw error;
  }
  await unlink(from).catch(ignoreMissing);
  await flush(folder);
}

/** Some file systems know no hard links; there nobody but us writes names of this kind, so that a look is enough. */
async function renameUnlessTaken(from: string, to: string, bytes: Uint8Array): Promise<void> {
  if (await isThere(to)) return refuseOther(to, bytes);
  await rename(from, to);
}

const isWithoutLinks = (error: unknown): boolean =>
  ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '');

async function refuseOther(path: string, bytes: Uint8Array): Promise<void> {
  if (!(await holds(path, bytes)))
    throw new TransportFault('taken', 'the folder has another file of the name: nothing was overwritten');
}

async function look(folder: string, name: string, bytes: Uint8Array): Promise<Place> {
  checkName(name);
  const path = join(folder, name);
  if (await isThere(path)) {
    await refuseOther(path, bytes);
    return 'released';
  }
  return (await holds(join(folder, stagedName(name)), bytes)) ? 'staged' : 'absent';
}

async function list(folder: string): Promise<Waiting[]> {
  const found: Waiting[] = [];
  for (const name of (await readdir(folder)).filter(isFinished).sort()) {
    const state = await lstat(join(folder, name)).catch(ignoreMissing);
    if (state?.isFile() === true) found.push({ name, size: state.size, modified: state.mtimeMs });
  }
  return found;
}

async function* fetchFile(path: string): AsyncGenerator<Uint8Array> {
  if (!isFinished(path.slice(path.lastIndexOf(sep) + 1)))
    throw new TransportFault('not-allowed', 'a file has no plain name');
  const { O_RDONLY, O_NOFOLLOW } = constants;
  try {
    const file = await open(path, O_RDONLY | O_NOFOLLOW);
    for await (const chunk of file.createReadStream()) yield chunk as Uint8Array; // closes the file
  } catch (error) {
    throw faultOf(error);
  }
}

async function putAway(
  folders: Readonly<Record<Folder, string>>,
  name: string,
  to: 'archive' | 'failed',
): Promise<void> {
  if (!isFinished(name)) throw new TransportFault('not-allowed', 'a file has no plain name');
  const from = join(folders.in, name);
  for (const free of freeNames(name)) {
    const path = join(folders[to], free);
    try {
      await link(from, path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      if (codeOf(error) === 'EEXIST' && !(await isSameFile(from, path))) continue;
      if (codeOf(error) === 'EEXIST') break;
      if (!isWithoutLinks(error)) throw error;
      if (await isThere(path)) continue;
      await rename(from, path);
    }
    break;
  }
  await unlink(from).catch(ignoreMissing);
  await flush(folders[to]);
  await flush(folders.in);
}

/** True for a file that has both names: who put it away ended in between. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = [await lstat(one), await lstat(other)];
  return a.ino === b.ino && a.dev === b.dev;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => {
      ignoreMissing(error);
      return false;
    },
  );

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const { O_RDONLY, O_NOFOLLOW } = constants;
  let file: FileHandle;
  try {
    file = await open(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
  try {
    if ((await file.stat()).size !== bytes.length) return false;
    return hashOf(await file.readFile()) === hashOf(bytes);
  } finally {
    await file.close();
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The names in a folder are on disk. */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): TransportFault {
  if (error instanceof TransportFault) return error;
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new TransportFault('full', 'the disk of the folder is full', error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new TransportFault('refused', 'the server may not write in the folder', error);
    default:
      return new TransportFault('failed', `the folder cannot be used (${codeOf(error) ?? 'unknown'})`, error);
  }
}
