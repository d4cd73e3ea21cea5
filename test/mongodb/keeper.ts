import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { electSlowly, startNode, startNodes, stopNode, type Node } from './nodes.ts';

/**
 * Keeps the nodes of a replica set in a folder until whoever wanted them is done: said by a file `end`, or gone without a word. Says
 * their URL, or why there are none, and the process ids by port, in files. A node that was killed comes back.
 */
const [, , folder = '', wantedBy = '', pace, count = '3'] = process.argv;

function say(name: 'url' | 'failed' | 'nodes', text: string): void {
  writeFileSync(join(folder, `${name}.part`), text);
  renameSync(join(folder, `${name}.part`), join(folder, name));
}

const isDone = (): boolean => {
  if (existsSync(join(folder, 'end'))) return true;
  try {
    process.kill(Number(wantedBy), 0);
    return false;
  } catch {
    return true;
  }
};
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const nodes: Node[] = [];
const sayNodes = (): void => {
  say('nodes', JSON.stringify(Object.fromEntries(nodes.map(({ port, child }) => [port, child.pid]))));
};
try {
  const url = await startNodes(folder, nodes, Number(count));
  if (pace !== 'quick') await electSlowly(url);
  sayNodes();
  say('url', url);
} catch (error) {
  say('failed', error instanceof Error ? error.message : String(error));
}
while (!isDone()) {
  for (const node of nodes.filter(({ child }) => child.exitCode !== null || child.signalCode !== null)) {
    await pause(3000);
    node.child = startNode(node.folder, node.port);
    sayNodes();
  }
  await pause(200);
}
await Promise.all(nodes.map((node) => stopNode(node)));
rmSync(folder, { recursive: true, force: true });
