import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Throws when a file is not the one that was pinned: nothing of it is run. */
export async function refuseOther(file: string, pinned: string): Promise<void> {
  const found = await sha256(file);
  if (found !== pinned) throw new Error(`what was downloaded has SHA-256 ${found}, not the pinned ${pinned}`);
}
