import { Connection } from './connection.ts';
import { putBundle } from './generate/bundle.ts';
import { practice } from './generate/practice.ts';
import { record } from './generate/record.ts';
import type { Running } from './server.ts';

/** Puts the practice and the records of patients `from` to `to` (exclusive) in, a transaction each. */
export async function loadPatients(server: Running, from: number, to: number): Promise<void> {
  const connections = Array.from({ length: 8 }, () => new Connection(server.base));
  const post = async (connection: Connection, text: string): Promise<void> => {
    const { status, body } = await connection.send('POST', '', text);
    if (status !== 200) throw new Error(`load: ${status} ${body.toString().slice(0, 1000)}`);
  };
  const [first] = connections;
  if (first && from === 0) await post(first, putBundle(practice()));
  let next = from;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < to) await post(connection, putBundle(record(next++)));
      connection.close();
    }),
  );
}
