import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100; // Linux tells processor time in hundredths of a second, whatever the kernel's own clock

/** User and system time that a process has used, in seconds. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory of a process in MB. */
export const memoryMbOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** The mongods of this machine that a store URL names, by the port on their command line; none for SQLite. */
export function mongodsAt(store: string): number[] {
  if (!store.startsWith('mongodb')) return [];
  const ports = [...store.matchAll(/:(\d{2,5})/g)].map(([, port]) => port);
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = commandOf(pid);
      const port = words[words.indexOf('--port') + 1];
      return /(?:^|\/)mongod$/.test(words[0] ?? '') && ports.includes(port);
    });
  if (found.length < ports.length)
    throw new Error('a mongod of the store runs elsewhere: its time cannot be read');
  return found;
}

/** Where the mongods of a store keep their files. */
export const dataFoldersAt = (store: string): string[] =>
  mongodsAt(store).flatMap((pid) => {
    const words = commandOf(pid);
    return words[words.indexOf('--dbpath') + 1] ?? [];
  });

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // it has ended meanwhile
  }
}
