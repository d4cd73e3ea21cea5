import { Connection } from '../connection.ts';
import { putBundle } from '../generate/bundle.ts';
import { practice } from '../generate/practice.ts';
import { record } from '../generate/record.ts';
import type { Running } from '../server.ts';

/** One stretch of an import. */
export interface Window {
  readonly resources: number;
  readonly seconds: number;
  readonly cpuSeconds: number; // server and database
  readonly memoryMb: number; // of the server at its end
  readonly databaseMb: number;
}

export interface Imported {
  readonly windows: readonly Window[];
  readonly jsonBytes: number; // of the resources as they are served, from the first patient on
}

interface Stretch {
  readonly from: number;
  readonly to: number; // exclusive
  readonly windows: number;
  readonly report?: (window: Window) => void;
}

const connectionCount = 8;
const metaBytes = '"meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00.000Z"},'.length;
let jsonBytes = 0; // of all that was sent so far

/** Puts the records of patients in, a transaction each, and before the first the practice. */
export async function importPatients(
  server: Running,
  { from, to, windows, report }: Stretch,
): Promise<Imported> {
  const connections = Array.from({ length: connectionCount }, () => new Connection(server.base));
  const post = async (connection: Connection, resources: ReturnType<typeof record>): Promise<void> => {
    const { status, body } = await connection.send('POST', '', putBundle(resources));
    if (status !== 200) throw new Error(`import: ${status} ${body.toString().slice(0, 1000)}`);
    for (const resource of resources) jsonBytes += JSON.stringify(resource).length + metaBytes;
  };
  const [first] = connections;
  if (first && from === 0) await post(first, practice());
  const made: Window[] = [];
  let next = from;
  for (let i = 1; i <= windows; i++) {
    const [start, until] = [next, from + Math.round(((to - from) * i) / windows)];
    const [began, cpu] = [performance.now(), server.cpuSeconds()];
    let resources = 0;
    await Promise.all(
      connections.map(async (connection) => {
        while (next < until) {
          const resourcesOf = record(next++);
          await post(connection, resourcesOf);
          resources += resourcesOf.length;
        }
      }),
    );
    if (start === until) continue;
    made.push({
      resources,
      seconds: (performance.now() - began) / 1000,
      cpuSeconds: server.cpuSeconds() - cpu,
      memoryMb: server.memoryMb(),
      databaseMb: server.databaseMb(),
    });
    report?.(made.at(-1) as Window);
  }
  for (const connection of connections) connection.close();
  return { windows: made, jsonBytes };
}
