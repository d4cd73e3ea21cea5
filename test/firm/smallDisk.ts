import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeSync, openSync, closeSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, of so many megabytes, that a test can fill. Only root may mount one. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all room but `left` bytes. */
  fill(left?: number): void;
  /** Gives the room back that fill() took. */
  free(): void;
  remove(): void;
}

export const canMount = process.platform === 'linux' && process.getuid?.() === 0;

export function smallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: (left = 0) => {
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
