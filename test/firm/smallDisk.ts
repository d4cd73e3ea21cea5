import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeSync, openSync, closeSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLong } from '../runs.ts';

/** A folder where a server finds no more room when a test says so. */
export interface SmallDisk {
  readonly folder: string;
  /** Commands of a shell that run before a server which is started while it is full. */
  readonly shell?: string;
  /** Leaves so many bytes to the server with this process id, if it runs. */
  fill(pid: number | undefined, left?: number): void;
  /** Gives all room back. */
  free(pid: number): void;
  remove(): void;
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'claimwright-disk-'));
const limit = (pid: number, bytes: string): void => {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
};

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // the next start has no limit
  }
};

/** What the server may write is limited by the size of its files: it needs no rights. */
function limitedFiles(): SmallDisk {
  const folder = newFolder();
  const journalBytes = (): number =>
    statSync(join(folder, 'claimwright.db-wal'), { throwIfNoEntry: false })?.size ?? 0;
  return {
    folder,
    shell: 'ulimit -S -f 64', // blocks of 512 bytes: just what SQLite needs to read the journal of a server that was killed
    fill: (pid, left) => {
      if (pid !== undefined) limit(pid, left === undefined ? '0' : String(journalBytes() + left));
    },
    free: (pid) => {
      if (runs(pid)) limit(pid, 'unlimited');
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A file system of its own. Only root may mount one, and not in every container. */
function mounted(): SmallDisk {
  const folder = newFolder();
  const ballast = join(folder, 'ballast');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'ignore' });
  return {
    folder,
    fill: (_pid, left = 0) => {
      const { bavail, bsize } = statfsSync(folder);
      const file = openSync(ballast, 'a');
      const block = Buffer.alloc(bsize);
      try {
        for (let taken = 0; taken + bsize <= bavail * bsize - left; taken += bsize) writeSync(file, block);
      } finally {
        closeSync(file);
      }
    },
    free: () => {
      rmSync(ballast, { force: true });
    },
    remove: () => {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function canMount(): boolean {
  try {
    mounted().remove();
    return true;
  } catch {
    return false;
  }
}

/** The ways to have no room: a limit, and in the long run a file system that is full where one can be mounted. */
export const smallDisks: readonly (readonly [name: string, open: () => SmallDisk])[] = [
  ['within a limit', limitedFiles],
  ...(isLong && canMount() ? [['on a file system of its own', mounted] as const] : []),
];
