import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Bundle } from '@medplum/fhirtypes';
import { Connection } from '../connection.ts';
import { measure } from '../measure.ts';
import type { Running } from '../server.ts';
import type { Row } from './row.ts';

const rounds = 3; // every life that often, each time as another patient

/** Synthea's transactions as they are; hospitals and practitioners go before, once and unmeasured. */
export function synthea(folder: string): Row {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json.gz'));
  const isShared = (name: string): boolean => /^(?:hospital|practitioner)Information/.test(name);
  const read = (name: string): Buffer => gunzipSync(readFileSync(join(folder, name)));
  const lives = names
    .filter((name) => !isShared(name))
    .map(read)
    .map((text) => ({ text, size: (JSON.parse(text.toString()) as Bundle).entry?.length ?? 0 }));
  const sizes = lives.map(({ size }) => size);
  let prepared: Running | undefined;
  return {
    name: 'synthea',
    what: `Synthea bundles (${lives.length}, ${Math.min(...sizes)}–${Math.max(...sizes)} entries), a resource`,
    hapi: '855/s, 2.2 ms',
    medplum: '76/s, 19 ms',
    betterCpu: 2.2,
    goalCpu: 0.3,
    async run(server, load) {
      if (prepared !== server) await prepare(server, names.filter(isShared).map(read));
      prepared = server;
      return measure(server, { ...load, turns: lives.length * rounds }, () => async (ask, turn) => {
        const { text, size } = lives[turn % lives.length] ?? { text: '', size: 0 };
        await ask('POST', '', text);
        return size;
      });
    },
  };
}

async function prepare(server: Running, shared: readonly Buffer[]): Promise<void> {
  const connection = new Connection(server.base);
  for (const text of shared) {
    const { status, body } = await connection.send('POST', '', text);
    if (status !== 200) throw new Error(`hospitals or practitioners: ${status} ${body.toString()}`);
  }
  connection.close();
}
