import { ConfigError, readConfig, type Config } from '../config.ts';
import { readArguments, UsageError, type LoadOptions } from './load/arguments.ts';
import { billAll } from './load/billAll.ts';
import { localClient, type Client } from './load/client.ts';
import { ledgerTotals } from './load/ledgerTotals.ts';
import { loadParts } from './load/loadParts.ts';
import { progressOn, type Progress } from './load/progress.ts';
import { remoteClient, ServerGone } from './load/remoteClient.ts';
import { billReport, isComplete, loadReport } from './load/report.ts';
import { openContext } from './openContext.ts';
import { seed } from './seed.ts';

/** Where the command writes: its report, and how far it is. */
export interface LoadOutput {
  readonly print: (text: string) => void;
  readonly progress: Progress;
}

/** Brings files in and, where asked, bills what they chart; true when all went well. */
export async function load(
  client: Client,
  options: LoadOptions,
  { print, progress }: LoadOutput,
): Promise<boolean> {
  const loaded = await loadParts(client, options, progress);
  print(loadReport(loaded));
  if (!options.bill) return loaded.faults.length === 0;
  const billing = await billAll(client, loaded.patients, { asOf: options.asOf, progress });
  const ledger = await ledgerTotals(client, loaded.patients);
  print(billReport(billing, ledger));
  return isComplete(loaded, billing, ledger);
}

/** Runs the command into the store of the settings, the demo first where it is empty, or into a running server. */
async function run(options: LoadOptions, config: Config): Promise<boolean> {
  const output: LoadOutput = {
    print: (text) => process.stdout.write(`${text}\n`),
    progress: progressOn(process.stderr),
  };
  if (options.to !== undefined) {
    try {
      return await load(remoteClient(options.to, config.token), options, output);
    } finally {
      output.progress.end(); // the bar must not stay in the line of what went wrong
    }
  }
  const context = await openContext(config);
  try {
    if (config.seed !== 'none' && (await seed(context, config.seed)) === 'loaded')
      output.print(`The ${config.seed} practice is loaded.`);
    return await load(localClient(context), options, output);
  } finally {
    await context.store.close();
  }
}

if (import.meta.main) {
  try {
    process.exitCode = (await run(readArguments(process.argv.slice(2)), readConfig(process.env))) ? 0 : 1;
  } catch (error) {
    const known = [UsageError, ConfigError, ServerGone].some((kind) => error instanceof kind);
    process.stderr.write(
      `${known && error instanceof Error ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 2;
  }
}
