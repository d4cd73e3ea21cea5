import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNodes, stopNode, type Node } from './nodes.ts';

/**
 * Keeps three nodes in a folder until the run of jest that wanted them is over: told by a file `end`, or gone without a
 * word. Says their URL, or why there are none, in a file.
 */
const [, , folder = '', runner = ''] = process.argv;

function say(name: 'url' | 'failed', text: string): void {
  writeFileSync(join(folder, `${name}.part`), text);
  renameSync(join(folder, `${name}.part`), join(folder, name));
}

const isOver = (): boolean => {
  if (existsSync(join(folder, 'end'))) return true;
  try {
    process.kill(Number(runner), 0);
    return false;
  } catch {
    return true;
  }
};

let nodes: readonly Node[] = [];
try {
  const started = await startNodes(folder);
  nodes = started.nodes;
  say('url', started.url);
} catch (error) {
  say('failed', error instanceof Error ? error.message : String(error));
}
while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 200));
await Promise.all(nodes.map((node) => stopNode(node)));
rmSync(folder, { recursive: true, force: true });
