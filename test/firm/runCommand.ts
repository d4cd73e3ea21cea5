import { spawn } from 'node:child_process';
import { compileCache } from '../server.ts';

/** How a command of the project ended, and what it wrote. */
export interface Ran {
  readonly code: number | null;
  readonly said: string;
  readonly error: string;
}

/** Runs src/command/NAME.ts as its npm script does. */
export async function runCommand(name: string, words: readonly string[], store: string): Promise<Ran> {
  const child = spawn(process.execPath, [`src/command/${name}.ts`, ...words], {
    cwd: new URL('../../', import.meta.url).pathname,
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, CLAIMWRIGHT_STORE: store },
  });
  let said = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said, error };
}
