import { readConfig, type Config } from '../config.ts';
import { openContext } from './openContext.ts';

/**
 * Makes every index entry of a store anew, a type at a time; answers how many resources there are. The parameters of
 * packages and of stored SearchParameters are among what is indexed.
 */
export async function reindex(config: Config): Promise<number> {
  const { store, defined } = await openContext(config);
  try {
    await defined?.built;
    return await store.reindex();
  } finally {
    await store.close();
  }
}

if (import.meta.main) {
  try {
    process.stdout.write(`Indexed ${await reindex(readConfig(process.env))} resources\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
