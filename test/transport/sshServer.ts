import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;

/** What a test makes its SSH server do. */
export interface Behaviour {
  isFull: boolean; // writes fail
  diesAfter: number; // writes until it ends the connection; Infinity never
  isMute: boolean; // answers nothing
}

export interface SshServer {
  readonly port: number;
  readonly hostKey: string; // SHA256:…
  readonly behaviour: Behaviour;
  close(): Promise<void>;
}

const keyOf = (): { readonly text: string; readonly print: string } => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error || Array.isArray(parsed)) throw new Error('no key');
  const print = createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '');
  return { text: privateKey, print: `SHA256:${print}` };
};

/** An SSH server of this process that serves a folder over SFTP, as ssh2 brings it: the login is office:secret. */
export async function sshServer(root: string): Promise<SshServer> {
  const key = keyOf();
  const behaviour: Behaviour = { isFull: false, diesAfter: Infinity, isMute: false };
  const clients = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [key.text] }, (client) => {
    clients.add(client);
    (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true); // the types miss it
    client.on('close', () => clients.delete(client));
    client.on('error', () => undefined);
    client.on('authentication', (asked) => {
      if (asked.method === 'password' && asked.username === 'office' && asked.password === 'secret')
        asked.accept();
      else asked.reject(['password']);
    });
    client.on('ready', () => {
      client.on('session', (accept) => {
        accept().on('sftp', (acceptSftp) => {
          serve(acceptSftp(), root, behaviour, () => client.end());
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    hostKey: key.print,
    behaviour,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const client of clients) client.end();
      }),
  };
}

interface Open {
  readonly file?: number;
  readonly path: string;
  isListed: boolean;
}

function serve(sftp: ssh2.SFTPWrapper, root: string, behaviour: Behaviour, die: () => void): void {
  const handles = new Map<number, Open>();
  let last = 0;
  let written = 0;
  const at = (path: string): string => join(root, join('/', path));
  const keep = (open: Open): Buffer => {
    handles.set(++last, open);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(last);
    return handle;
  };
  const of = (handle: Buffer): Open => {
    const found = handles.get(handle.readUInt32BE());
    if (!found) throw new Error('no handle');
    return found;
  };
  const work = (id: number, todo: () => void): void => {
    if (behaviour.isMute) return;
    try {
      todo();
    } catch (error) {
      const { code } = error as { code?: string };
      sftp.status(id, code === 'ENOENT' ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE);
    }
  };
  const attributes = (stat: ReturnType<typeof lstatSync>): ssh2.Attributes => {
    if (!stat) throw Object.assign(new Error('none'), { code: 'ENOENT' });
    const { mode, uid, gid, size, atimeMs, mtimeMs } = stat;
    return {
      ...{ mode: Number(mode), uid: Number(uid), gid: Number(gid), size: Number(size) },
      ...{ atime: Math.trunc(Number(atimeMs) / 1000), mtime: Math.trunc(Number(mtimeMs) / 1000) },
    };
  };
  sftp.on('OPEN', (id, name, flags) => {
    work(id, () => {
      const mode = flags & OPEN_MODE.WRITE ? 'w' : 'r';
      sftp.handle(id, keep({ file: openSync(at(name), mode), path: at(name), isListed: false }));
    });
  });
  sftp.on('WRITE', (id, handle, offset, data) => {
    work(id, () => {
      if (++written > behaviour.diesAfter) {
        die();
        return;
      }
      if (behaviour.isFull) throw new Error('no space');
      writeSync(of(handle).file ?? -1, data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    });
  });
  sftp.on('READ', (id, handle, offset, length) => {
    work(id, () => {
      const chunk = Buffer.alloc(Math.min(length, 32_768));
      const got = readSync(of(handle).file ?? -1, chunk, 0, chunk.length, offset);
      if (got === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, chunk.subarray(0, got));
    });
  });
  sftp.on('FSTAT', (id, handle) => {
    work(id, () => {
      sftp.attrs(id, attributes(fstatSync(of(handle).file ?? -1)));
    });
  });
  const state = (id: number, path: string): void => {
    work(id, () => {
      sftp.attrs(id, attributes(lstatSync(at(path))));
    });
  };
  sftp.on('STAT', state);
  sftp.on('LSTAT', state);
  const accept = (id: number): void => {
    sftp.status(id, STATUS_CODE.OK);
  };
  sftp.on('SETSTAT', accept);
  sftp.on('FSETSTAT', accept);
  sftp.on('OPENDIR', (id, path) => {
    work(id, () => {
      readdirSync(at(path));
      sftp.handle(id, keep({ path: at(path), isListed: false }));
    });
  });
  sftp.on('READDIR', (id, handle) => {
    work(id, () => {
      const open = of(handle);
      if (open.isListed) {
        sftp.status(id, STATUS_CODE.EOF);
        return;
      }
      open.isListed = true;
      const names = readdirSync(open.path).map((filename) => {
        const stat = lstatSync(join(open.path, filename));
        const longname = `${stat.isDirectory() ? 'd' : '-'}rw-r--r-- 1 office office ${stat.size} ${filename}`;
        return { filename, longname, attrs: attributes(stat) };
      });
      sftp.name(id, names);
    });
  });
  sftp.on('RENAME', (id, from, to) => {
    work(id, () => {
      linkSync(at(from), at(to)); // as OpenSSH does: a name that is taken is an error
      unlinkSync(at(from));
      sftp.status(id, STATUS_CODE.OK);
    });
  });
  sftp.on('REMOVE', (id, path) => {
    work(id, () => {
      unlinkSync(at(path));
      sftp.status(id, STATUS_CODE.OK);
    });
  });
  sftp.on('REALPATH', (id, path) => {
    work(id, () => {
      sftp.name(id, [{ filename: path, longname: path, attrs: attributes(lstatSync(root)) }]);
    });
  });
  sftp.on('CLOSE', (id, handle) => {
    work(id, () => {
      const { file } = of(handle);
      if (file !== undefined) closeSync(file);
      handles.delete(handle.readUInt32BE());
      sftp.status(id, STATUS_CODE.OK);
    });
  });
}
