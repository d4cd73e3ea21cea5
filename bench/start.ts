import { freshFolder, removeFolder, startServer } from './server.ts';

/** Time to /readyz on an empty and on an existing store, and idle memory. node bench/start.ts */
export async function start(): Promise<void> {
  const folder = freshFolder();
  const first = await startServer(folder, { CLAIMWRIGHT_LOG: 'error' });
  process.stdout.write(
    `start on an empty store, demo billed: ready after ${first.readyAfterMs.toFixed(0)} ms\n`,
  );
  await first.stop();
  for (let i = 0; i < 3; i++) {
    const again = await startServer(folder, { CLAIMWRIGHT_LOG: 'error' });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    process.stdout.write(
      `start on an existing store: ready after ${again.readyAfterMs.toFixed(0)} ms, ` +
        `idle memory ${again.memoryMb().toFixed(0)} MB\n`,
    );
    await again.stop();
  }
  removeFolder(folder);
}

if (import.meta.main) await start();
