import type { Stored } from '../../store/store.ts';
import type { PageResult, PageTask } from './pageOfRows.ts';
import { TaskThread } from './taskThread.ts';

/** An expression that stays at one resource longer than this is stopped. Milliseconds; a slow machine has its time. */
const stuckAfter = 5_000;
const megabytes = 256;

/** One thread makes the rows of all views: a server has other things to do. */
const thread = new TaskThread(new URL('rowsWorker.ts', import.meta.url), { stuckAfter, megabytes });

type Asked = Omit<PageTask, 'bytes' | 'ends'>;

/** The rows of some resources as text, made in another thread. */
export async function rowsApart(
  asked: Asked,
  resources: readonly Pick<Stored, 'json'>[],
): Promise<PageResult> {
  const bytes = new Uint8Array(resources.reduce((total, { json }) => total + json.length, 0));
  const ends: number[] = [];
  let end = 0;
  for (const { json } of resources) {
    bytes.set(json, end);
    end += json.length;
    ends.push(end);
  }
  const task: PageTask = { ...asked, bytes, ends };
  return (await thread.run(task, [bytes.buffer])) as PageResult;
}
