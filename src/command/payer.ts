import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Resource } from '@medplum/fhirtypes';
import { ConfigError, readConfig, type Config } from '../config.ts';
import { dateInZone } from '../datatypes/date.ts';
import { openBooks } from '../payer/x12/books.ts';
import type { Clock } from '../payer/x12/envelope.ts';
import { readHoldings, type Holdings } from '../payer/x12/house.ts';
import { openTransport } from '../transport/openTransport.ts';
import { TransportFault, type Way } from '../transport/transport.ts';
import { readPayerArguments, UsageError, type PayerOptions } from './payer/arguments.ts';
import { openShelf } from './payer/shelf.ts';
import { turn, type Payer } from './payer/turn.ts';

/** Payers, plans and members of the demo practice, as their payers hold them. */
const demo = ['01-organization', '06-insurance-plans', '07-enrollments'].map(
  (name) => new URL(`../../seed/${name}.json`, import.meta.url),
);

/** Reads what payers hold from Bundles, or single resources, in files. */
export function holdingsIn(files: readonly (string | URL)[] = demo): Holdings {
  const resources = files.flatMap((file): Resource[] => {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Resource;
    return read.resourceType === 'Bundle'
      ? (read.entry ?? []).flatMap(({ resource }) => resource ?? [])
      : [read];
  });
  return readHoldings(resources);
}

/** The folders of the practice's Endpoint from the other end: what it puts out comes in here. */
export const payerWay = ({ address, hostKeys, secret }: PayerOptions): Way => ({
  kind: address.startsWith('sftp:') ? 'sftp' : 'directory',
  address,
  folders: { in: 'out', out: 'in', archive: 'payer-archive', failed: 'payer-failed' },
  hostKeys,
  ...(secret === undefined ? {} : { secret }),
  ...{ sender: '', receiver: '', pickup: [] },
});

function clockOf({ timeZone }: Config, date: string | undefined): () => Clock {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return () => {
    const now = new Date();
    return {
      on: date ?? dateInZone(now.toISOString(), timeZone),
      time: time.format(now).replace(':', ''),
    };
  };
}

/** Looks again and again until the process is stopped; once where that was asked for. */
async function run(): Promise<void> {
  const options = readPayerArguments(process.argv.slice(2));
  const config = readConfig(process.env);
  const holdings = holdingsIn(options.holdings.length > 0 ? options.holdings : undefined);
  const shelf = openShelf(options.books, () => openBooks(holdings));
  const failed = (error: unknown): void => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  };
  const of: Omit<Payer, 'transport'> = {
    ...{ shelf, houses: holdings.houses, daysToPay: options.days, failed },
    clock: clockOf(config, options.date),
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = (): void => {
    stopping.abort();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  do {
    await look(of, options, config, failed);
    if (!options.once) await setTimeout(options.seconds * 1000, undefined, { signal }).catch(() => undefined);
  } while (!options.once && !isAborted(signal));
}

/** Asked anew each time: it changes from outside. */
const isAborted = ({ aborted }: AbortSignal): boolean => aborted;

/** One look; what cannot be reached now is told, and looked at again the next time. */
async function look(
  of: Omit<Payer, 'transport'>,
  options: PayerOptions,
  config: Config,
  failed: (error: unknown) => void,
): Promise<void> {
  try {
    const transport = await openTransport(payerWay(options), config.transport ?? { hosts: [] });
    try {
      const { taken, sent } = await turn({ ...of, transport });
      for (const name of taken) process.stdout.write(`took in ${name}\n`);
      for (const name of sent) process.stdout.write(`put out ${name}\n`);
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (!(error instanceof TransportFault) || options.once) throw error;
    failed(error);
  }
}

if (import.meta.main) {
  await run().catch((error: unknown) => {
    const known =
      error instanceof ConfigError || error instanceof UsageError || error instanceof TransportFault;
    const text = known ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text ?? ''}\n`);
    process.exitCode = 1;
  });
}
